import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { Environment, readConfig } from "../../server/config.ts";
import {
  compose,
  composeOf,
  deployed,
  dockerfile,
  interpolated,
  procfile,
  required,
  type Service,
} from "../support/deployment.ts";

const text = deployed.read("docker-compose.yml");
const { services, volumes } = compose();
const service = (name: string): Service => {
  const found = services[name];
  assert.ok(found, `there is a service ${name}`);
  return found;
};
const nodes = Object.entries(services).filter(([name]) => name.startsWith("web-"));
const ours = Object.entries(services).filter(([, { build }]) => build);

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" });

/** What the operator gives. */
const GIVEN: Readonly<Record<string, string>> = {
  POSTGRES_PASSWORD: "a".repeat(32),
  REDIS_PASSWORD: "b".repeat(32),
  APP_SECRET: "c".repeat(64),
  CLUSTER_KEY: "d".repeat(64),
  METRICS_TOKEN: "e".repeat(32),
  STORE_ACCESS_KEY: "twinship",
  STORE_SECRET_KEY: "f".repeat(64),
  JWT_PRIVATE_KEY: String(rsa),
};

const environmentOf = ({ environment = {} }: Service, given = GIVEN): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, interpolated(value, given)]));

const seconds = (duration = "0s"): number => Number(/^(\d+)s$/.exec(duration)?.[1]);

describe("docker-compose.yml", () => {
  it("[DP1] has two nodes, a worker, a release step, PostgreSQL, Redis, a store and one proxy, and nothing is misspelt", () => {
    const names = ["database", "proxy", "redis", "release", "store", "web-1", "web-2", "worker"];
    assert.deepEqual(Object.keys(services).sort(), names);
    assert.throws(() => composeOf(text.replace("stop_grace_period", "stop_grace_perod")));
    assert.throws(() => composeOf(text.replace("service_healthy", "service_health")));
    assert.throws(() => composeOf(text.replace("interval: 5s", "interval: 5")));
    assert.throws(() => composeOf(`${text}\nservice:\n`));
  });

  it("[DP1] the nodes are the same in every way", () => {
    assert.equal(nodes.length, 2);
    for (const [, node] of nodes) assert.deepEqual(node, service("web-1"));
  });

  it("[DP2] what waits for a service names one that there is, and waits for what that one can become", () => {
    for (const [name, { depends_on = {} }] of Object.entries(services)) {
      for (const [on, { condition }] of Object.entries(depends_on)) {
        const { healthcheck, restart } = service(on);
        assert.equal(condition, "test" in healthcheck ? "service_healthy" : "service_completed_successfully", name);
        assert.equal(condition === "service_completed_successfully", restart === "no", `${name} on ${on}`);
      }
    }
    const used = Object.values(services).flatMap((one) => one.volumes ?? []);
    const [folders, named] = [used.filter((one) => one.startsWith("./")), used.filter((one) => !one.startsWith("./"))];
    assert.deepEqual(named.map((one) => one.split(":")[0]).sort(), Object.keys(volumes).sort());
    for (const folder of folders) assert.ok(existsSync(join(deployed.root, folder.split(":")[0] ?? "")), folder);
  });

  it("[DP2] nodes and worker start on a database that the release step has migrated, and migrate nothing themselves", () => {
    for (const name of ["web-1", "web-2", "worker"]) {
      const { depends_on, environment } = service(name);
      assert.equal(depends_on?.["release"]?.condition, "service_completed_successfully", name);
      assert.equal(environment?.["MIGRATE"], "never", name);
      assert.equal(environment?.["WORKER"], "separate", name);
    }
  });

  it("[DP3] every variable that ours are given is one the server reads, and together they make a production server", () => {
    for (const [name, one] of ours) {
      const environment = environmentOf(one);
      assert.deepEqual(
        Object.keys(environment).filter((variable) => !(variable in Environment.shape)),
        [],
        name,
      );
      const config = readConfig(environment);
      assert.equal(config.NODE_ENV, "production");
      // For want of providers of mail only: database, keys and secrets are required above.
      assert.equal(config.ALLOW_EMBEDDED, true);
      assert.ok(config.DATABASE_URL && config.APP_SECRET && config.PRIVATE_KEYS.length === 1);
      assert.equal(config.PORT, 3000);
    }
  });

  it("[DP3] it does not start without what it needs, and its first lines say how to make all of that", () => {
    const head = text.slice(0, text.indexOf("name: twinship"));
    const told = [...head.matchAll(/([A-Z_]+)="?(?:\$|twinship)/g)].map(([, name = ""]) => name);
    assert.deepEqual(required(text).sort(), Object.keys(GIVEN).sort());
    assert.deepEqual(told.sort(), Object.keys(GIVEN).sort());
    for (const missing of required(text)) {
      const given = Object.fromEntries(Object.entries(GIVEN).filter(([name]) => name !== missing));
      assert.throws(() => interpolated(text, given), new RegExp(`${missing}: set ${missing}`));
    }
  });

  it("[DP3] addresses lead to services that are there, with the names and passwords those were given", () => {
    const { DATABASE_URL = "", REDIS_URL = "" } = environmentOf(service("web-1"));
    const database = new URL(DATABASE_URL);
    const { POSTGRES_USER, POSTGRES_DB, POSTGRES_PASSWORD } = environmentOf(service(database.hostname));
    assert.deepEqual(
      [database.username, database.pathname, database.password],
      [POSTGRES_USER, `/${POSTGRES_DB}`, POSTGRES_PASSWORD],
    );
    const redis = new URL(REDIS_URL);
    const command = service(redis.hostname).command?.map((word) => interpolated(word, GIVEN)) ?? [];
    assert.equal(command[command.indexOf("--requirepass") + 1], redis.password);
    assert.equal(environmentOf(service("redis"))["REDISCLI_AUTH"], redis.password);
  });

  it("[DP4] holds no secret, and opens two doors: the proxy, and the store that phones send pictures to", () => {
    for (const [name, { environment = {} }] of Object.entries(services)) {
      for (const [variable, value] of Object.entries(environment)) {
        if (/PASSWORD|SECRET|TOKEN|_KEY|AUTH$/.test(variable))
          assert.match(value, /^\$\{[A-Z_]+:(?:\?[^}]+|-)\}$/, name);
        else assert.doesNotMatch(value.replaceAll(/\$\{[^}]*\}/g, ""), /:[^/@]+@|-----BEGIN/, `${name} ${variable}`);
      }
    }
    const open = Object.entries(services).filter(([, { ports }]) => ports);
    assert.deepEqual(
      open.map(([name, { ports }]) => [name, ports]),
      [
        ["proxy", ["3000:8080"]],
        ["store", ["8333:8333"]],
      ],
    );
  });

  it("[DP4] takes images of one version each", () => {
    for (const [name, { image }] of Object.entries(services)) {
      if (image) assert.match(image, /^[a-z/]+:\d+\.\d+(?:[.-][\w.-]+)?$/, name);
    }
  });

  it("[DP5] each of ours is told to go with SIGTERM and given longer than it may take", () => {
    const deadline = readConfig({}).SHUTDOWN_DEADLINE_SECONDS;
    for (const name of ["web-1", "web-2", "worker"]) {
      assert.equal(service(name).stop_signal, undefined);
      assert.ok(seconds(service(name).stop_grace_period) > deadline, name);
    }
    for (const [name, { restart, healthcheck }] of Object.entries(services)) {
      if (restart === "no") continue;
      assert.equal(restart, "unless-stopped", name);
      assert.ok("test" in healthcheck || name === "worker", `${name} is looked after`);
    }
  });

  it("[DP5] a node is well when it is ready, as its health check sees it", async () => {
    let status = 200;
    const paths: (string | undefined)[] = [];
    const stub = createServer(({ url }, response) => {
      paths.push(url);
      response.writeHead(status).end();
    }).listen(0, "127.0.0.1");
    await once(stub, "listening");
    const address = stub.address();
    const port = String(typeof address === "object" && address?.port);
    const { healthcheck } = service("web-1");
    assert.ok("test" in healthcheck);
    const [, , ...options] = healthcheck.test;
    assert.equal(healthcheck.test[1], "node");
    const looks = () => codeOf(options.map((word) => word.replace(":3000", `:${port}`)));
    assert.equal(await looks(), 0);
    status = 503;
    assert.equal(await looks(), 1);
    stub.close();
    stub.closeAllConnections();
    assert.equal(await looks(), 1);
    assert.deepEqual(paths, ["/ready", "/ready"]);
  });
});

describe("the Procfile and the image", () => {
  it("[DP6] compose starts exactly what the Procfile does, and so does the image by itself", () => {
    const commands = procfile();
    assert.deepEqual([...commands.keys()], ["web", "worker", "release"]);
    const started = (name: string) => service(name).command?.join(" ");
    for (const [name] of nodes) assert.equal(started(name), commands.get("web"));
    assert.equal(started("worker"), commands.get("worker"));
    assert.equal(started("release"), commands.get("release"));
    assert.equal(JSON.parse(dockerfile().get("CMD") ?? "").join(" "), commands.get("web"));
  });

  it("[DP6] each command is node itself with a file that is there and that the image holds, and no shell or npm between", () => {
    const held = deployed.read(".dockerignore").split("\n");
    for (const [name, command] of procfile()) {
      const [program, file = "", ...rest] = command.split(" ");
      assert.deepEqual([program, rest], ["node", []], name);
      assert.ok(existsSync(join(deployed.root, file)), `${name}: ${file}`);
      assert.ok(held.includes(`!${file.split("/")[0]}`), file);
    }
    assert.match(dockerfile().get("CMD") ?? "", /^\["node"/);
  });

  it("[DP6] npm scripts that run for long give their place to node, which npm's signals then reach", () => {
    const { scripts } = JSON.parse(deployed.read("package.json"));
    assert.equal(scripts.start, `exec ${procfile().get("web")}`);
    assert.equal(scripts["db:migrate"], `exec ${procfile().get("release")}`);
    for (const [name, script] of Object.entries<string>(scripts))
      if (/\bnode \w/.test(script)) assert.match(script, /^exec node /, name);
  });

  it("[DP6] the image runs as nobody special, and says that it lives", () => {
    assert.equal(dockerfile().get("USER"), "node");
    assert.match(dockerfile().get("HEALTHCHECK") ?? "", /\/health/);
    assert.match(dockerfile().get("ENV") ?? "", /NODE_ENV=production/);
  });
});

function codeOf(options: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    execFile(process.execPath, [...options], (error) => resolve(error ? Number(error.code) : 0));
  });
}
