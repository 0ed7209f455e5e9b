import { z } from "zod";
import { codeOf, expect, type Phone, type Visitor } from "./visitor.ts";

export interface Check {
  /** A sentence that is true of a system that is well. */
  readonly says: string;
  readonly run: (tour: Tour) => Promise<void>;
}

interface Person {
  readonly password: string;
  readonly token: string;
}

/** What one check found out and the next ones need. */
export interface Tour {
  readonly visitor: Visitor;
  /** A page's origin that must be let in, if there is one. */
  readonly origin: string | undefined;
  /** An address that nobody else has. */
  readonly address: (who: string) => string;
  readonly newId: () => string;
  ada?: Person;
  bea?: Person;
  phones: Phone[];
}

const Ok = z.looseObject({ success: z.literal(true) });
const Health = Ok.extend({ status: z.string(), services: z.record(z.string(), z.string()) });
const Tokens = z.object({ tokens: z.object({ accessToken: z.string() }) });
const Sent = z.object({ id: z.string(), seq: z.number(), version: z.number() });
const Page = z.object({ messages: z.array(z.looseObject({ id: z.string(), text: z.string() })) });
const HeardMessage = z.object({ message: z.looseObject({ id: z.string(), text: z.string() }) });

async function itLives({ visitor }: Tour): Promise<void> {
  const { status, services } = await visitor.gets(Health, "GET", "/health");
  expect(status === "healthy", `/health says ${status}: ${JSON.stringify(services)}`);
}

async function itIsReady({ visitor }: Tour): Promise<void> {
  const { status, body } = await visitor.ask("GET", "/ready");
  expect(status === 200, `/ready answers ${status} ${JSON.stringify(body) ?? ""}`);
}

async function answersAreGuarded({ visitor, newId }: Tour): Promise<void> {
  const id = newId();
  const { headers } = await visitor.ask("GET", "/api/v1/health", { headers: { "x-request-id": id } });
  expect(headers.get("x-request-id") === id, "X-Request-Id does not come back: something on the way drops it");
  expect(
    /no-store/.test(headers.get("cache-control") ?? ""),
    "Cache-Control is not no-store: something may keep answers",
  );
  expect(headers.get("x-content-type-options") === "nosniff", "X-Content-Type-Options is gone");
  expect(!headers.has("x-powered-by"), "X-Powered-By says what made it");
  const isTls = visitor.url.protocol === "https:";
  expect(!isTls || headers.has("strict-transport-security"), "Strict-Transport-Security is gone");
}

async function refusalsAreOurs({ visitor }: Tour): Promise<void> {
  const refusals = [
    ["GET", "/there-is-nothing-here", {}, 404, "NOT_FOUND"],
    ["GET", "/api/v1/there-is-nothing-here", {}, 404, "NOT_FOUND"],
    ["POST", "/api/v1/auth/login", { body: "{" }, 400, "MALFORMED_JSON"],
    ["GET", "/api/v1/auth/me", {}, 401, "AUTH_REQUIRED"],
    ["PUT", "/api/v1/auth/login", { body: {} }, 405, "METHOD_NOT_ALLOWED"],
  ] as const;
  for (const [method, path, asking, status, code] of refusals) {
    const answer = await visitor.ask(method, path, asking);
    const words = `${method} ${path} answers ${answer.status}${codeOf(answer.body)}, not ${status} ${code}`;
    expect(answer.status === status && codeOf(answer.body) === ` ${code}`, words);
  }
  const seat = await visitor.ask("POST", "/matchmake/joinOrCreate/pair", { body: {} });
  const reads = z.object({ code: z.literal(401), error: z.string() }).safeParse(seat.body).success;
  expect(seat.status === 401 && reads, `a seat is refused with ${seat.status}, not as the SDK reads it`);
}

async function onlyOurPagesMayCall({ visitor, origin }: Tour): Promise<void> {
  const preflight = async (from: string) => {
    const asks = { origin: from, "access-control-request-method": "POST" };
    const names = { "access-control-request-headers": "authorization,content-type,idempotency-key" };
    const { headers } = await visitor.ask("OPTIONS", "/api/v1/messages", { headers: { ...asks, ...names } });
    return headers.get("access-control-allow-origin");
  };
  expect((await preflight("https://elsewhere.invalid")) === null, "pages of any origin may call");
  if (origin) expect((await preflight(origin)) === origin, `pages of ${origin} may not call: see CORS_ORIGINS`);
}

async function peopleSignUp(tour: Tour): Promise<void> {
  const { visitor, address, newId } = tour;
  const signUp = async (name: string): Promise<Person> => {
    const password = `Aa1-${newId()}`;
    const body = { email: address(name), password, name };
    const { tokens } = await visitor.gets(Tokens, "POST", "/api/v1/auth/register", { body });
    return { password, token: tokens.accessToken };
  };
  // One after the other: who has signed up is to be removed also if the next one is refused.
  tour.ada = await signUp("Ada");
  tour.bea = await signUp("Bea");
}

async function twinsFindEachOther({ visitor, ada, bea }: Tour): Promise<void> {
  const made = await visitor.gets(z.object({ code: z.string() }), "POST", "/api/v1/twins/code", tokenOf(ada));
  const pairing = { ...tokenOf(bea), body: { code: made.code } };
  await visitor.gets(z.object({ pairId: z.string() }), "POST", "/api/v1/twins/pair", pairing);
}

async function phonesEnter(tour: Tour): Promise<void> {
  const { visitor, ada, bea } = tour;
  tour.phones = await Promise.all([
    visitor.enter(tokenOf(ada).token, { deviceId: "smoke-a" }),
    visitor.enter(tokenOf(bea).token, { deviceId: "smoke-b" }),
  ]);
  await Promise.all(tour.phones.map((phone) => phone.hears(Page, "chat.window")));
}

async function bothHear({ phones, newId }: Tour): Promise<void> {
  const [a, b] = phones;
  expect(a !== undefined && b !== undefined, "there are no phones in the room");
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    const text = `Is it well? ${newId()}`;
    const { id } = await from.asks(Sent, "chat.send", { key: newId(), text });
    await to.hears(
      HeardMessage.refine(({ message }) => message.id === id && message.text === text),
      "chat.message",
    );
  }
}

async function historyIsRead({ visitor, ada }: Tour): Promise<void> {
  const { messages } = await visitor.gets(Page, "GET", "/api/v1/messages?limit=10", tokenOf(ada));
  expect(messages.length === 2, `of two messages ${messages.length} are in history`);
}

async function whatWasMissedComes(tour: Tour): Promise<void> {
  const { visitor, bea, phones, newId } = tour;
  const [a, b] = phones;
  expect(a !== undefined && b !== undefined, "there are no phones in the room");
  const { version } = await b.asks(Sent, "chat.send", { key: newId(), text: "I go for a moment" });
  await b.leave();
  const { id } = await a.asks(Sent, "chat.send", { key: newId(), text: "and I write meanwhile" });
  const back = await visitor.enter(tokenOf(bea).token, { deviceId: "smoke-b", afterVersion: version });
  tour.phones = [a, back];
  await back.hears(
    HeardMessage.refine(({ message }) => message.id === id),
    "chat.message",
  );
}

async function bothGo({ visitor, phones, ...people }: Tour): Promise<void> {
  await Promise.all(phones.map((phone) => phone.leave().catch(() => undefined)));
  for (const person of [people.ada, people.bea]) {
    if (!person) continue;
    const body = { password: person.password, eraseMessages: true };
    await visitor.gets(Ok, "DELETE", "/api/v1/users/me", { token: person.token, body });
  }
}

function tokenOf(person: Person | undefined): { readonly token: string } {
  expect(person !== undefined, "nobody has signed up");
  return { token: person.token };
}

/** In the order in which somebody new would come upon it. */
export const CHECKS: readonly Check[] = [
  { says: "it lives, and has all it was given", run: itLives },
  { says: "new work may come", run: itIsReady },
  { says: "answers bear their guards past everything on the way", run: answersAreGuarded },
  { says: "refusals come in our words", run: refusalsAreOurs },
  { says: "only our pages may call", run: onlyOurPagesMayCall },
  { says: "people sign up", run: peopleSignUp },
  { says: "twins find each other", run: twinsFindEachOther },
  { says: "two phones enter their room", run: phonesEnter },
  { says: "what one says the other hears", run: bothHear },
  { says: "history is read over HTTP", run: historyIsRead },
  { says: "who comes back hears what was missed", run: whatWasMissedComes },
];

/** Whatever else was amiss. */
export const GOODBYE: Check = { says: "both have their accounts deleted", run: bothGo };
