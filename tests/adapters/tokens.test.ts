import assert from "node:assert/strict";
import { createHmac, createPublicKey, sign } from "node:crypto";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLocalJWKSet, jwtVerify } from "jose";
import jwt from "jsonwebtoken";
import { Refusal } from "../../domain/refusal.ts";
import { SessionId, UserId } from "../../schema/wire/ids.ts";
import { rs256Tokens } from "../../server/adapters/sessions/access-tokens.ts";
import {
  newPrivateKey,
  publicKeys,
  type SigningKeys,
  signingKeys,
} from "../../server/adapters/sessions/signing-keys.ts";
import { kept } from "../../server/kept.ts";

const issuer = "https://twinship.test";
const audience = "twinship";
const now = Date.UTC(2026, 5, 15, 12);
const seconds = now / 1000;
const holder = {
  userId: UserId.parse("00000000-0000-4000-8000-000000000001"),
  sessionId: SessionId.parse("00000000-0000-4000-8000-000000000002"),
};

describe("access tokens", () => {
  const [pem, olderPem, foreignPem] = [newPrivateKey(), newPrivateKey(), newPrivateKey()];
  let keys: SigningKeys;
  let tokens: ReturnType<typeof rs256Tokens>;
  const tokensOf = (known: SigningKeys) => rs256Tokens({ keys: known, issuer, audience, lifeSeconds: 3600 });
  before(async () => {
    keys = await signingKeys([pem, olderPem]);
    tokens = tokensOf(keys);
  });

  const refusedAs = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code;
  const claims = {
    sub: holder.userId,
    sid: holder.sessionId,
    iss: issuer,
    aud: audience,
    iat: seconds,
    exp: seconds + 3600,
  };
  const base64 = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  /** By hand, so that it may be anything. */
  function signed(payload: object, header: object = {}, key = pem, hash = "sha256"): string {
    const input = `${base64({ alg: "RS256", typ: "JWT", kid: keys[0].kid, ...header })}.${base64(payload)}`;
    return `${input}.${sign(hash, Buffer.from(input), key).toString("base64url")}`;
  }

  it("[SE15] say who, in which session, from whom to whom and until when, signed with a key that is named", () => {
    const { token, expiresAt, lifeSeconds } = tokens.issue(holder, now + 999);
    const { header, payload } = jwt.decode(token, { complete: true }) ?? {};
    assert.deepEqual(header, { alg: "RS256", typ: "JWT", kid: keys[0].kid });
    assert.deepEqual(payload, claims);
    assert.deepEqual([expiresAt, lifeSeconds], [now + 3_600_000, 3600]);
    assert.deepEqual(tokens.verify(token, now), { ...holder, expiresAt });
  });

  it("[SE15] can be checked by anybody with the published keys", async () => {
    const published = await publicKeys(keys);
    const { token } = tokens.issue(holder, now);
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet({ keys: [...published.keys] }), {
      issuer,
      audience,
      currentDate: new Date(now),
    });
    assert.deepEqual([payload.sub, protectedHeader.kid], [holder.userId, published.keys[0]?.kid]);
  });

  it("[SE16] what is published makes no tokens", async () => {
    const { keys: published } = await publicKeys(keys);
    assert.equal(published.length, 2);
    for (const key of published) assert.deepEqual(Object.keys(key).sort(), ["alg", "e", "kid", "kty", "n", "use"]);
  });

  it("[SE17] the newest key signs, and tokens of the older one are good until they end", async () => {
    const before = tokensOf(await signingKeys([olderPem])).issue(holder, now).token;
    assert.equal(tokens.verify(before, now).userId, holder.userId);
    const after = tokens.issue(holder, now).token;
    assert.equal(jwt.decode(after, { complete: true })?.header.kid, keys[0].kid);
    const withoutOld = tokensOf(await signingKeys([pem]));
    assert.throws(() => withoutOld.verify(before, now), refusedAs("AUTH_TOKEN_INVALID"));
  });

  it("[SE17] a key has one name, on every node and after every start", async () => {
    const [again] = await signingKeys([pem.replaceAll("\n", "\r\n")]);
    assert.equal(again.kid, keys[0].kid);
  });

  it("[SE18] end when they say, to the second", () => {
    const { token } = tokens.issue(holder, now);
    tokens.verify(token, now + 3_599_999);
    assert.throws(() => tokens.verify(token, now + 3_600_000), refusedAs("AUTH_TOKEN_EXPIRED"));
  });

  it("[SE19] are taken only as we make them", () => {
    const publicPem = createPublicKey(pem).export({ type: "spki", format: "pem" }).toString();
    const unsigned = `${base64({ alg: "none", typ: "JWT", kid: keys[0].kid })}.${base64(claims)}`;
    const confused = `${base64({ alg: "HS256", typ: "JWT", kid: keys[0].kid })}.${base64(claims)}`;
    const hmac = createHmac("sha256", publicPem).update(confused).digest("base64url");
    const [head, body, signature] = signed(claims).split(".");
    const { exp: _exp, ...withoutEnd } = claims;
    const { iat: _iat, ...withoutStart } = claims;
    const { sid: _sid, ...withoutSession } = claims;
    const { sub: _sub, ...withoutPerson } = claims;
    const attacks: Record<string, string> = {
      "no algorithm": `${unsigned}.`,
      "no algorithm, our signature": `${unsigned}.${signature}`,
      "the public key as a secret": `${confused}.${hmac}`,
      "another RSA algorithm": signed(claims, { alg: "RS512" }, pem, "sha512"),
      "signed by another key": signed(claims, {}, foreignPem),
      "an unknown kid": signed(claims, { kid: "unknown" }),
      "the kid of our other key": signed(claims, { kid: keys[1]?.kid }),
      "no kid": `${base64({ alg: "RS256" })}.${body}.${signature}`,
      "a kid that is no word": `${base64({ alg: "RS256", kid: { $ne: "" } })}.${body}.${signature}`,
      "a kid of every object": signed(claims, { kid: "__proto__" }),
      "its own key in the header": signed(
        claims,
        { kid: "x", jwk: createPublicKey(foreignPem).export({ format: "jwk" }) },
        foreignPem,
      ),
      "no end": signed(withoutEnd),
      "no start": signed(withoutStart),
      "no session": signed(withoutSession),
      "no person": signed(withoutPerson),
      "a person that is no id": signed({ ...claims, sub: "admin" }),
      "of another issuer": signed({ ...claims, iss: "https://evil.example" }),
      "for another audience": signed({ ...claims, aud: "another" }),
      "not yet valid": signed({ ...claims, nbf: seconds + 600 }),
      "an end that is a word": `${head}.${base64({ ...claims, exp: "never" })}.${signature}`,
      "other claims under our signature": `${head}.${base64({ ...claims, sub: holder.sessionId })}.${signature}`,
      "a signature cut short": `${head}.${body}.${signature?.slice(0, -4)}`,
      "no signature": `${head}.${body}.`,
      "two parts": `${head}.${body}`,
      "four parts": `${head}.${body}.${signature}.${signature}`,
      "ten thousand characters": "x".repeat(10_000),
      "ten thousand dots": ".".repeat(10_000),
      "no JSON": `${Buffer.from("{").toString("base64url")}.${body}.${signature}`,
      "null for a header": `${Buffer.from("null").toString("base64url")}.${body}.${signature}`,
      nothing: "",
      "half a character": "\ud83d.\ud83d.\ud83d",
    };
    assert.equal(tokens.verify(signed(claims), now).userId, holder.userId, "but for the attack it is good");
    for (const [attack, token] of Object.entries(attacks))
      assert.throws(() => tokens.verify(token, now), refusedAs("AUTH_TOKEN_INVALID"), attack);
  });

  it("[SE19] a forged token that has expired is forged, not expired", () => {
    const old = { ...claims, iat: seconds - 7200, exp: seconds - 3600 };
    assert.throws(() => tokens.verify(signed(old, {}, foreignPem), now), refusedAs("AUTH_TOKEN_INVALID"));
    assert.throws(() => tokens.verify(signed(old), now), refusedAs("AUTH_TOKEN_EXPIRED"));
  });

  it("[SE20] a key of our own is made once, and only we can read it", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "twinship-keys-"));
    try {
      const first = kept(dataDir, "signing-key.pem", newPrivateKey);
      assert.equal(kept(dataDir, "signing-key.pem", newPrivateKey), first);
      assert.equal(statSync(join(dataDir, "signing-key.pem")).mode & 0o777, 0o600);
      const { token } = tokensOf(await signingKeys([first])).issue(holder, now);
      assert.equal(tokensOf(await signingKeys([first])).verify(token, now).userId, holder.userId);
    } finally {
      rmSync(dataDir, { recursive: true });
    }
  });
});
