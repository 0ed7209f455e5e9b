import assert from "node:assert/strict";
import { arriving, type Seen } from "../../domain/arriving.ts";
import type { Caller, LiveSession } from "../../domain/ports.ts";
import { Refusal } from "../../domain/refusal.ts";
import { SessionStandings } from "../../domain/session-standings.ts";
import { SessionId } from "../../schema/wire/ids.ts";
import { code } from "../support/accounts-world.ts";
import { ada } from "../support/twins.ts";

const FRESH_MS = 2000;

describe("who comes to a room", () => {
  const sessionId = SessionId.parse("00000000-0000-4000-8000-000000000001");
  const caller: Caller = { userId: ada, sessionId, expiresAt: 3_600_000 };
  const live = { isRevoked: false, expiresAt: 3_600_000, userStatus: "active", rotation: 5 };
  let now = 0;
  let looks = 0;
  let asked = 0;
  let told: LiveSession[] = [];
  let seen: () => Promise<Seen<string>>;
  let standings: SessionStandings;
  let comers: ReturnType<typeof arriving<string>>;
  beforeEach(() => {
    [now, looks, asked, told] = [0, 0, 0, []];
    seen = async () => ({ session: live, place: "their room" });
    const look = async () => {
      asked++;
      return "live" as const;
    };
    standings = new SessionStandings(look, () => now);
    comers = arriving<string>({
      accessTokens: {
        verify: (token) => {
          if (token !== "ada's") throw new Refusal("AUTH_TOKEN_INVALID", "This token is not ours");
          return caller;
        },
      },
      standings,
      copies: {
        liveUntil: async () => undefined,
        live: async (session) => void told.push(session),
        ended: async () => undefined,
      },
      clock: { now: () => now },
      look: () => {
        looks++;
        return seen();
      },
    });
  });

  it("[CR1] one look tells how their sign-in stands and where they belong, and is remembered of the sign-in", async () => {
    assert.deepEqual(await comers.arrive("ada's"), { ...caller, place: "their room" });
    assert.equal(await standings.of(sessionId), "live");
    assert.deepEqual([looks, asked], [1, 0]);
    assert.deepEqual(told, [{ id: sessionId, seenAt: 0, expiresAt: 3_600_000, rotation: 5 }]);
  });

  it("[CR1] where they belong is never remembered: it is looked for when they have their turn", async () => {
    await comers.arrive("ada's");
    assert.deepEqual(await comers.arrive("ada's"), caller);
    assert.equal(looks, 1);
    seen = async () => ({ session: live, place: null });
    assert.equal(await comers.placeOf(caller), null);
    assert.equal(looks, 2);
  });

  it("[CR1] a look that finds the sign-in over refuses, and so does one that was over before it was answered", async () => {
    const ends = [
      { session: null, code: "AUTH_TOKEN_REVOKED" },
      { session: { ...live, isRevoked: true }, code: "AUTH_TOKEN_REVOKED" },
      { session: { ...live, userStatus: "deleted" }, code: "AUTH_TOKEN_REVOKED" },
      { session: { ...live, userStatus: "suspended" }, code: "ACCOUNT_SUSPENDED" },
      { session: { ...live, expiresAt: 0 }, code: "AUTH_TOKEN_EXPIRED" },
    ];
    for (const end of ends) {
      now += FRESH_MS;
      seen = async () => ({
        session: end.session && { ...end.session, expiresAt: end.session.expiresAt && now + 1 },
        place: "a room",
      });
      await assert.rejects(comers.placeOf(caller), code(end.code));
    }
    now += 60_000;
    const { promise, resolve } = Promise.withResolvers<Seen<string>>();
    seen = () => promise;
    const early = comers.arrive("ada's");
    standings.ended([sessionId]);
    resolve({ session: live, place: "their room" });
    await assert.rejects(early, code("AUTH_TOKEN_REVOKED"));
    await assert.rejects(comers.arrive("ada's"), code("AUTH_TOKEN_REVOKED"));
    assert.deepEqual(told, []);
  });

  it("[CR7] a token that is none of ours is told from one that may be without asking anybody", async () => {
    assert.deepEqual([comers.isOurs("ada's"), comers.isOurs("forged"), comers.isOurs(undefined)], [true, false, false]);
    await assert.rejects(comers.arrive("forged"), code("AUTH_TOKEN_INVALID"));
    await assert.rejects(comers.arrive(undefined), code("AUTH_REQUIRED"));
    assert.equal(looks, 0);
  });

  it("[CR4] another node's word that a sign-in counts holds until two seconds after its look, and never longer than ours", async () => {
    now = 1000;
    standings.vouched(sessionId, 2500);
    assert.deepEqual([await standings.of(sessionId), standings.liveUntil(sessionId), asked], ["live", 2500, 0]);
    now = 2500;
    assert.equal(standings.liveUntil(sessionId), undefined);
    standings.vouched(sessionId, 1_000_000);
    assert.equal(standings.liveUntil(sessionId), 2500 + FRESH_MS);
    now = 2500 + FRESH_MS;
    await standings.of(sessionId);
    assert.equal(asked, 1);
  });

  it("[CR4] another node's word counts for nothing against an end that is known of", async () => {
    standings.ended([sessionId]);
    standings.vouched(sessionId, 2000);
    assert.equal(await standings.of(sessionId), "revoked");
  });
});
