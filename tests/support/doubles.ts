import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";

/** A request as a provider got it. */
export interface Got {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface Said {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** Instead of an answer: it hangs, or breaks the connection in the middle. */
export type Trouble = "silence" | "cut" | "half";

/** A provider on loopback that speaks the real one's protocol and is as strict; a script may make it answer otherwise. */
export class Double {
  readonly got: Got[] = [];
  /** What comes next instead of its own answer, in this order; a promise keeps whoever asks waiting. */
  readonly script: (Said | Trouble | Promise<Said>)[] = [];
  readonly #answer: (got: Got) => Said;
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  url = "";

  private constructor(answer: (got: Got) => Said) {
    this.#answer = answer;
  }

  static async open(answer: (got: Got) => Said): Promise<Double> {
    const double = new Double(answer);
    double.#server.listen(0, "127.0.0.1");
    await once(double.#server, "listening");
    const address = double.#server.address();
    double.url = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
    return double;
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const bytes = await buffer(request);
    const body = (request.headers["content-encoding"] === "gzip" ? gunzipSync(bytes) : bytes).toString("utf8");
    const got = { method: request.method ?? "", path: request.url ?? "", headers: request.headers, body };
    this.got.push(got);
    const said = await (this.script.shift() ?? this.#answer(got));
    if (said === "silence") return;
    if (said === "cut") return void request.socket.destroy();
    if (said === "half") {
      response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
      return void response.write('{"half":', () => request.socket.destroy());
    }
    response.writeHead(said.status, { "content-type": "application/json", ...said.headers });
    response.end(said.body === undefined ? "" : JSON.stringify(said.body));
  }
}

const refused = (status: number, message: string): Said => ({ status, body: { errors: [{ message, field: null }] } });

/** POST /v3/mail/send, with what SendGrid demands of it. */
export const sendgridDouble = (apiKey: string): Promise<Double> =>
  Double.open(({ method, path, headers, body }) => {
    if (headers.authorization !== `Bearer ${apiKey}`) return refused(401, "authorization required");
    if (method !== "POST" || path !== "/v3/mail/send") return refused(404, "not found");
    const mail = JSON.parse(body);
    const [one] = mail.personalizations ?? [];
    const isWhole =
      /@/.test(one?.to?.[0]?.email ?? "") &&
      /@/.test(mail.from?.email ?? "") &&
      (mail.subject ?? one?.subject) &&
      mail.content?.length;
    if (!isWhole) return refused(400, "a required field is missing");
    if (mail.content[0]?.type !== "text/plain") return refused(400, "text/plain must come first");
    const args = one.custom_args ?? mail.custom_args ?? {};
    if (Object.values(args).some((value) => typeof value !== "string")) return refused(400, "custom args are strings");
    return { status: 202, headers: { "x-message-id": `m${args.deliveryId}` } };
  });

/** POST /2010-04-01/Accounts/…/Messages.json, with what Twilio demands of it. */
export const twilioDouble = (sid: string, token: string): Promise<Double> =>
  Double.open(({ method, path, headers, body }) => {
    const basic = `Basic ${Buffer.from(`${sid}:${token}`).toString("base64")}`;
    if (headers.authorization !== basic)
      return { status: 401, body: { code: 20003, message: "Authenticate", status: 401 } };
    if (method !== "POST" || path !== `/2010-04-01/Accounts/${sid}/Messages.json`)
      return { status: 404, body: { code: 20404, message: "not found", status: 404 } };
    const form = new URLSearchParams(body);
    if (!/^\+[1-9]\d{6,14}$/.test(form.get("To") ?? ""))
      return { status: 400, body: { code: 21211, message: "The 'To' number is not valid", status: 400 } };
    if (!form.get("From") && !form.get("MessagingServiceSid"))
      return { status: 400, body: { code: 21603, message: "A 'From' phone number is required", status: 400 } };
    if (!form.get("Body"))
      return { status: 400, body: { code: 21602, message: "Message body is required", status: 400 } };
    return {
      status: 201,
      body: { sid: `SM${"0".repeat(32)}`, status: "queued", to: form.get("To"), body: form.get("Body") },
    };
  });

const EXPO_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const EXPO_MOST = { messages: 100, receipts: 1000, bytes: 4096 };

const expoRefused = (status: number, code: string, message: string): Said => ({
  status,
  body: { errors: [{ code, message, isTransient: false }] },
});

/** POST /--/api/v2/push/send and /getReceipts, with what Expo demands of them. A token with a word of trouble in it has it. */
export const expoDouble = (accessToken: string, receipts: Readonly<Record<string, unknown>> = {}): Promise<Double> =>
  Double.open(({ method, path, headers, body }) => {
    if (headers.authorization !== `Bearer ${accessToken}`) return expoRefused(401, "UNAUTHORIZED", "bad token");
    if (method !== "POST" || headers["content-type"] !== "application/json")
      return expoRefused(400, "VALIDATION_ERROR", "post JSON");
    const asked = JSON.parse(body);
    if (path.startsWith("/--/api/v2/push/getReceipts")) return expoReceipts(asked.ids, receipts);
    if (!path.startsWith("/--/api/v2/push/send")) return expoRefused(404, "NOT_FOUND", path);
    const messages: object[] = Array.isArray(asked) ? asked : [asked];
    if (messages.length > EXPO_MOST.messages)
      return expoRefused(400, "PUSH_TOO_MANY_NOTIFICATIONS", "at most 100 of them");
    if (!messages.every(isExpoMessage)) return expoRefused(400, "VALIDATION_ERROR", "these are no messages");
    return { status: 200, body: { data: messages.map(expoTicket) } };
  });

function expoReceipts(ids: unknown, receipts: Readonly<Record<string, unknown>>): Said {
  if (!Array.isArray(ids) || !ids.every((id) => typeof id === "string" && EXPO_ID.test(id)))
    return expoRefused(400, "VALIDATION_ERROR", '"ids[0]" must be a valid GUID');
  if (ids.length > EXPO_MOST.receipts) return expoRefused(400, "PUSH_TOO_MANY_RECEIPTS", "at most 1000 of them");
  return {
    status: 200,
    body: { data: Object.fromEntries(ids.flatMap((id) => (id in receipts ? [[id, receipts[id]]] : []))) },
  };
}

const EXPO_FIELDS = new Set(["to", "title", "body", "data", "sound", "priority", "collapseId", "tag"]);

const isExpoMessage = (message: object): boolean =>
  Object.keys(message).every((field) => EXPO_FIELDS.has(field)) &&
  /^Expo(?:nent)?PushToken\[.+\]$/.test(String(Reflect.get(message, "to"))) &&
  ["title", "body"].every((field) => typeof Reflect.get(message, field) === "string");

function expoTicket(message: object): object {
  const to = String(Reflect.get(message, "to"));
  const error = (name: string) => ({ status: "error", message: `${to}: ${name}`, details: { error: name } });
  if (to.includes("gone")) return error("DeviceNotRegistered");
  if (to.includes("busy")) return error("MessageRateExceeded");
  if (Buffer.byteLength(JSON.stringify(message)) > EXPO_MOST.bytes) return error("MessageTooBig");
  return { status: "ok", id: crypto.randomUUID() };
}
