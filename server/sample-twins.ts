import { z } from "zod";
import { OperatorProblem } from "./operator-problem.ts";

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

/** What is needed to be one of them. */
export const SAMPLE_TWINS = [ADA, BEA].map(({ email, name }) => ({ name, email, password: PASSWORD }));

type Who = "ada" | "bea";

interface Line {
  readonly by: Who;
  readonly text: string;
  /** The line this one answers, counted from 0. */
  readonly replyTo?: number;
  /** What the twin thinks of it. */
  readonly reaction?: string;
}

/** Who says what; the key of each is its place here, so that saying it again changes nothing. */
const TALK: readonly Line[] = [
  { by: "ada", text: "Are you awake?" },
  { by: "bea", text: "Since five. You too, of course." },
  { by: "ada", text: "I dreamt of the house by the lake again." },
  { by: "bea", text: "The one with the blue door? I was just about to say.", reaction: "😳" },
  { by: "ada", text: "Blue, yes. And the dog that was not ours." },
  { by: "bea", text: "He had a name this time. Do you remember it?", replyTo: 4 },
  { by: "ada", text: "Wednesday. 😄", reaction: "❤️" },
  { by: "bea", text: "Wednesday! Breakfast at nine?" },
  { by: "ada", text: "At nine. I bring the good bread." },
];

/** Random once, and the same ever since: these are the commands' own ids. */
const KEYS = "seed-b1f7c09e4d2a86f3";

export const STEPS = TALK.length + 4;

/** Two sample twins, paired, with a little history; through the same doors as an app, and as often as you like. */
export class SampleTwins {
  readonly #base: string;
  readonly #step: (what: string) => void;

  /** `step` hears of each of the STEPS as it is done. */
  constructor(base: string, step: (what: string) => void = () => undefined) {
    this.#base = new URL("/api/v1", base).href;
    this.#step = step;
  }

  async make(): Promise<void> {
    const tokens = { ada: await this.#signIn(ADA), bea: await this.#signIn(BEA) };
    await this.#pair(tokens.ada, tokens.bea);
    const ids: string[] = [];
    for (const [index, line] of TALK.entries()) ids.push(await this.#say(index, line, tokens, ids));
    this.#step(`done: sign in as ${ADA.email} or ${BEA.email} with ${PASSWORD}`);
  }

  async #say(
    index: number,
    { by, text, replyTo, reaction }: Line,
    tokens: Readonly<Record<Who, string>>,
    ids: readonly string[],
  ): Promise<string> {
    const { status, body } = await this.#call("POST", "/messages", tokens[by], {
      clientMessageId: `${KEYS}-${index}`,
      type: "text",
      text,
      ...(replyTo !== undefined && { replyTo: ids[replyTo] }),
    });
    const id = body.message?.id ?? "";
    const twin = tokens[by === "ada" ? "bea" : "ada"];
    if (reaction && status === 201) await this.#call("POST", `/messages/${id}/reactions`, twin, { emoji: reaction });
    this.#step(status === 200 ? `${by} had said "${text}"` : `${by} says "${text}"`);
    return id;
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
}

const Body = z.object({
  tokens: z.object({ accessToken: z.string() }).optional(),
  pair: z.object({}).nullish(),
  code: z.string().optional(),
  message: z
    .union([z.string(), z.object({ id: z.string() })])
    .optional()
    .transform((said) => (typeof said === "object" ? said : undefined)),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
});

interface Answer {
  readonly status: number;
  readonly body: z.infer<typeof Body>;
}
