import assert from "node:assert/strict";
import type { TokensView } from "../../schema/wire/accounts.ts";
import { AccountsWorld, code } from "../support/accounts-world.ts";

const DAY_MS = 86_400_000;

describe("sessions", () => {
  let world: AccountsWorld;
  before(async () => {
    world = await AccountsWorld.open();
  });
  after(() => world.close());
  beforeEach(() => world.ended.splice(0));

  const refresh = (refreshToken: string, deviceId?: string) => world.sessions.refresh({ refreshToken, deviceId });
  const sidOf = async (tokens: TokensView) => (await world.callerOf({ tokens })).sessionId;

  it("[SE1] hands out tokens as the contract has them", async () => {
    const { tokens } = await world.register();
    const now = world.clock.now();
    assert.deepEqual(
      { ...tokens, accessToken: "", refreshToken: "" },
      {
        accessToken: "",
        refreshToken: "",
        tokenType: "Bearer",
        expiresIn: 3600,
        accessTokenExpires: new Date(now + 3_600_000).toISOString(),
        refreshTokenExpires: new Date(now + 30 * DAY_MS).toISOString(),
      },
    );
    assert.match(tokens.refreshToken, /^[A-Za-z0-9_-]{43}$/);
  });

  it("[SE2] stores no refresh token, and nothing that one could be made of", async () => {
    const { tokens } = await world.register();
    const next = await refresh(tokens.refreshToken);
    const stored = JSON.stringify(await world.sql("select * from refresh_tokens"));
    for (const secret of [tokens.refreshToken, next.refreshToken, next.accessToken])
      assert.ok(!stored.includes(secret));
  });

  it("[SE3] a refresh token is good for one use, and its successor for the next", async () => {
    const { tokens } = await world.register();
    const second = await refresh(tokens.refreshToken);
    const third = await refresh(second.refreshToken);
    assert.equal(new Set([tokens, second, third].map(({ refreshToken }) => refreshToken)).size, 3);
    assert.equal(await sidOf(third), await sidOf(tokens));
  });

  it("[SE4] an answer that was lost is given again, the very same, for ten seconds to the same device", async () => {
    const { tokens } = await world.register({ deviceId: "phone" });
    const first = await refresh(tokens.refreshToken, "phone");
    world.clock.advance(9_999);
    assert.deepEqual(await refresh(tokens.refreshToken, "phone"), first);
    assert.deepEqual(await refresh(tokens.refreshToken), first, "who does not say which device is the session's own");
    assert.deepEqual(world.ended, []);
  });

  it("[SE4] on another node as well", async () => {
    const { tokens } = await world.register();
    const first = await refresh(tokens.refreshToken);
    assert.deepEqual(await world.node().refresh({ refreshToken: tokens.refreshToken }), first);
  });

  it("[SE3] a token used again after ten seconds ends its whole family", async () => {
    const { tokens } = await world.register();
    const next = await refresh(tokens.refreshToken);
    const sessionId = await sidOf(next);
    world.clock.advance(10_000);
    await assert.rejects(refresh(tokens.refreshToken), code("AUTH_TOKEN_REVOKED"));
    assert.deepEqual(world.ended, [sessionId]);
    await assert.rejects(refresh(next.refreshToken), code("AUTH_TOKEN_REVOKED"));
    await assert.rejects(world.callerOf({ tokens: next }), code("AUTH_TOKEN_REVOKED"));
  });

  it("[SE3] a token used again by another device ends the family at once", async () => {
    for (const [own, other] of [
      ["phone", "thief"],
      [null, "thief"],
    ]) {
      const { tokens } = await world.register({ deviceId: own });
      const next = await refresh(tokens.refreshToken);
      await assert.rejects(refresh(tokens.refreshToken, other ?? undefined), code("AUTH_TOKEN_REVOKED"));
      await assert.rejects(refresh(next.refreshToken), code("AUTH_TOKEN_REVOKED"));
    }
  });

  it("[SE3] every earlier token of the family is recognised, not only the last", async () => {
    const { tokens } = await world.register();
    let { refreshToken } = tokens;
    for (let turn = 0; turn < 3; turn++) {
      world.clock.advance(DAY_MS);
      ({ refreshToken } = await refresh(refreshToken));
    }
    await assert.rejects(refresh(tokens.refreshToken), code("AUTH_TOKEN_REVOKED"));
    await assert.rejects(refresh(refreshToken), code("AUTH_TOKEN_REVOKED"));
  });

  it("[SE5] a made-up token ends nothing", async () => {
    const { tokens } = await world.register();
    for (const forged of ["", "x", "A".repeat(43), `${tokens.refreshToken}A`, tokens.accessToken.slice(0, 500)])
      await assert.rejects(refresh(forged), code("AUTH_TOKEN_INVALID"));
    await refresh(tokens.refreshToken);
    assert.deepEqual(world.ended, []);
  });

  it("[SE6] of many that come at once with one token, all get the same pair", async () => {
    const { tokens } = await world.register({ deviceId: "phone" });
    const sessionId = await sidOf(tokens);
    const nodes = Array.from({ length: 8 }, () => world.node());
    const answers = await world.whileHeld("sessions", sessionId, 3, () =>
      Promise.all(nodes.map((node) => node.refresh({ refreshToken: tokens.refreshToken }))),
    );
    assert.equal(new Set(answers.map((answer) => JSON.stringify(answer))).size, 1);
    const [{ count } = { count: 0 }] = await world.sql(
      "select count(*)::int from refresh_tokens where session_id = $1",
      [sessionId],
    );
    assert.equal(count, 2);
  });

  it("[SE4] the sealed answer is gone from the database when it can no longer be given", async () => {
    const { tokens } = await world.register();
    const sealed = async () =>
      world.sql("select 1 from refresh_tokens where session_id = $1 and sealed_answer is not null", [
        await sidOf(tokens),
      ]);
    await refresh(tokens.refreshToken);
    assert.equal((await sealed()).length, 1);
    world.clock.advance(10_001);
    await world.sessions.sweep();
    assert.equal((await sealed()).length, 0);
  });

  it("[SE7] a session that was not used for thirty days has expired", async () => {
    const { tokens } = await world.register();
    world.clock.advance(30 * DAY_MS - 1);
    const { refreshToken } = await refresh(tokens.refreshToken);
    world.clock.advance(30 * DAY_MS);
    await assert.rejects(refresh(refreshToken), code("AUTH_TOKEN_EXPIRED"));
    await world.sessions.sweep();
    await assert.rejects(refresh(refreshToken), code("AUTH_TOKEN_EXPIRED"));
    world.clock.advance(8 * DAY_MS);
    await world.sessions.sweep();
    await assert.rejects(refresh(refreshToken), code("AUTH_TOKEN_INVALID"));
  });

  it("[SE7] an old token that has itself run out ends nothing of a session that lives on", async () => {
    const { tokens } = await world.register();
    const [first] = [tokens.refreshToken];
    world.clock.advance(20 * DAY_MS);
    const { refreshToken } = await refresh(first);
    world.clock.advance(11 * DAY_MS);
    await assert.rejects(refresh(first), code("AUTH_TOKEN_EXPIRED"));
    await refresh(refreshToken);
  });

  it("[SE8] signing in again on a device ends its session of before, and no other", async () => {
    const { user, tokens } = await world.register({ deviceId: "phone" });
    const tablet = await world.login({ email: user.email, deviceId: "tablet" });
    const before = await sidOf(tokens);
    const again = await world.login({ email: user.email, deviceId: "phone" });
    assert.deepEqual(world.ended, [before]);
    await assert.rejects(refresh(tokens.refreshToken), code("AUTH_TOKEN_REVOKED"));
    await refresh(tablet.tokens.refreshToken);
    await refresh(again.tokens.refreshToken);
  });

  it("[SE8] a device that was away until its session ran out is signed in on again", async () => {
    const { user } = await world.register({ deviceId: "phone" });
    world.clock.advance(31 * DAY_MS);
    const { tokens } = await world.login({ email: user.email, deviceId: "phone" });
    await refresh(tokens.refreshToken);
  });

  it("[SE8] signing in at once many times on one device leaves one session", async () => {
    const { user } = await world.register();
    const signedIn = await world.whileHeld("users", user.id, 3, () =>
      Promise.all(Array.from({ length: 6 }, () => world.login({ email: user.email, deviceId: "phone" }))),
    );
    const alive = await Promise.allSettled(signedIn.map(({ tokens }) => refresh(tokens.refreshToken)));
    assert.equal(alive.filter(({ status }) => status === "fulfilled").length, 1);
  });

  it("[SE8] who does not say which device is on a new one each time", async () => {
    const { user, tokens } = await world.register();
    await world.login({ email: user.email });
    await world.login({ email: user.email });
    const caller = await world.callerOf({ tokens });
    const listed = await world.sessions.list(caller);
    assert.deepEqual([listed.length, listed.filter(({ current }) => current).length], [3, 1]);
    assert.deepEqual(world.ended, []);
  });

  it("[SE8] two people on one device are two sessions", async () => {
    const ada = await world.register({ deviceId: "shared" });
    await world.register({ deviceId: "shared" });
    await refresh(ada.tokens.refreshToken);
  });

  it("[SE9] a person has a hundred sessions at most, and keeps those used last", async () => {
    const { user, tokens } = await world.register();
    const { sessionId } = await world.callerOf({ tokens });
    await world.sql(
      `insert into sessions (id, user_id, created_at, last_used_at, expires_at)
       select gen_random_uuid(), $1, $2::timestamptz, $2::timestamptz + n * interval '1 second', $2::timestamptz + interval '9 days'
       from generate_series(1, 99) n`,
      [user.id, new Date(world.clock.now())],
    );
    await world.login({ email: user.email });
    assert.deepEqual(world.ended, [sessionId]);
  });

  describe("signing out", () => {
    it("[SE10] ends the session that asks, by its access token alone", async () => {
      const { tokens } = await world.register();
      const caller = await world.callerOf({ tokens });
      await world.sessions.logout(caller, { everywhere: false });
      assert.deepEqual(world.ended, [caller.sessionId]);
      await assert.rejects(world.callerOf({ tokens }), code("AUTH_TOKEN_REVOKED"));
      await assert.rejects(refresh(tokens.refreshToken), code("AUTH_TOKEN_REVOKED"));
    });

    it("[SE10] or by its refresh token alone, also an older one, and twice does no harm", async () => {
      const { tokens } = await world.register();
      await refresh(tokens.refreshToken);
      const sessionId = await sidOf(tokens);
      const logout = { refreshToken: tokens.refreshToken, everywhere: false };
      await world.sessions.logout(undefined, logout);
      await world.sessions.logout(undefined, logout);
      assert.ok(world.ended.includes(sessionId));
      await assert.rejects(world.sessions.logout(undefined, { everywhere: false }), code("AUTH_REQUIRED"));
      await assert.rejects(
        world.sessions.logout(undefined, { refreshToken: "x", everywhere: true }),
        code("AUTH_TOKEN_INVALID"),
      );
    });

    it("[SE10] leaves the other phone alone, and everybody else", async () => {
      const { user, tokens } = await world.register();
      const phone = await world.login({ email: user.email });
      const bea = await world.register();
      const caller = await world.callerOf({ tokens });
      await world.sessions.logout(caller, { refreshToken: bea.tokens.refreshToken, everywhere: false });
      assert.deepEqual(world.ended, [caller.sessionId]);
      await refresh(phone.tokens.refreshToken);
      await refresh(bea.tokens.refreshToken);
    });

    it("[SE10] everywhere ends all of one's own, at once for this process", async () => {
      const { user, tokens } = await world.register();
      const phone = await world.login({ email: user.email });
      const bea = await world.register();
      const caller = await world.callerOf({ tokens });
      await world.callerOf(phone);
      await world.sessions.logout(caller, { everywhere: true });
      assert.equal(world.ended.length, 2);
      await assert.rejects(world.callerOf(phone), code("AUTH_TOKEN_REVOKED"));
      await world.callerOf(bea);
    });
  });

  it("[SE11] shows one's sessions and ends one of them; somebody else's does not exist", async () => {
    const { user, tokens } = await world.register({ deviceId: "phone", deviceName: "Ada’s phone" });
    world.clock.advance(60_000);
    const laptop = await world.login({ email: user.email, deviceName: "laptop" });
    const bea = await world.callerOf(await world.register());
    const caller = await world.callerOf({ tokens });
    const [newest, oldest] = await world.sessions.list(caller);
    assert.ok(newest && oldest);
    assert.deepEqual([oldest.deviceId, oldest.deviceName, oldest.current], ["phone", "Ada’s phone", true]);
    assert.deepEqual([newest.deviceId, newest.deviceName, newest.current], [null, "laptop", false]);
    assert.ok(newest.createdAt > oldest.createdAt);
    await assert.rejects(world.sessions.end(bea, newest.id), code("NOT_FOUND"));
    await world.sessions.end(caller, newest.id);
    assert.deepEqual(world.ended, [newest.id]);
    await assert.rejects(world.sessions.end(caller, newest.id), code("NOT_FOUND"));
    await assert.rejects(world.callerOf(laptop), code("AUTH_TOKEN_REVOKED"));
    assert.deepEqual(
      (await world.sessions.list(caller)).map(({ id }) => id),
      [oldest.id],
    );
  });

  it("[SE12] an end on another node counts within two seconds, and at once when we are told", async () => {
    const { tokens } = await world.register();
    const told = world.node();
    const caller = await world.callerOf({ tokens });
    await told.authenticate(tokens.accessToken);
    await world.node().logout(caller, { everywhere: false });
    await world.callerOf({ tokens });
    told.standings.ended([caller.sessionId]);
    await assert.rejects(told.authenticate(tokens.accessToken), code("AUTH_TOKEN_REVOKED"));
    world.clock.advance(2000);
    await assert.rejects(world.callerOf({ tokens }), code("AUTH_TOKEN_REVOKED"));
  });

  it("[SE13] who is suspended is told so wherever they come from; who is deleted is signed out", async () => {
    const { user, tokens } = await world.register();
    const status = async (now: string) => {
      await world.sql("update users set status = $2 where id = $1", [user.id, now]);
      world.clock.advance(2000);
    };
    await status("suspended");
    await assert.rejects(world.callerOf({ tokens }), code("ACCOUNT_SUSPENDED"));
    await assert.rejects(refresh(tokens.refreshToken), code("ACCOUNT_SUSPENDED"));
    await assert.rejects(world.login({ email: user.email }), code("ACCOUNT_SUSPENDED"));
    await status("deleted");
    await assert.rejects(world.callerOf({ tokens }), code("AUTH_TOKEN_REVOKED"));
    await assert.rejects(refresh(tokens.refreshToken), code("AUTH_TOKEN_REVOKED"));
    await assert.rejects(world.login({ email: user.email }), code("AUTH_INVALID_CREDENTIALS"));
    await status("active");
    await world.callerOf({ tokens });
  });

  it("[SE14] what ended long ago is forgotten, what lives is not", async () => {
    const old = await world.register();
    world.clock.advance(38 * DAY_MS);
    const { tokens } = await world.register();
    await world.sessions.sweep();
    const left = await world.sql("select user_id from sessions");
    assert.ok(!left.some(({ user_id }) => user_id === old.user.id));
    await refresh(tokens.refreshToken);
  });
});
