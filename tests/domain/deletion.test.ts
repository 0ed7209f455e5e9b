import assert from "node:assert/strict";
import { parse } from "../../domain/refusal.ts";
import { DeleteAccount } from "../../schema/wire/privacy.ts";
import { code } from "../support/accounts-world.ts";
import { type Member, PrivacyWorld } from "../support/privacy-world.ts";

const DAY_MS = 86_400_000;

describe("leaving", function () {
  this.timeout(30_000);
  let world: PrivacyWorld;
  before(async () => {
    world = await PrivacyWorld.open();
  });
  after(() => world.close());

  const row = async ({ userId }: Member) => {
    const [user] = await world.sql("select status, name, deletion_due_at from users where id = $1", [userId]);
    return user;
  };
  const letters = (who: Member) => world.outbox.sent.filter(({ message }) => message.to === who.email);

  it("[LV1] needs the password, whose guesses count with those of signing in", async () => {
    const ada = await world.member();
    for (let guess = 0; guess < 5; guess++) {
      await assert.rejects(
        world.ask(ada, false, "Wrong-horse-1", `192.0.2.${guess}`),
        code("AUTH_INVALID_CREDENTIALS"),
      );
    }
    await assert.rejects(world.ask(ada), code("AUTH_ACCOUNT_LOCKED"));
    await assert.rejects(world.world.login({ email: ada.email }), code("AUTH_ACCOUNT_LOCKED"));
    assert.equal((await row(ada))?.["deletion_due_at"], null);
    assert.throws(() => parse(DeleteAccount, {}), code("VALIDATION_ERROR"));
  });

  it("[LV2] signs out everywhere, ends the pair, withdraws what was open, and says until when one can come back", async () => {
    const { ada, bea, pairId } = await world.twins();
    const elsewhere = await world.world.login({ email: ada.email });
    const before = world.news.length;
    const ended = world.world.ended.length;
    const leaving = await world.ask(ada);
    const until = new Date(world.world.clock.now() + 14 * DAY_MS).toISOString();
    assert.equal(leaving.deletionDueAt, until);
    for (const token of [ada.accessToken, elsewhere.tokens.accessToken])
      await assert.rejects(world.world.sessions.authenticate(token), code("AUTH_TOKEN_REVOKED"));
    assert.equal(world.world.ended.length - ended, 2);
    assert.deepEqual(
      world.news.slice(before).map((news) => ("reason" in news ? [news.what, news.pairId, news.reason] : news.what)),
      [["pair.closed", pairId, "unpaired"]],
    );
    assert.equal(await world.pairing.activePair(bea.userId), null);
    const letter = letters(ada).at(-1)?.message.letter;
    assert.deepEqual(letter, { template: "account_deletion", name: "Ada", until });
    const cara = await world.member("Cara");
    await world.pairUp(bea, cara);
    assert.ok(await world.pairing.activePair(bea.userId), "the twin is free");
  });

  it("[LV2] a code that was given out before counts no more", async () => {
    const [ada, bea] = [await world.member(), await world.member("Bea")];
    const { code: given } = await world.pairing.newCode(ada.caller);
    await world.ask(ada);
    await assert.rejects(world.pairing.redeem(bea.caller, given), code("GONE"));
  });

  it("[LV3] asked twice, or by two phones at once, it is asked once: one date and one mail", async () => {
    const { ada, bea } = await world.twins();
    const asked = await Promise.all([world.ask(ada), world.ask(ada, true)]);
    world.world.clock.advance(60_000);
    asked.push(await world.ask(ada));
    assert.equal(new Set(asked.map(({ deletionDueAt }) => deletionDueAt)).size, 1);
    assert.equal(letters(ada).length, 1);
    assert.equal(await world.pairing.activePair(bea.userId), null);
  });

  it("[LV3] two twins who leave at the same moment both leave", async () => {
    const { ada, bea } = await world.twins();
    await Promise.all([world.ask(ada), world.ask(bea)]);
    for (const who of [ada, bea]) assert.ok((await row(who))?.["deletion_due_at"]);
  });

  it("[LV4] comes back by signing in, as if nothing had been, but for the pair", async () => {
    const { ada, bea } = await world.twins();
    await world.ask(ada, true);
    world.world.clock.advance(13 * DAY_MS);
    await world.comeBack(ada);
    await world.comeBack(ada);
    world.world.clock.advance(2 * DAY_MS);
    await world.erasure.sweep();
    await world.erasure.erase(ada.userId);
    assert.deepEqual(await row(ada), { status: "active", name: "Ada", deletion_due_at: null });
    assert.equal(await world.pairing.activePair(ada.userId), null);
    await world.pairUp(ada, bea);
    const audit = await world.sql("select action from audit_log where subject_id = $1 order by id", [ada.userId]);
    assert.deepEqual(
      audit.map(({ action }) => action),
      ["deletion.asked", "deletion.undone"],
    );
  });

  it("[LV5] until then they are themselves to those who knew them, and their address is theirs", async () => {
    const { ada, bea } = await world.twins();
    await world.ask(ada);
    const [pair] = await world.pairing.former(bea.userId);
    assert.equal(pair?.twin.name, "Ada");
    await assert.rejects(world.world.register({ email: ada.email }), code("AUTH_EMAIL_ALREADY_EXISTS"));
    await world.erasure.sweep();
    await world.erasure.erase(ada.userId);
    assert.equal((await row(ada))?.["status"], "active");
  });
});
