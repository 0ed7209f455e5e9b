import { readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import { z } from "zod";

const ROOT = join(import.meta.dirname, "../..");

const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");

const Duration = z.string().regex(/^(?:\d+(?:ms|s|m|h))+$/, "must be a duration like 1m30s");

const Variables = z.record(z.string().regex(/^[A-Z][A-Z0-9_]*$/), z.string());

const Healthcheck = z.union([
  z.strictObject({ disable: z.literal(true) }),
  z.strictObject({
    test: z.tuple([z.enum(["CMD", "CMD-SHELL"]), z.string()], z.string()),
    interval: Duration,
    timeout: Duration,
    retries: z.int().positive(),
    start_period: Duration.optional(),
  }),
]);

const Service = z
  .strictObject({
    image: z.string().optional(),
    build: z.strictObject({ context: z.string() }).optional(),
    command: z.array(z.string()).nonempty().optional(),
    environment: Variables.optional(),
    ports: z.array(z.string().regex(/^\d+:\d+$/)).optional(),
    expose: z.array(z.string().regex(/^\d+$/)).optional(),
    volumes: z.array(z.string().regex(/^(?:\.\/|[a-z])[\w./-]*:\/[\w./-]+(?::ro)?$/)).optional(),
    depends_on: z
      .record(
        z.string(),
        z.strictObject({
          condition: z.enum(["service_started", "service_healthy", "service_completed_successfully"]),
        }),
      )
      .optional(),
    healthcheck: Healthcheck,
    restart: z.enum(["no", "always", "on-failure", "unless-stopped"]),
    stop_signal: z.enum(["SIGTERM", "SIGINT", "SIGQUIT"]).optional(),
    stop_grace_period: Duration.optional(),
  })
  .refine(({ image, build }) => (image === undefined) !== (build === undefined), "is an image or is built");

export type Service = z.infer<typeof Service>;

/** The part of the compose file's language that ours is written in; a key that it does not have is a mistake. */
const Compose = z
  .looseObject({ name: z.string(), services: z.record(z.string(), Service), volumes: z.record(z.string(), z.null()) })
  .refine(
    (file) => Object.keys(file).every((key) => ["name", "services", "volumes"].includes(key) || key.startsWith("x-")),
    "has a key that compose does not know",
  );

export type Compose = z.infer<typeof Compose>;

export const composeOf = (text: string): Compose => Compose.parse(load(text));

export const compose = (): Compose => composeOf(read("docker-compose.yml"));

/** What a variable is replaced by, as compose does it: `${NAME}`, `${NAME:-otherwise}`, `${NAME:?why it is needed}`. */
export function interpolated(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\{([A-Z0-9_]+)(?::([-?])([^}]*))?\}/g, (_all, name: string, how: string, words: string) => {
    const value = variables[name];
    if (value) return value;
    if (how === "?") throw new Error(`${name}: ${words}`);
    return words ?? "";
  });
}

/** Every variable that the text cannot do without. */
export const required = (text: string): string[] => [
  ...new Set([...text.matchAll(/\$\{([A-Z0-9_]+):\?/g)].map(([, name = ""]) => name)),
];

/** What each kind of process is started with. */
export function procfile(): ReadonlyMap<string, string> {
  const lines = read("Procfile").trim().split("\n");
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]));
}

/** The Dockerfile's instructions, the last of each kind. */
export function dockerfile(): ReadonlyMap<string, string> {
  const lines = read("Dockerfile").replaceAll("\\\n", " ").split("\n");
  const instructions = lines.filter((line) => /^[A-Z]+ /.test(line));
  return new Map(instructions.map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)]));
}

export const deployed = { root: ROOT, read };
