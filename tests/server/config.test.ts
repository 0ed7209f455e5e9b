import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { ConfigProblem, Environment, readConfig } from "../../server/config.ts";

const pem = (bits: number) =>
  generateKeyPairSync("rsa", { modulusLength: bits }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();

describe("the configuration", () => {
  const key = pem(2048);
  const production = {
    NODE_ENV: "production",
    DATABASE_URL: "postgres://user:tell-nobody@db.example.org/twinship",
    JWT_PRIVATE_KEY: key,
    APP_SECRET: "s".repeat(32),
    SENDGRID_API_KEY: "SG.tell-nobody",
    MAIL_FROM: "Twinship <hello@example.org>",
    TWILIO_ACCOUNT_SID: `AC${"a".repeat(32)}`,
    TWILIO_AUTH_TOKEN: "tell-nobody",
    TWILIO_FROM: "+15005550006",
    EXPO_ACCESS_TOKEN: "tell-nobody",
    S3_BUCKET_NAME: "twinship",
  };

  function problemsOf(environment: NodeJS.ProcessEnv): readonly string[] {
    try {
      readConfig(environment);
      return [];
    } catch (error) {
      assert.ok(error instanceof ConfigProblem);
      for (const problem of error.problems) assert.ok(error.message.includes(problem));
      return error.problems;
    }
  }

  it("[CF1] needs nothing at all for a start on this machine", () => {
    const config = readConfig({});
    assert.deepEqual(
      [config.PORT, config.PUBLIC_URL, config.DATA_DIR, config.MIGRATE],
      [3000, "http://localhost:3000", "./data", "auto"],
    );
    assert.equal(config.DATABASE_URL, undefined);
    assert.equal(config.HOST, undefined);
    assert.deepEqual(
      [config.ACCESS_TOKEN_SECONDS, config.REFRESH_TOKEN_DAYS, config.SHUTDOWN_DEADLINE_SECONDS],
      [3600, 30, 20],
    );
    assert.deepEqual([config.RATE_LIMIT_MESSAGES_PER_MINUTE, config.RATE_LIMIT_REQUESTS_PER_MINUTE], [100, 300]);
  });

  it("[CF1] takes what is empty for what is not set", () => {
    const empty = Object.fromEntries(
      Object.keys(Environment.shape).map((name, index) => [name, index % 2 ? "" : "  "]),
    );
    assert.deepEqual(readConfig(empty), readConfig({}));
  });

  it("[CF2] names every problem at once, and no value", () => {
    const problems = problemsOf({
      PORT: "70000",
      NODE_ENV: "prodution",
      DATABASE_URL: "mysql://root:tell-nobody@x",
      DB_MAX_CONNECTIONS: "3",
      LOG_LEVEL: "chatty",
      APP_SECRET: "tell-nobody",
      CORS_ORIGINS: "https://a.example, tell-nobody",
      TRUST_PROXY: "10.0.0.0/33",
      SHUTDOWN_DEADLINE_SECONDS: "0",
      MESSAGE_RETENTION_DAYS: "1.5",
      TWINTUITION_WINDOW_SECONDS: "901",
      PUBLIC_URL: "https://x.example/tell-nobody",
      DATABASE_CA: "/tell-nobody",
      MIGRATE: "later",
      ALLOW_EMBEDDED: "perhaps",
    });
    assert.equal(problems.length, 15);
    for (const problem of problems) {
      assert.match(problem, /^[A-Z_]+: must be /);
      assert.doesNotMatch(problem, /tell-nobody/);
    }
  });

  for (const [name, bad] of Object.entries({
    PORT: ["-1", "1e3", "0x50", "3000.5", "12345678901234567890"],
    PUBLIC_URL: ["example.org", "ftp://example.org", "https://user@example.org", "https://example.org/?a"],
    CORS_ORIGINS: ["*", "https://a.example/path", "a.example"],
    TRUST_PROXY: ["loopback", "1", "10.0.0.0/", "10.0.0.0/8/9", "::1/129", "300.0.0.1"],
    CLIENT_IP_HEADER: ["x real ip", "x-real-ip:"],
    APP_SECRET: [",", `${"s".repeat(32)},short`],
    JWT_PRIVATE_KEY: ["secret", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"],
    JWT_PRIVATE_KEY_FILE: ["/nowhere/at/all.pem"],
    DATABASE_DIRECT_URL: ["postgres://a@b/c"],
  })) {
    for (const value of bad) {
      it(`[CF2] does not take ${name}=${JSON.stringify(value)}`, () => {
        assert.equal(problemsOf({ [name]: value }).length, 1);
      });
    }
  }

  it("[CF3] refuses production on anything embedded, naming all of it, unless ALLOW_EMBEDDED says so", () => {
    assert.deepEqual(
      problemsOf({ NODE_ENV: "production" }).map((problem) => problem.split(":")[0]),
      [
        ...["DATABASE_URL", "JWT_PRIVATE_KEY", "APP_SECRET"],
        ...["SENDGRID_API_KEY", "TWILIO_ACCOUNT_SID", "EXPO_ACCESS_TOKEN"],
        "S3_BUCKET_NAME",
      ],
    );
    assert.equal(problemsOf({ ...production, APP_SECRET: "" }).length, 1);
    assert.deepEqual(problemsOf({ NODE_ENV: "production", ALLOW_EMBEDDED: "0" }).length, 7);
    assert.deepEqual(problemsOf({ NODE_ENV: "production", ALLOW_EMBEDDED: "1" }), []);
    assert.deepEqual(problemsOf(production), []);
  });

  it("[CF2] names what says nothing without something else, and what is no address, number or key", () => {
    for (const [variable, value, problem] of [
      ["MAIL_FROM", "", "MAIL_FROM: is required with SENDGRID_API_KEY"],
      ["TWILIO_FROM", "", "TWILIO_FROM: is required with TWILIO_ACCOUNT_SID"],
      ["TWILIO_AUTH_TOKEN", "", "TWILIO_AUTH_TOKEN: is required with TWILIO_ACCOUNT_SID"],
      ["MAIL_FROM", "Twinship", "MAIL_FROM: must be an address"],
      ["MAIL_FROM", "Twinship <a@b.org>\r\nBcc: x@y.org", "MAIL_FROM: must be an address"],
      ["TWILIO_FROM", "030 123", "TWILIO_FROM: must be a number"],
      ["TWILIO_ACCOUNT_SID", "AC1", "TWILIO_ACCOUNT_SID: must be AC"],
      ["SENDGRID_WEBHOOK_KEY", "not a key", "SENDGRID_WEBHOOK_KEY: must be the verification key"],
      ["EXPO_API_URL", "exp.host", "EXPO_API_URL: must be a URL"],
      ["S3_BUCKET_NAME", "Not a bucket", "S3_BUCKET_NAME: must be the name of a bucket"],
      ["S3_ENDPOINT", "s3.example.org", "S3_ENDPOINT: must be a URL"],
      ["AWS_ACCESS_KEY_ID", "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY: is required with AWS_ACCESS_KEY_ID"],
      ["MEDIA_QUOTA_BYTES", "2 GiB", "MEDIA_QUOTA_BYTES: must be a whole number"],
    ] as const) {
      const [first, ...more] = problemsOf({ ...production, [variable]: value });
      assert.ok(first?.startsWith(problem), `${variable}: ${first}`);
      assert.deepEqual(more, []);
    }
  });

  it("[CF6] shows a secret to nobody who does not ask for it by name", () => {
    const config = readConfig({
      ...production,
      DATABASE_DIRECT_URL: "postgres://twinship:tell-nobody@localhost/twinship",
    });
    const shown = [
      JSON.stringify(config),
      inspect(config, { depth: 9, showHidden: true }),
      `${config.DATABASE_DIRECT_URL}`,
      String(config.DATABASE_URL),
    ].join("\n");
    assert.doesNotMatch(shown, /tell-nobody|PRIVATE KEY|ssss/);
    assert.match(shown, /\[secret\]/);
    assert.match(config.DATABASE_DIRECT_URL?.reveal() ?? "", /tell-nobody/);
    assert.equal(config.DATABASE_URL?.reveal(), production.DATABASE_URL);
  });

  it("[CF4] takes several keys and secrets, newest first, in one line or several, inline or from files", () => {
    const older = pem(2048);
    const folder = mkdtempSync(join(tmpdir(), "twinship-config-"));
    writeFileSync(join(folder, "new.pem"), key);
    writeFileSync(join(folder, "old.pem"), older);
    const files = `${join(folder, "new.pem")}, ${join(folder, "old.pem")}`;
    for (const environment of [
      { JWT_PRIVATE_KEY: `${key}${older}` },
      { JWT_PRIVATE_KEY: `${key}${older}`.replaceAll("\n", "\\n") },
      { JWT_PRIVATE_KEY_FILE: files },
    ]) {
      const keys = readConfig(environment).PRIVATE_KEYS.map((secret) => secret.reveal());
      assert.deepEqual(keys, [key.trim(), older.trim()]);
    }
    rmSync(folder, { recursive: true });
    const secrets = readConfig({ APP_SECRET: `${"n".repeat(32)}, ${"o".repeat(40)}` }).APP_SECRET;
    assert.deepEqual(
      secrets?.map((secret) => secret.reveal()[0]),
      ["n", "o"],
    );
  });

  it("[CF4] does not sign with a key that is too short", () => {
    assert.equal(problemsOf({ JWT_PRIVATE_KEY: pem(1024) }).length, 1);
  });

  it("[CF1] takes networks and single addresses of both families, origins with a port, and a public URL with a slash", () => {
    const { TRUST_PROXY, CORS_ORIGINS, PUBLIC_URL } = readConfig({
      TRUST_PROXY: "10.0.0.0/8, ::1/128,192.168.1.1",
      CORS_ORIGINS: "https://App.Example.org, http://localhost:8081",
      PUBLIC_URL: "https://api.example.org/",
    });
    assert.deepEqual(TRUST_PROXY, ["10.0.0.0/8", "::1/128", "192.168.1.1"]);
    assert.deepEqual(CORS_ORIGINS, ["https://app.example.org", "http://localhost:8081"]);
    assert.equal(PUBLIC_URL, "https://api.example.org");
  });

  it("[CF1] cannot be changed once it was read", () => {
    const config = readConfig({});
    assert.throws(() => Object.assign(config, { PORT: 1 }), TypeError);
  });

  it("[CF5] is written down whole in .env.example, which holds no secret", () => {
    const example = readFileSync(join(import.meta.dirname, "../../.env.example"), "utf8");
    const listed = [...example.matchAll(/^#? ?([A-Z0-9_]+)=/gm)].map(([, name]) => name).sort();
    assert.deepEqual(listed, Object.keys(Environment.shape).sort());
    for (const name of ["APP_SECRET", "JWT_PRIVATE_KEY_FILE", "JWT_PRIVATE_KEY"])
      assert.match(example, new RegExp(`^# ${name}=$`, "m"));
  });
});
