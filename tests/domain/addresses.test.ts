import assert from "node:assert/strict";
import { parse } from "../../domain/refusal.ts";
import { ChangeEmail, ChangePassword, NameAddress, ResetPassword, VerifyEmail } from "../../schema/wire/accounts.ts";
import type { Letter } from "../../schema/wire/letters.ts";
import { AccountsWorld, code, PASSWORD } from "../support/accounts-world.ts";

const HOUR_MS = 60 * 60_000;
const from = { ip: "192.0.2.1" };

describe("addresses and passwords", () => {
  let world: AccountsWorld;
  before(async () => {
    world = await AccountsWorld.open();
  });
  after(() => world.close());
  beforeEach(() => {
    world.outbox.sent.length = 0;
    world.jobs.jobs.length = 0;
  });

  /** What a worker does a moment later. */
  async function mailed(): Promise<void> {
    for (const { job } of world.jobs.jobs.splice(0)) {
      if (job.what === "mail.link") await world.addresses.mailLinkTo(job);
      if (job.what === "mail.change") await world.addresses.mailChangeTo(job);
    }
  }

  function newest(address: string): Letter {
    const sent = world.outbox.newestTo(address);
    assert.ok(sent && sent.channel === "email", `mail to ${address}`);
    return sent.letter;
  }

  function tokenTo(address: string): string {
    const letter = newest(address);
    assert.ok("link" in letter);
    return new URL(letter.link).searchParams.get("token") ?? "";
  }

  const verify = (token: string) => world.addresses.verify(parse(VerifyEmail, { token }).token);
  const forgot = (email: string) => world.addresses.forgot(parse(NameAddress, { email }).email);
  const resend = (email: string) => world.addresses.resend(parse(NameAddress, { email }).email);
  const reset = (token: string, password: string) => world.passwords.reset(parse(ResetPassword, { token, password }));
  const isVerified = async (userId: string) =>
    (await world.sql("select email_verified from users where id = $1", [userId]))[0]?.["email_verified"];

  it("[EV1] whoever signs up is mailed a link, and pressing it twice is pressing it once", async () => {
    const { user } = await world.register();
    assert.equal(newest(user.email).template, "verify_address");
    const token = tokenTo(user.email);
    assert.equal(await isVerified(user.id), false);
    await verify(token);
    await verify(token);
    assert.equal(await isVerified(user.id), true);
  });

  it("[EV1] a token that was copied with the line break behind it is the same token", async () => {
    const { user } = await world.register();
    await verify(` ${tokenTo(user.email)}\n`);
    assert.equal(await isVerified(user.id), true);
  });

  it("[EV1] a token is kept nowhere: only its hash is", async () => {
    const { user } = await world.register();
    const rows = await world.sql("select * from one_time_links where user_id = $1", [user.id]);
    assert.equal(rows.length, 1);
    assert.ok(!JSON.stringify(rows).includes(tokenTo(user.email)));
  });

  it("[EV2] a link nobody made, or too old, says so and changes nothing", async () => {
    const { user } = await world.register();
    const token = tokenTo(user.email);
    await assert.rejects(verify("x".repeat(43)), code("NOT_FOUND"));
    world.clock.advance(48 * HOUR_MS + 1);
    await assert.rejects(verify(token), code("GONE"));
    assert.equal(await isVerified(user.id), false);
  });

  it("[EV3] asking again costs the same whether or not anybody has the address: one job, sealed", async () => {
    const { user } = await world.register();
    for (const email of [user.email, "nobody@example.org"]) {
      world.jobs.jobs.length = 0;
      await resend(email);
      await forgot(email);
      assert.deepEqual(
        world.jobs.jobs.map(({ job }) => job.what),
        ["mail.link", "mail.link"],
      );
      assert.ok(!JSON.stringify(world.jobs.jobs).includes(email));
    }
    world.outbox.sent.length = 0;
    await mailed();
    assert.equal(world.outbox.sent.length, 0, "nobody is mailed at an address that nobody has");
  });

  it("[EV3] a verified address is not asked again, and mail goes to the address as it was signed up with", async () => {
    const { user } = await world.register({ email: "Plus.Sign+twin@Example.org" });
    await resend("plus.sign+TWIN@example.ORG");
    await mailed();
    const [, again] = world.outbox.sent;
    assert.equal(again?.message.to, "Plus.Sign+twin@Example.org");
    await verify(tokenTo(user.email));
    world.outbox.sent.length = 0;
    await resend(user.email);
    await mailed();
    assert.equal(world.outbox.sent.length, 0);
  });

  it("[EV4] three mails an hour an address, each kind for itself; signing up does not count", async () => {
    const { user } = await world.register();
    for (let n = 0; n < 3; n++) await resend(user.email);
    await assert.rejects(resend(user.email.toUpperCase()), code("RATE_LIMIT_EXCEEDED"));
    for (let n = 0; n < 3; n++) await forgot(user.email);
    await assert.rejects(forgot(user.email), code("RATE_LIMIT_EXCEEDED"));
    for (let n = 0; n < 3; n++) await forgot("nobody-at-all@example.org");
    await assert.rejects(forgot("nobody-at-all@example.org"), code("RATE_LIMIT_EXCEEDED"));
  });

  it("[PW1] a mailed link sets a new password once, ends every session and proves the address", async () => {
    const { user, tokens } = await world.register();
    const caller = await world.callerOf({ tokens });
    await forgot(user.email);
    await mailed();
    const token = tokenTo(user.email);
    await reset(token, "Other-horse-2");
    await assert.rejects(world.sessions.authenticate(tokens.accessToken), code("AUTH_TOKEN_REVOKED"));
    assert.ok(world.ended.includes(caller.sessionId));
    assert.equal(newest(user.email).template, "password_changed");
    assert.equal(await isVerified(user.id), true);
    await assert.rejects(reset(token, "Third-horse-3"), code("NOT_FOUND"));
    await assert.rejects(world.login({ email: user.email }), code("AUTH_INVALID_CREDENTIALS"));
    await world.login({ email: user.email, password: "Other-horse-2" });
  });

  it("[PW1] a new link takes the place of the last, and both are over in an hour", async () => {
    const { user } = await world.register();
    await forgot(user.email);
    await mailed();
    const first = tokenTo(user.email);
    await forgot(user.email);
    await mailed();
    const second = tokenTo(user.email);
    await assert.rejects(reset(first, "Other-horse-2"), code("NOT_FOUND"));
    world.clock.advance(HOUR_MS + 1);
    await assert.rejects(reset(second, "Other-horse-2"), code("GONE"));
  });

  it("[PW1] of two links that are mailed at once, one is good", async () => {
    const { user } = await world.register();
    await forgot(user.email);
    await forgot(user.email);
    const both = world.jobs.jobs.splice(0).map(({ job }) => job);
    await world.whileHeld("users", user.id, 2, () =>
      Promise.all(both.map((job) => job.what === "mail.link" && world.addresses.mailLinkTo(job))),
    );
    const rows = await world.sql("select from one_time_links where user_id = $1 and purpose = 'reset_password'", [
      user.id,
    ]);
    assert.equal(rows.length, 1);
    await reset(tokenTo(user.email), "Other-horse-2");
  });

  it("[PW1] two who press at once set one password", async () => {
    const { user } = await world.register();
    await forgot(user.email);
    await mailed();
    const token = tokenTo(user.email);
    const tries = ["Other-horse-2", "Third-horse-3"].map((password) => reset(token, password));
    const done = (await Promise.allSettled(tries)).filter(({ status }) => status === "fulfilled");
    assert.equal(done.length, 1);
  });

  it("[PW2] a link to confirm an address sets no password, and one to set a password confirms none by itself", async () => {
    const { user } = await world.register();
    await assert.rejects(reset(tokenTo(user.email), "Other-horse-2"), code("NOT_FOUND"));
    await forgot(user.email);
    await mailed();
    await assert.rejects(verify(tokenTo(user.email)), code("NOT_FOUND"));
  });

  it("[PW3] after too many guesses a mailed link opens the lock", async () => {
    const { user } = await world.register();
    for (let n = 0; n < 5; n++)
      await assert.rejects(world.login({ email: user.email, password: "Wrong-horse-9" }, `198.51.100.${n}`));
    await assert.rejects(world.login({ email: user.email }, "198.51.100.9"), code("AUTH_ACCOUNT_LOCKED"));
    await forgot(user.email);
    await mailed();
    await reset(tokenTo(user.email), "Other-horse-2");
    await world.login({ email: user.email, password: "Other-horse-2" }, "198.51.100.9");
  });

  it("[PW4] who knows the password changes it, in whatever form a keyboard writes it, and only this phone stays", async () => {
    const { user, tokens } = await world.register({ password: "P\u00e4sswort-1" });
    const caller = await world.callerOf({ tokens });
    const other = await world.login({ email: user.email, password: "Pa\u0308sswort-1" });
    const change = (body: object) => world.passwords.change(caller, parse(ChangePassword, body), from);
    await assert.rejects(
      change({ currentPassword: "Wrong-horse-9", newPassword: "Other-horse-2" }),
      code("AUTH_INVALID_CREDENTIALS"),
    );
    await assert.rejects(
      change({ currentPassword: "P\u00e4sswort-1", newPassword: "Pa\u0308sswort-1" }),
      code("VALIDATION_ERROR"),
    );
    await change({ currentPassword: "Pa\u0308sswort-1", newPassword: "Other-horse-2" });
    await world.sessions.authenticate(tokens.accessToken);
    await assert.rejects(world.sessions.authenticate(other.tokens.accessToken), code("AUTH_TOKEN_REVOKED"));
    assert.equal(newest(user.email).template, "password_changed");
  });

  describe("another address", () => {
    const change = async (of: { tokens: { accessToken: string } }, email: string, password = PASSWORD) =>
      world.addresses.change(await world.callerOf(of), parse(ChangeEmail, { email, password }), from);

    it("[EV5] counts once the new one confirms, and the old one is told", async () => {
      const ada = await world.register();
      await change(ada, "new-ada@example.org");
      await mailed();
      const token = tokenTo("new-ada@example.org");
      assert.equal((await world.accounts.me(await world.callerOf(ada))).email, ada.user.email);
      await verify(token);
      const { email, emailVerified } = await world.accounts.me(await world.callerOf(ada));
      assert.deepEqual([email, emailVerified], ["new-ada@example.org", true]);
      assert.equal(newest(ada.user.email).template, "address_changed");
      await verify(token);
    });

    it("[EV5] is told nobody to be somebody else's: no mail goes there, and the answer is the same", async () => {
      const [ada, bea] = [await world.register(), await world.register()];
      world.outbox.sent.length = 0;
      await change(ada, bea.user.email);
      await mailed();
      assert.equal(world.outbox.sent.length, 0);
    });

    it("[EV5] taken by somebody quicker, it stays theirs", async () => {
      const ada = await world.register();
      await change(ada, "wanted@example.org");
      await mailed();
      const token = tokenTo("wanted@example.org");
      await world.register({ email: "wanted@example.org" });
      await assert.rejects(verify(token), code("AUTH_EMAIL_ALREADY_EXISTS"));
      assert.equal((await world.accounts.me(await world.callerOf(ada))).email, ada.user.email);
    });

    it("[EV5] asked for by who had the password before, it counts no more once there is another", async () => {
      const ada = await world.register();
      await change(ada, "thief-1@example.org");
      await mailed();
      const early = tokenTo("thief-1@example.org");
      await change(ada, "thief-2@example.org");
      const late = world.jobs.jobs.splice(0);
      await forgot(ada.user.email);
      await mailed();
      await reset(tokenTo(ada.user.email), "Other-horse-2");
      await assert.rejects(verify(early), code("NOT_FOUND"));
      world.jobs.jobs.push(...late);
      await mailed();
      assert.equal(world.outbox.newestTo("thief-2@example.org"), undefined, "nor does what was still under way");
      const back = await world.login({ email: ada.user.email, password: "Other-horse-2" });
      await change(back, "ada-again@example.org", "Other-horse-2");
      await mailed();
      const mine = tokenTo("ada-again@example.org");
      const body = { currentPassword: "Other-horse-2", newPassword: "Third-horse-3" };
      await world.passwords.change(await world.callerOf(back), parse(ChangePassword, body), from);
      await assert.rejects(verify(mine), code("NOT_FOUND"));
    });

    it("[EV5] is asked for ten times an hour at most, by whoever it is, so that nobody mails strangers through us", async () => {
      const ada = await world.register();
      for (let n = 0; n < 10; n++) await change(ada, `stranger-${n}@example.org`);
      await assert.rejects(change(ada, "stranger-10@example.org"), code("RATE_LIMIT_EXCEEDED"));
      await change(await world.register(), "stranger-10@example.org");
    });

    it("[EV5] needs the password, and a wrong one counts as a guess", async () => {
      const ada = await world.register();
      for (let n = 0; n < 5; n++)
        await assert.rejects(change(ada, "x@example.org", "Wrong-horse-9"), code("AUTH_INVALID_CREDENTIALS"));
      await assert.rejects(change(ada, "x@example.org"), code("AUTH_ACCOUNT_LOCKED"));
    });
  });
});
