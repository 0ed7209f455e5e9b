import assert from "node:assert/strict";
import { Client, type Room } from "@colyseus/sdk";

/** Somebody who signed up over HTTP, as an app does. */
export interface SignedUp {
  readonly userId: string;
  readonly email: string;
  accessToken: string;
  refreshToken: string;
}

export interface PairedUp {
  readonly pairId: string;
  readonly ada: SignedUp;
  readonly bea: SignedUp;
}

/** Where apps knock: a server's own port, or that of a balancer before several. */
export class Entrance {
  readonly port: number;
  #people = 0;

  constructor(port: number) {
    this.port = port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async call(method: string, path: string, token?: string, body?: unknown, headers: Record<string, string> = {}) {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: text === "" ? {} : JSON.parse(text) };
  }

  async isReady(withinMs = 5000): Promise<boolean> {
    try {
      const signal = AbortSignal.timeout(withinMs);
      return (await fetch(`${this.url}/ready`, { signal, headers: { connection: "close" } })).ok;
    } catch {
      return false;
    }
  }

  async signUp(name: string): Promise<SignedUp> {
    const email = `${name.toLowerCase()}-${this.port}-${++this.#people}-${Date.now()}@example.org`;
    const form = { email, password: "Correct-horse-1", name };
    const { status, body } = await this.call("POST", "/api/v1/auth/register", undefined, form);
    assert.equal(status, 201, JSON.stringify(body));
    const { accessToken, refreshToken } = body.tokens;
    return { userId: body.user.id, email, accessToken, refreshToken };
  }

  /** Two who signed up and found each other by a code. */
  async pairUp(): Promise<PairedUp> {
    const [ada, bea] = await Promise.all([this.signUp("Ada"), this.signUp("Bea")]);
    const { body: made } = await this.call("POST", "/api/v1/twins/code", ada.accessToken);
    const { status, body } = await this.call("POST", "/api/v1/twins/pair", bea.accessToken, { code: made.code });
    assert.equal(status, 200, JSON.stringify(body));
    return { pairId: body.pairId, ada, bea };
  }

  clientOf({ accessToken }: Pick<SignedUp, "accessToken">): Client {
    const client = new Client(`ws://127.0.0.1:${this.port}`);
    client.auth.token = accessToken;
    return client;
  }

  /** As an app does: a stock client, signed in, asking for "pair". */
  async join(who: Pick<SignedUp, "accessToken">, options: object = {}): Promise<Room> {
    const room = await this.clientOf(who).joinOrCreate("pair", options);
    room.reconnection.enabled = false;
    return room;
  }
}
