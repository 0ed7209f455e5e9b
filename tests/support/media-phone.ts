import assert from "node:assert/strict";
import type { Entrance, SignedUp } from "./entrance.ts";

type Who = Pick<SignedUp, "accessToken">;

/** What an app does with a picture or a recording, step by step. */
export class MediaPhone {
  readonly #entrance: Entrance;
  readonly #who: Who;

  constructor(entrance: Entrance, who: Who) {
    this.#entrance = entrance;
    this.#who = who;
  }

  call(method: string, path: string, body?: unknown, headers?: Record<string, string>) {
    return this.#entrance.call(method, `/api/v1${path}`, this.#who.accessToken, body, headers);
  }

  async announce(purpose: string, contentType: string, file: Uint8Array, more: object = {}) {
    const { status, body } = await this.call("POST", "/media", { purpose, contentType, bytes: file.length, ...more });
    assert.equal(status, 201, JSON.stringify(body));
    return body;
  }

  async send({ upload }: { upload: { url: string; headers: Record<string, string> } }, file: Uint8Array<ArrayBuffer>) {
    const { "Content-Length": _given, ...headers } = upload.headers;
    const answer = await fetch(upload.url, { method: "PUT", headers, body: file });
    assert.equal(answer.status, 200, await answer.text());
  }

  /** What completing it answers. */
  async offer(purpose: string, contentType: string, file: Uint8Array<ArrayBuffer>) {
    const announced = await this.announce(purpose, contentType, file);
    await this.send(announced, file);
    return this.call("POST", `/media/${announced.media.id}/complete`);
  }

  async upload(purpose: string, contentType: string, file: Uint8Array<ArrayBuffer>) {
    const { status, body } = await this.offer(purpose, contentType, file);
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(body.media.status, "ready");
    return body.media;
  }

  /** The code of a refusal, or the status of what is none. */
  async saying(method: string, path: string, body?: unknown): Promise<string> {
    const answer = await this.call(method, path, body);
    return answer.status < 300 ? String(answer.status) : `${answer.status} ${answer.body.error.code}`;
  }

  content(id: string, headers: Record<string, string> = {}, query = ""): Promise<Response> {
    const authorization = `Bearer ${this.#who.accessToken}`;
    return fetch(`${this.#entrance.url}/api/v1/media/${id}/content${query}`, {
      headers: { authorization, ...headers },
    });
  }
}
