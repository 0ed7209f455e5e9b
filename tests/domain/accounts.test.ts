import assert from "node:assert/strict";
import { Refusal } from "../../domain/refusal.ts";
import { AccountsWorld, code, noon, PASSWORD } from "../support/accounts-world.ts";

/** Which fields a refusal names. */
const naming =
  (...paths: string[]) =>
  (error: unknown) => {
    assert.ok(error instanceof Refusal, String(error));
    assert.deepEqual([error.code, error.details?.map(({ path }) => path)], ["VALIDATION_ERROR", paths]);
    return true;
  };

describe("accounts", () => {
  let world: AccountsWorld;
  before(async () => {
    world = await AccountsWorld.open();
  });
  after(() => world.close());

  describe("signing up", () => {
    it("[AC1] gives a person who can sign in, with all that was said about them", async () => {
      const form = { email: "Ada@Example.org", name: " Ada ", twinType: "identical", birthDate: "1990-08-23" };
      const { user, requiresEmailVerification } = await world.register(form);
      assert.deepEqual(
        [user.email, user.emailVerified, user.name, user.displayName, user.twinType, user.birthDate],
        ["Ada@Example.org", false, "Ada", "Ada", "identical", "1990-08-23"],
      );
      assert.equal(requiresEmailVerification, false);
      const { user: again, tokens } = await world.login({ email: "ada@example.org" });
      assert.deepEqual(again, user);
      assert.deepEqual(await world.accounts.me(await world.callerOf({ tokens })), user);
    });

    it("[AC1] is content with what one must say, and takes displayName for the name", async () => {
      const { user } = await world.register({ name: undefined, displayName: "Bea" });
      assert.deepEqual(
        [user.name, user.accentColor, user.showSexualOrientation, user.twinType, user.timezone],
        ["Bea", "neon-purple", false, null, "UTC"],
      );
    });

    it("[AC2] refuses what cannot be, and names the field", async () => {
      const wrong: [object, ...string[]][] = [
        [{ name: undefined }, "name"],
        [{ name: "Jordan\r\nBcc: x@example.org" }, "name"],
        [{ name: "Jordan\u2028X" }, "name"],
        [{ name: "\u200b\u2060\u3164\u2800" }, "name"],
        [{ name: "\u00a0\u3000\ufeff" }, "name"],
        [{ name: "x".repeat(101) }, "name"],
        [{ email: "anna" }, "email"],
        [{ email: ["anna@example.org"] }, "email"],
        [{ password: "Sh0rt-a" }, "password"],
        [{ password: "no-capital-1" }, "password"],
        [{ password: "NO-SMALL-1" }, "password"],
        [{ password: "No-digit-at-all" }, "password"],
        [{ password: `Aa1${"x".repeat(126)}` }, "password"],
        [{ password: "Half-\ud83d-pair-1" }, "password"],
        [{ password: "Nul-\0-inside-1" }, "password"],
        [{ deviceId: "" }, "deviceId"],
        [{ deviceName: "two\nlines" }, "deviceName"],
        [{ isAdmin: true }, ""],
        [{ email: "x", password: "x" }, "email", "password", "password", "password"],
      ];
      for (const [form, ...fields] of wrong)
        await assert.rejects(async () => world.register(form), naming(...fields), JSON.stringify(form));
    });

    it("[AC3] a password is 8 to 128 characters, counted as a person would", async () => {
      for (const password of ["Passw0rd", `Aa1${"x".repeat(125)}`, "👪👪👪👪👪Aa1", " Äß1      "]) {
        const { user } = await world.register({ password });
        await world.login({ email: user.email, password });
      }
      await assert.rejects(async () => world.register({ password: "👪👪👪👪Aa1" }), naming("password"));
    });

    it("[AC4] an address has one account, however it is spelt", async () => {
      const spellings = [
        ["anna@example.org", "ANNA@EXAMPLE.ORG", "anna@example.org ", " Anna@example.org", "anna@example.org\u00a0"],
        ["anna@bücher.example", "anna@xn--bcher-kva.example", "anna@bu\u0308cher.example", "Anna@BÜCHER.example"],
        ["änna@example.org", "ÄNNA@example.org", "a\u0308nna@example.org"],
        ["щенок@example.org", "ЩЕНОК@example.org"],
      ];
      for (const [first, ...others] of spellings) {
        const { user } = await world.register({ email: first });
        for (const email of others) {
          await assert.rejects(world.register({ email }), code("AUTH_EMAIL_ALREADY_EXISTS"), email);
          assert.equal((await world.login({ email })).user.id, user.id, email);
        }
      }
    });

    it("[AC4] and a plus makes another address", async () => {
      const anna = await world.register({ email: "anna.plus@example.org" });
      const twin = await world.register({ email: "anna.plus+twin@example.org" });
      assert.notEqual(anna.user.id, twin.user.id);
    });

    it("[AC4] of many who sign up at once with one address, one gets it", async () => {
      const asked = Array.from({ length: 6 }, (_, n) =>
        world.register({ email: n % 2 ? "Race@example.org" : "race@EXAMPLE.org" }),
      );
      const settled = await Promise.allSettled(asked);
      assert.equal(settled.filter(({ status }) => status === "fulfilled").length, 1);
      for (const one of settled) if (one.status === "rejected") code("AUTH_EMAIL_ALREADY_EXISTS")(one.reason);
    });

    it("[AC5] an address with something invisible in it is none", async () => {
      const wrong = [
        "anna\u200d@example.org",
        "anna@example.org\u200b",
        "an\u00adna@example.org",
        "a\u3164@example.org",
      ];
      for (const email of [...wrong, "a b@example.org", "a@b@example.org", "a\0@example.org", "a\ud83d@example.org"])
        await assert.rejects(async () => world.register({ email }), naming("email"), JSON.stringify(email));
    });

    it("[AC5] nor is one that no mail could reach", async () => {
      const hosts = [
        "example",
        "localhost",
        "127.0.0.1",
        "1.2",
        "-a.org",
        "a-.org",
        "a..org",
        "a.org.",
        "x/y.org",
        "x%2e.org",
      ];
      for (const host of [...hosts, "x:80.org", "[::1]", `${"a".repeat(64)}.org`, `${"a.".repeat(130)}org`])
        await assert.rejects(async () => world.register({ email: `anna@${host}` }), naming("email"), host);
      for (const local of ["", ".a", "a.", "a..b", "a".repeat(65), 'a"b'])
        await assert.rejects(async () => world.register({ email: `${local}@example.org` }), naming("email"), local);
    });

    it("[AC6] the thirteenth birthday opens the door, the day before does not", async () => {
      const day = (years: number, days: number) => {
        const then = new Date(noon);
        then.setUTCFullYear(then.getUTCFullYear() - years, then.getUTCMonth(), then.getUTCDate() + days);
        return then.toISOString().slice(0, 10);
      };
      world.clock.time = noon;
      for (const birthDate of [day(13, -2), day(13, 0), "1900-01-01"])
        assert.equal((await world.register({ birthDate })).user.birthDate, birthDate);
      for (const birthDate of [day(13, 1), day(13, 2), day(0, 0), day(0, 1), "2999-01-01"])
        await assert.rejects(async () => world.register({ birthDate }), naming("birthDate"), birthDate);
    });

    it("[AC7] a hash is kept, never a password", async () => {
      const { user } = await world.register({ password: "Never-stored-1" });
      const [row] = await world.sql("select password_hash from users where id = $1", [user.id]);
      assert.equal(row?.["password_hash"], "hash of Never-stored-1");
      assert.ok(!JSON.stringify(user).includes("hash"));
    });
  });

  describe("signing in", () => {
    it("[AC8] takes a password in either form of its letters, and minds its spaces", async () => {
      const { user } = await world.register({ password: " P\u00e4sswort-1 " });
      await world.login({ email: user.email, password: " Pa\u0308sswort-1 " });
      for (const password of ["P\u00e4sswort-1", " P\u00e4sswort-1", " p\u00e4sswort-1 "])
        await assert.rejects(world.login({ email: user.email, password }), code("AUTH_INVALID_CREDENTIALS"));
    });

    it("[AC9] says and does the same for an address that nobody has", async () => {
      const { user } = await world.register();
      const looks = world.hasher.looks;
      const refusals = await Promise.all(
        [user.email, "nobody@example.org"].map(async (email) => {
          const refusal: unknown = await world.login({ email, password: "Wrong-guess-1" }).catch((error) => error);
          assert.ok(refusal instanceof Refusal);
          return [refusal.code, refusal.message, refusal.details, refusal.retryAfterMs];
        }),
      );
      assert.deepEqual(refusals[0], refusals[1]);
      assert.equal(refusals[0]?.[0], "AUTH_INVALID_CREDENTIALS");
      assert.equal(world.hasher.looks - looks, 2, "a password is looked at either way");
    });

    it("[AC10] after five wrong passwords an account is locked, whether or not it exists", async () => {
      const { user } = await world.register();
      for (const [email, ip] of [
        [user.email, "192.0.2.10"],
        ["nobody.at.all@example.org", "192.0.2.11"],
      ]) {
        for (let guess = 0; guess < 5; guess++)
          await assert.rejects(
            world.login({ email, password: `Wrong-${guess}` }, ip),
            code("AUTH_INVALID_CREDENTIALS"),
          );
        for (const password of [PASSWORD, "Wrong-again-1"]) {
          const refusal: unknown = await world.login({ email, password }, "192.0.2.12").catch((error) => error);
          assert.ok(refusal instanceof Refusal);
          assert.equal(refusal.code, "AUTH_ACCOUNT_LOCKED");
          assert.ok((refusal.retryAfterMs ?? 0) > 890_000 && (refusal.retryAfterMs ?? 0) <= 900_000);
        }
      }
    });

    it("[AC10] a lock is on all spellings of an address", async () => {
      const { user } = await world.register();
      const spellings = [user.email, user.email.toUpperCase(), ` ${user.email}`, `${user.email} `, user.email];
      for (const email of spellings)
        await assert.rejects(world.login({ email, password: "Wrong" }, "192.0.2.15"), code("AUTH_INVALID_CREDENTIALS"));
      await assert.rejects(world.login({ email: user.email }, "192.0.2.15"), code("AUTH_ACCOUNT_LOCKED"));
    });

    it("[AC10] a right password makes up for the wrong ones before it", async () => {
      const { user } = await world.register();
      for (let round = 0; round < 3; round++) {
        for (let guess = 0; guess < 4; guess++)
          await assert.rejects(world.login({ email: user.email, password: "Wrong" }, `192.0.2.${20 + round}`));
        await world.login({ email: user.email }, `192.0.2.${20 + round}`);
      }
    });

    it("[AC10] of a hundred guesses made at once, five are answered, and the right one only if it is among them", async () => {
      const { user } = await world.register();
      const { promise: allAsked, resolve: answer } = Promise.withResolvers<void>();
      const guess = (password: string, n: number) => world.login({ email: user.email, password }, `198.51.100.${n}`);
      let asked = 0;
      world.hasher.onLook = async (password) => {
        if (++asked === 100) answer();
        await (password === PASSWORD ? wrong : allAsked);
      };
      const wrong = Promise.allSettled(Array.from({ length: 99 }, (_, n) => guess(`Wrong-${n}`, n)));
      await assert.rejects(guess(PASSWORD, 99), code("AUTH_ACCOUNT_LOCKED"), "it was looked at, and came too late");
      const codes = (await wrong).map((one) => (one.status === "rejected" ? one.reason.code : "signed in"));
      world.hasher.onLook = async () => undefined;
      assert.equal(codes.filter((one) => one === "AUTH_INVALID_CREDENTIALS").length, 5);
      assert.equal(codes.filter((one) => one === "AUTH_ACCOUNT_LOCKED").length, 94);
    });

    it("[AC10] many right ones at once are all let in", async () => {
      const { user } = await world.register();
      await Promise.all(Array.from({ length: 12 }, () => world.login({ email: user.email }, "192.0.2.40")));
    });

    it("[AC11] thirty wrong passwords from one address close it, for right ones too; elsewhere nothing changes", async () => {
      const { user } = await world.register();
      for (let guess = 0; guess < 30; guess++) {
        const email = `victim-${guess}@example.org`;
        await assert.rejects(world.login({ email }, "192.0.2.50"), code("AUTH_INVALID_CREDENTIALS"));
      }
      await assert.rejects(world.login({ email: user.email }, "192.0.2.50"), code("RATE_LIMIT_EXCEEDED"));
      await world.login({ email: user.email }, "192.0.2.51");
    });

    it("[AC11] right passwords from one address are no failures, and do not make up for any", async () => {
      const { user } = await world.register();
      for (let n = 0; n < 40; n++) await world.login({ email: user.email }, "192.0.2.60");
      for (let guess = 0; guess < 30; guess++) {
        await assert.rejects(world.login({ email: `other-${guess}@example.org` }, "192.0.2.60"));
        if (guess === 15) await world.login({ email: user.email }, "192.0.2.60");
      }
      await assert.rejects(world.login({ email: user.email }, "192.0.2.60"), code("RATE_LIMIT_EXCEEDED"));
    });

    it("[AC11] guesses at a locked account are nobody's failures", async () => {
      const { user } = await world.register();
      for (let guess = 0; guess < 5; guess++)
        await assert.rejects(world.login({ email: "locked@example.org" }, "192.0.2.70"));
      for (let guess = 0; guess < 40; guess++)
        await assert.rejects(world.login({ email: "locked@example.org" }, "192.0.2.70"), code("AUTH_ACCOUNT_LOCKED"));
      await world.login({ email: user.email }, "192.0.2.70");
    });

    it("[AC12] a password changed while it was looked at opens nothing", async () => {
      const { user } = await world.register();
      world.hasher.onLook = async () => {
        await world.sql("update users set password_hash = 'hash of another' where id = $1", [user.id]);
      };
      await assert.rejects(world.login({ email: user.email }), code("AUTH_INVALID_CREDENTIALS"));
      world.hasher.onLook = async () => undefined;
    });
  });
});
