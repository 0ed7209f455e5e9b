import { z } from "zod";
import { createApp } from "./app.ts";
import { readConfig } from "./config.ts";
import { Lifecycle } from "./lifecycle.ts";
import { createLogger } from "./logger.ts";
import { OperatorProblem } from "./operator-problem.ts";
import { startProblem } from "./start-problems.ts";

/** Everybody knows it: sample twins are for trying things out. */
const PASSWORD = "Twins-always-know-1";

const ADA = {
  email: "ada@example.org",
  name: "Ada",
  twinType: "identical",
  accentColor: "neon-pink",
  birthDate: "1990-08-23",
};
const BEA = {
  email: "bea@example.org",
  name: "Bea",
  twinType: "identical",
  accentColor: "neon-blue",
  birthDate: "1990-08-23",
};

type Who = "ada" | "bea";

/** Who says what; the key of each is its place here, so that saying it again changes nothing. */
const TALK: readonly (readonly [Who, string])[] = [
  ["ada", "Are you awake?"],
  ["bea", "Since five. You too, of course."],
  ["ada", "I dreamt of the house by the lake again."],
  ["bea", "The one with the blue door? I was just about to say."],
  ["ada", "Blue, yes. And the dog that was not ours."],
  ["bea", "He had a name this time. Do you remember it?"],
  ["ada", "Wednesday. 😄"],
  ["bea", "Wednesday! Breakfast at nine?"],
  ["ada", "At nine. I bring the good bread."],
];

/** Random once, and the same ever since: these are the commands' own ids. */
const KEYS = "seed-b1f7c09e4d2a86f3";

const STEPS = TALK.length + 5;

/** Two sample twins, paired, with a little history; through the same doors as an app, and as often as you like. */
class Seeding {
  readonly #base: string;
  #done = 0;

  constructor(base: string) {
    this.#base = new URL("/api/v1", base).href;
  }

  async run(): Promise<void> {
    const tokens = { ada: await this.#signIn(ADA), bea: await this.#signIn(BEA) };
    await this.#pair(tokens.ada, tokens.bea);
    for (const [index, [who, text]] of TALK.entries()) {
      const { status } = await this.#call("POST", "/messages", tokens[who], {
        clientMessageId: `${KEYS}-${index}`,
        type: "text",
        text,
      });
      this.#step(status === 200 ? `${who} had said "${text}"` : `${who} says "${text}"`);
    }
    const { studies = [] } = (await this.#call("GET", "/research/studies", tokens.ada)).body;
    this.#step(`there are ${studies.length} studies to take part in`);
    this.#step(`done: sign in as ${ADA.email} or ${BEA.email} with ${PASSWORD}`);
  }

  async #signIn(person: typeof ADA): Promise<string> {
    const registered = await this.#call("POST", "/auth/register", undefined, { ...person, password: PASSWORD }, [409]);
    if (registered.status === 201) return this.#stepWith(`${person.name} signs up`, registered.body);
    const known = await this.#call("POST", "/auth/login", undefined, { email: person.email, password: PASSWORD });
    return this.#stepWith(`${person.name} was here before`, known.body);
  }

  async #pair(ada: string, bea: string): Promise<void> {
    const mine = await this.#call("GET", "/twins", ada);
    if (mine.body.pair) return this.#step("they are a pair");
    const { body } = await this.#call("POST", "/twins/code", ada);
    await this.#call("POST", "/twins/pair", bea, { code: body.code });
    this.#step("they find each other by a code");
  }

  async #call(
    method: string,
    path: string,
    token?: string,
    body?: object,
    alsoFine: readonly number[] = [],
  ): Promise<Answer> {
    const headers = {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body && { "content-type": "application/json" }),
    };
    const response = await fetch(`${this.#base}${path}`, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer = Body.parse(await response.json());
    if (response.ok || alsoFine.includes(response.status)) return { status: response.status, body: answer };
    throw new OperatorProblem(
      `${method} ${path} was answered ${response.status} ${answer.error?.code}: ${answer.error?.message}`,
    );
  }

  #stepWith(what: string, { tokens }: Answer["body"]): string {
    this.#step(what);
    return tokens?.accessToken ?? "";
  }

  #step(what: string): void {
    process.stdout.write(`[${String(++this.#done).padStart(2)}/${STEPS}] ${what}\n`);
  }
}

const Body = z.object({
  tokens: z.object({ accessToken: z.string() }).optional(),
  pair: z.object({}).nullish(),
  code: z.string().optional(),
  studies: z.array(z.object({})).optional(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
});

interface Answer {
  readonly status: number;
  readonly body: z.infer<typeof Body>;
}

/** Into the server that is named, or one that runs for this only. */
async function seed(running: string | undefined): Promise<void> {
  const config = { ...readConfig(process.env), PORT: 0, HOST: "127.0.0.1" };
  if (config.NODE_ENV === "production")
    throw new OperatorProblem("Everybody knows the sample twins' password: not in production");
  if (running) return new Seeding(running).run();
  const log = createLogger("warn");
  const lifecycle = new Lifecycle((error, name) => log.error({ err: error, name }, "could not be released"));
  try {
    const app = await createApp({ config, lifecycle, log });
    const { port } = await app.listen();
    await new Seeding(`http://127.0.0.1:${port}`).run();
  } finally {
    await lifecycle.stop();
  }
}

try {
  await seed(process.argv[2]);
  process.exit(0);
} catch (error) {
  const problem = startProblem(error);
  if (problem)
    console.error(
      /already serves/.test(problem) ? `${problem}; or name it: npm run db:seed -- http://localhost:3000` : problem,
    );
  else createLogger("info").fatal({ err: error }, "the sample twins could not be made");
  process.exit(1);
}
