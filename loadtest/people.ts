/**
 * Signs twins up at a server, pairs them, and writes their tokens down for the scenarios; those who are written down
 * already get new tokens: `npm run people -- --url http://localhost:3000 --pairs 100`.
 */
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { commandLine, Misuse } from "./command-line.ts";

interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

export interface Person extends Tokens {
  readonly email: string;
}

export interface People {
  readonly url: string;
  /** The twins of a pair stand beside each other: 0 and 1, 2 and 3, … */
  readonly people: readonly Person[];
}

export const PEOPLE_FILE = join(import.meta.dirname, "people.json");

/** Everybody's, since nobody is behind them. */
const PASSWORD = "Twins-by-the-1000";

/** A server hashes a few passwords at a time; more callers would only wait. */
const AT_ONCE = 4;

/** As many pairs as are wanted: first those that are known, with new tokens, then new ones. */
export async function preparePeople(url: string, pairs: number, known: readonly Person[] = []): Promise<People> {
  const run = randomBytes(4).toString("hex");
  const waiting = Array.from({ length: pairs }, (_, pair) => pair);
  const people: Person[] = [];
  const worker = async () => {
    for (let pair = waiting.shift(); pair !== undefined; pair = waiting.shift()) {
      const [first, second] = [known[2 * pair], known[2 * pair + 1]];
      const twins = first && second ? renewPair(url, first, second) : newPair(url, `${run}-${pair}`);
      [people[2 * pair], people[2 * pair + 1]] = await twins;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return { url, people };
}

export function readPeople(file: string): People {
  return JSON.parse(readFileSync(file, "utf8"));
}

type Twins = readonly [Person, Person];

async function newPair(url: string, name: string): Promise<Twins> {
  const twins = await Promise.all([signUp(url, `ada-${name}`), signUp(url, `bea-${name}`)]);
  const [ada, bea] = twins;
  const { code } = await call<{ code: string }>(url, "/twins/code", {}, ada.accessToken);
  await call(url, "/twins/pair", { code }, bea.accessToken);
  return twins;
}

const renewPair = (url: string, first: Person, second: Person): Promise<Twins> =>
  Promise.all([renew(url, first), renew(url, second)]);

async function signUp(url: string, name: string): Promise<Person> {
  const email = `loadtest-${name}@example.org`;
  const { tokens } = await call(url, "/auth/register", { email, password: PASSWORD, name: "Load" });
  return personOf(email, tokens);
}

/** A refresh costs the server nothing to speak of; a sign-in hashes a password. */
async function renew(url: string, { email, refreshToken }: Person): Promise<Person> {
  const signIn = () => call(url, "/auth/login", { email, password: PASSWORD });
  const { tokens } = await call(url, "/auth/refresh", { refreshToken }).catch(signIn);
  return personOf(email, tokens);
}

const personOf = (email: string, { accessToken, refreshToken }: Tokens): Person => ({
  email,
  accessToken,
  refreshToken,
});

async function call<Reply = { tokens: Tokens }>(
  url: string,
  path: string,
  body: object,
  token?: string,
): Promise<Reply> {
  const answer = await fetch(`${url}/api/v1${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify(body),
  });
  const said = await answer.text();
  if (answer.ok) return JSON.parse(said);
  const hint = answer.status === 429 ? " (raise RATE_LIMIT_REQUESTS_PER_MINUTE at the server)" : "";
  throw new Error(`${path} was answered ${answer.status}${hint}: ${said}`);
}

const USAGE = `npm run people -- [--url http://localhost:3000] [--pairs 100] [--out ${PEOPLE_FILE}]
  signs up as many pairs as are said, or those who are still missing in the file, and writes their tokens into it`;

if (import.meta.main) {
  const values = commandLine(USAGE, () => {
    const { values } = parseArgs({
      options: {
        url: { type: "string", default: "http://localhost:3000" },
        pairs: { type: "string", default: "100" },
        out: { type: "string", default: PEOPLE_FILE },
      },
    });
    if (URL.parse(values.url) === null) throw new Misuse("--url must be a URL");
    if (!/^[1-9]\d*$/.test(values.pairs)) throw new Misuse("--pairs must be a whole number above 0");
    return values;
  });
  const before = existsSync(values.out) ? readPeople(values.out) : undefined;
  const known = before?.url === values.url ? before.people : [];
  const { people } = await preparePeople(values.url, Number(values.pairs), known);
  // Whoever reads it can speak as these people.
  writeFileSync(values.out, JSON.stringify({ url: values.url, people }), { mode: 0o600 });
  console.log(`${people.length / 2} pairs at ${values.url}, in ${values.out}`);
}
