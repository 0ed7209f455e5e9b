import { createHash, createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";

const ACCESS_KEY = "AKIATWINSHIPTEST";
const SECRET_KEY = "a secret that only the double and the server know";

interface Kept {
  readonly body: Buffer;
  readonly type: string;
  readonly at: number;
}

class Denied extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string) {
    super(code);
    this.status = status;
    this.code = code;
  }
}

/**
 * As much of S3 as we ask of it, by its own rules to the letter: every request is signed (version 4), every signed header
 * is as it was signed, nothing outlives its time, and what was said of a body is so. Private, as a bucket should be.
 */
export class StrictS3 {
  readonly objects = new Map<string, Kept>();
  readonly denied: string[] = [];
  /** So many answers to GET end in the middle of the file. */
  breakingOff = 0;
  /** Before what was put is answered. */
  onPut: (key: string) => Promise<void> = async () => undefined;
  now: () => number = Date.now;
  readonly #http = createServer((request, response) => void this.#answer(request, response));
  endpoint = "";

  static async open(): Promise<StrictS3> {
    const double = new StrictS3();
    double.#http.listen(0, "127.0.0.1");
    await once(double.#http, "listening");
    const address = double.#http.address();
    double.endpoint = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
    return double;
  }

  readonly deps = {
    bucket: "bucket",
    region: "eu-central-1",
    credentials: { accessKeyId: ACCESS_KEY, secretAccessKey: SECRET_KEY },
  };

  async close(): Promise<void> {
    this.#http.closeAllConnections();
    this.#http.close();
    await once(this.#http, "close");
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    try {
      const url = new URL(request.url ?? "", this.endpoint);
      verify(request, url, this.now());
      if (request.method === "PUT") await this.onPut(url.pathname.slice(`/${this.deps.bucket}/`.length));
      this.#serve(request, response, url, body);
    } catch (error) {
      if (!(error instanceof Denied)) throw error;
      this.denied.push(error.code);
      response.writeHead(error.status, { "Content-Type": "application/xml" });
      response.end(request.method === "HEAD" ? "" : `<Error><Code>${error.code}</Code></Error>`);
    }
  }

  #serve(request: IncomingMessage, response: ServerResponse, url: URL, body: Buffer): void {
    const [, bucket, ...rest] = decodeURIComponent(url.pathname).split("/");
    if (bucket !== this.deps.bucket) throw new Denied(404, "NoSuchBucket");
    const key = rest.join("/");
    if (request.method === "PUT") return this.#put(key, request, response, body);
    if (request.method === "POST" && url.searchParams.has("delete")) return this.#remove(response, body);
    if (url.searchParams.get("list-type") === "2") return this.#list(url, response);
    this.#get(key, request, response, url);
  }

  #put(key: string, { headers }: IncomingMessage, response: ServerResponse, body: Buffer): void {
    if (headers["if-none-match"] === "*" && this.objects.has(key)) throw new Denied(412, "PreconditionFailed");
    const checksum = headers["x-amz-checksum-sha256"];
    if (checksum !== undefined && checksum !== createHash("sha256").update(body).digest("base64"))
      throw new Denied(400, "BadDigest");
    this.objects.set(key, { body, type: headers["content-type"] ?? "", at: this.now() });
    response.writeHead(200, { ETag: '"etag"' }).end();
  }

  #get(key: string, { method, headers }: IncomingMessage, response: ServerResponse, url: URL): void {
    const kept = this.objects.get(key);
    if (!kept) throw new Denied(404, "NoSuchKey");
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? "") ?? [];
    const end = to ? Number(to) : kept.body.length - 1;
    const part = from === undefined ? kept.body : kept.body.subarray(Number(from), end + 1);
    const said = (name: string, otherwise: string) => url.searchParams.get(`response-${name}`) ?? otherwise;
    response.writeHead(from === undefined ? 200 : 206, {
      "Content-Type": said("content-type", kept.type),
      "Content-Disposition": said("content-disposition", "attachment"),
      "Cache-Control": said("cache-control", "no-store"),
      "Content-Length": part.length,
      ...(from === undefined ? {} : { "Content-Range": `bytes ${from}-${end}/${kept.body.length}` }),
    });
    if (method !== "HEAD" && this.breakingOff > 0) {
      this.breakingOff--;
      return void response.write(part.subarray(0, part.length / 2), () => response.destroy());
    }
    response.end(method === "HEAD" ? undefined : part);
  }

  #remove(response: ServerResponse, body: Buffer): void {
    for (const [, key = ""] of body.toString().matchAll(/<Key>([^<]+)<\/Key>/g)) this.objects.delete(key);
    response.writeHead(200, { "Content-Type": "application/xml" }).end("<DeleteResult></DeleteResult>");
  }

  #list({ searchParams }: URL, response: ServerResponse): void {
    const [prefix, after] = [searchParams.get("prefix") ?? "", searchParams.get("start-after") ?? ""];
    const delimiter = searchParams.get("delimiter");
    const keys = [...this.objects].filter(([key]) => key.startsWith(prefix) && key > after);
    const folderOf = (key: string) => {
      const end = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
      return end === -1 ? undefined : key.slice(0, end + 1);
    };
    const rows = keys
      .filter(([key]) => folderOf(key) === undefined)
      .map(
        ([key, { at }]) =>
          `<Contents><Key>${key}</Key><LastModified>${new Date(at).toISOString()}</LastModified></Contents>`,
      );
    const folders = new Set(keys.flatMap(([key]) => folderOf(key) ?? []));
    for (const folder of folders) rows.push(`<CommonPrefixes><Prefix>${folder}</Prefix></CommonPrefixes>`);
    response.writeHead(200, { "Content-Type": "application/xml" });
    response.end(`<ListBucketResult><IsTruncated>false</IsTruncated>${rows.join("")}</ListBucketResult>`);
  }
}

interface Signature {
  readonly credential: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly date: string;
  readonly payload: string;
}

const UNSIGNED = "UNSIGNED-PAYLOAD";

function verify(request: IncomingMessage, url: URL, now: number): void {
  const given = url.searchParams.has("X-Amz-Signature") ? inQuery(url) : inHeaders(request);
  if (!given) throw new Denied(403, "AccessDenied");
  if (url.searchParams.has("X-Amz-Signature")) refuseLate(url, now);
  const [accessKey, day = "", region = "", service = ""] = given.credential.split("/");
  if (accessKey !== ACCESS_KEY || service !== "s3") throw new Denied(403, "InvalidAccessKeyId");
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", given.date, scope, sha256(canonical(request, url, given))].join("\n");
  const key = [day, region, service, "aws4_request"].reduce(
    (made: string | Buffer, word) => createHmac("sha256", made).update(word).digest(),
    `AWS4${SECRET_KEY}`,
  );
  const right = createHmac("sha256", key).update(text).digest("hex");
  if (right !== given.signature) throw new Denied(403, "SignatureDoesNotMatch");
}

function inQuery({ searchParams }: URL): Signature {
  return {
    credential: searchParams.get("X-Amz-Credential") ?? "",
    signedHeaders: (searchParams.get("X-Amz-SignedHeaders") ?? "").split(";"),
    signature: searchParams.get("X-Amz-Signature") ?? "",
    date: searchParams.get("X-Amz-Date") ?? "",
    payload: searchParams.get("X-Amz-Content-Sha256") ?? UNSIGNED,
  };
}

function inHeaders({ headers }: IncomingMessage): Signature | undefined {
  const said = /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=(\w+)$/;
  const [, credential, signed, signature] = said.exec(headers.authorization ?? "") ?? [];
  if (credential === undefined || signed === undefined || signature === undefined) return undefined;
  const date = String(headers["x-amz-date"]);
  const payload = String(headers["x-amz-content-sha256"]);
  return { credential, signedHeaders: signed.split(";"), signature, date, payload };
}

function refuseLate({ searchParams }: URL, now: number): void {
  const date = searchParams.get("X-Amz-Date") ?? "";
  const signedAt = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  if (now > signedAt + Number(searchParams.get("X-Amz-Expires")) * 1000) throw new Denied(403, "AccessDenied");
}

function canonical({ method, headers }: IncomingMessage, url: URL, { signedHeaders, payload }: Signature): string {
  const query = [...url.searchParams]
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort();
  const lines = signedHeaders.map((name) => `${name}:${String(headers[name] ?? "").trim()}`);
  return [method, url.pathname, query.join("&"), ...lines, "", signedHeaders.join(";"), payload].join("\n");
}

const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
