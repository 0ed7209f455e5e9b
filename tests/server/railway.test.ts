import assert from "node:assert/strict";
import { registerHooks } from "node:module";
import { join } from "node:path";
import { z } from "zod";
import { Environment, readConfig } from "../../server/config.ts";
import { deployed, procfile } from "../support/deployment.ts";
import { privateKey } from "../support/private-key.ts";

/** What Railway's own package makes of a file: names and settings as they were given, and references by their names. */
const DOUBLE = `
const refs = (name) => new Proxy({}, { get: (_, output) => ({ type: "reference", resource: name, output }) });
const made = (type) => (name, config = {}) => ({ type, name, config, env: refs(name) });
export const [service, postgres, redis] = ["service", "postgres", "redis"].map(made);
export const preserve = () => ({ type: "preserve" });
export const project = (name, definition) => ({ name, ...definition });
export const defineRailway = (program) => program;
`;

/** The part of its language that ours is written in; a key that it does not have is a mistake. */
const Variable = z.union([
  z.string(),
  z.strictObject({ type: z.literal("preserve") }),
  z.strictObject({ type: z.literal("reference"), resource: z.string(), output: z.string() }),
]);
const ServiceConfig = z.strictObject({
  build: z.strictObject({ builder: z.literal("DOCKERFILE"), dockerfilePath: z.literal("Dockerfile") }),
  start: z.string(),
  preDeploy: z.string().optional(),
  healthcheck: z.string().optional(),
  healthcheckTimeout: z.int().positive().optional(),
  replicas: z.int().positive(),
  env: z.record(z.string(), Variable),
  deploy: z.strictObject({
    restartPolicyType: z.literal("ALWAYS"),
    overlapSeconds: z.int().positive().optional(),
    drainingSeconds: z.int().positive(),
    sleepApplication: z.literal(false),
  }),
});
const Project = z.strictObject({
  name: z.string(),
  resources: z.array(z.object({ type: z.string(), name: z.string(), config: z.unknown() })),
});

const EXAMPLES: Readonly<Record<string, string>> = {
  DATABASE_URL: "postgres://user:password@postgres.railway.internal:5432/railway",
  REDIS_URL: "redis://default:password@redis.railway.internal:6379",
};

describe("the project on Railway", () => {
  let project: z.infer<typeof Project>;
  before(async () => {
    const hooks = registerHooks({
      resolve: (specifier, context, next) =>
        specifier === "railway/iac"
          ? { url: `data:text/javascript,${encodeURIComponent(DOUBLE)}`, shortCircuit: true }
          : next(specifier, context),
    });
    const { default: program } = await import(join(deployed.root, ".railway/railway.ts"));
    hooks.deregister();
    project = Project.parse(await program({ isEnvironment: (name: string) => name === "production" }));
  });
  const configOf = (name: string) =>
    ServiceConfig.parse(project.resources.find((resource) => resource.name === name)?.config);

  it("[DY7] has a node and a worker that the Procfile starts too, its release step before them, PostgreSQL and Redis", () => {
    const [web, worker] = [configOf("web"), configOf("worker")];
    const lines = procfile();
    assert.deepEqual(
      [web.start, worker.start, web.preDeploy],
      [lines.get("web"), lines.get("worker"), lines.get("release")],
    );
    assert.deepEqual(project.resources.map(({ type }) => type).sort(), ["postgres", "redis", "service", "service"]);
    assert.ok(web.replicas >= 2, "a deploy is not felt");
  });

  it("[DY7] a node is taken once it is ready, and drained for longer than it may take", () => {
    const { healthcheck, deploy, env } = configOf("web");
    assert.equal(healthcheck, "/ready");
    assert.ok(deploy.overlapSeconds);
    assert.ok(deploy.drainingSeconds >= Number(env["SHUTDOWN_DEADLINE_SECONDS"]) + 5);
    assert.ok(configOf("worker").deploy.drainingSeconds >= Number(env["SHUTDOWN_DEADLINE_SECONDS"]) + 5);
  });

  it("[DY7] both have one environment that makes a production server, no secret stands in it, and references lead to what is there", () => {
    const { env } = configOf("web");
    assert.deepEqual(configOf("worker").env, env);
    const known = new Set(Object.keys(Environment.shape));
    assert.deepEqual(
      Object.keys(env).filter((name) => !known.has(name)),
      [],
    );
    const names = project.resources.map(({ name }) => name);
    for (const value of Object.values(env))
      if (typeof value === "object" && value.type === "reference") assert.ok(names.includes(value.resource));
    for (const [name, value] of Object.entries(env))
      if (/SECRET|KEY|TOKEN|PASSWORD|SID/.test(name)) assert.deepEqual(value, { type: "preserve" }, name);
    const given = Object.entries(env).map(([name, value]) => [
      name,
      typeof value === "string" ? value : EXAMPLES[name],
    ]);
    const secret = "a secret of these tests and of nobody else";
    const kept = { APP_SECRET: secret, CLUSTER_KEY: secret, JWT_PRIVATE_KEY: privateKey(), METRICS_TOKEN: secret };
    const all: Record<string, string | undefined> = { ...Object.fromEntries(given), ...kept, ALLOW_EMBEDDED: "1" };
    assert.equal(readConfig(all).CLIENT_IP_HEADER, "x-real-ip");
  });
});
