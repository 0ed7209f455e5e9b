import assert from "node:assert/strict";
import { hashOf, newRefreshToken, seal, unseal } from "../../domain/refresh-tokens.ts";
import { SessionStandings, type Standing } from "../../domain/session-standings.ts";
import type { TokensView } from "../../schema/wire/accounts.ts";
import { SessionId } from "../../schema/wire/ids.ts";
import { chance } from "../../server/chance.ts";

describe("a sealed answer", () => {
  const tokens: TokensView = {
    accessToken: "a",
    refreshToken: "r",
    tokenType: "Bearer",
    expiresIn: 3600,
    accessTokenExpires: "2026-01-01T01:00:00.000Z",
    refreshTokenExpires: "2026-01-31T00:00:00.000Z",
  };

  it("[SE4] opens to the token it was sealed under, and to no other", () => {
    const [token, other] = [newRefreshToken(chance), newRefreshToken(chance)];
    const sealed = seal(token, tokens, chance);
    assert.deepEqual(unseal(token, sealed), tokens);
    assert.throws(() => unseal(other, sealed));
    assert.throws(() => unseal(hashOf(token), sealed), "what we store does not open it");
  });

  it("[SE4] does not open once a bit of it is another", () => {
    const token = newRefreshToken(chance);
    const sealed = Buffer.from(seal(token, tokens, chance), "base64url");
    for (const at of [0, 12, 28, sealed.length - 1]) {
      const bent = Buffer.from(sealed);
      bent[at] = (bent[at] ?? 0) ^ 1;
      assert.throws(() => unseal(token, bent.toString("base64url")), `byte ${at}`);
    }
  });
});

describe("what a process knows of sessions", () => {
  const id = SessionId.parse("00000000-0000-4000-8000-000000000001");
  let now = 0;
  let looks = 0;
  let answer: () => Promise<Standing>;
  let standings: SessionStandings;
  beforeEach(() => {
    [now, looks] = [0, 0];
    answer = async () => "live";
    const look = async () => {
      looks++;
      return answer();
    };
    standings = new SessionStandings(look, () => now);
  });

  it("[SE12] asks once in two seconds, however many ask it", async () => {
    const asked = await Promise.all(Array.from({ length: 20 }, () => standings.of(id)));
    assert.deepEqual([new Set(asked), looks], [new Set(["live"]), 1]);
    now = 1999;
    await standings.of(id);
    assert.equal(looks, 1);
    now = 2000;
    await standings.of(id);
    assert.equal(looks, 2);
  });

  it("[SE12] an end counts, though who looked before it is answered after it", async () => {
    const { promise, resolve } = Promise.withResolvers<Standing>();
    answer = () => promise;
    const early = standings.of(id);
    standings.ended([id]);
    assert.equal(await standings.of(id), "revoked");
    resolve("live");
    assert.equal(await early, "revoked");
    now = 60_000;
    assert.equal(await standings.of(id), "revoked");
    assert.equal(looks, 1);
  });

  it("[SE12] a look that failed is made again", async () => {
    answer = async () => Promise.reject(new Error("no database"));
    await assert.rejects(standings.of(id), /no database/);
    answer = async () => "live";
    assert.equal(await standings.of(id), "live");
  });
});
