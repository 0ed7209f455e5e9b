import { StaffMe, type StaffMemberView, StaffToken } from "../../schema/wire/staff.ts";

/** Reads an answer; throws if it is not what it should be. */
export interface Reading<T> {
  parse(answer: unknown): T;
}

/** What the server said no to, in its own words. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export type Query = Readonly<Record<string, string | undefined>>;

/** The staff's part of the server, for one sign-in: its token is kept by this page alone, and goes with it. */
export class StaffServer {
  readonly member: StaffMemberView;
  readonly #token: string;
  readonly #ended: () => void;

  private constructor(token: string, member: StaffMemberView, ended: () => void) {
    this.#token = token;
    this.member = member;
    this.#ended = ended;
  }

  /** `ended` is called when the server knows this sign-in no more. Throws Refused. */
  static async signIn(
    form: { readonly email: string; readonly password: string; readonly totp: string },
    ended: () => void,
  ): Promise<StaffServer> {
    const { token } = StaffToken.parse(await asked("POST", "/login", undefined, form));
    const { member } = StaffMe.parse(await asked("GET", "/me", token));
    return new StaffServer(token, member, ended);
  }

  async get<T>(reading: Reading<T>, path: string, query: Query = {}): Promise<T> {
    const given = Object.entries(query).flatMap(([name, value]): [string, string][] => (value ? [[name, value]] : []));
    const search = new URLSearchParams(given);
    return reading.parse(await this.#ask("GET", given.length > 0 ? `${path}?${search}` : path));
  }

  async do(method: "POST" | "DELETE", path: string, body?: object): Promise<unknown> {
    return this.#ask(method, path, body);
  }

  /** A file of the server's own, by its whole path. Throws Refused. */
  async file(path: string): Promise<{ readonly name: string; readonly bytes: Blob }> {
    const response = await fetch(path, { headers: { authorization: `Bearer ${this.#token}` } });
    if (response.status === 401) this.#ended();
    if (!response.ok) throw refusedBy(response.status, await response.json().catch(() => undefined));
    const [, name = "release"] = /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "") ?? [];
    return { name, bytes: await response.blob() };
  }

  async #ask(method: string, path: string, body?: object): Promise<unknown> {
    try {
      return await asked(method, path, this.#token, body);
    } catch (error) {
      if (error instanceof Refused && error.status === 401) this.#ended();
      throw error;
    }
  }
}

async function asked(method: string, path: string, token?: string, body?: object): Promise<unknown> {
  const response = await fetch(`/api/v1/staff${path}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw refusedBy(response.status, answer);
  return answer;
}

function refusedBy(status: number, answer: unknown): Refused {
  const error = fieldOf(answer, "error");
  const message = fieldOf(error, "message");
  const code = fieldOf(error, "code");
  return new Refused(
    status,
    typeof code === "string" ? code : "UNAVAILABLE",
    typeof message === "string" ? message : "The server did not answer as it should: try again in a moment",
  );
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
