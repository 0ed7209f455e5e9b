import { createReadStream, createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { linkTimes } from "../../../domain/media-store.ts";
import { ServiceAway } from "../away.ts";
import type { BlobStore } from "./keeper.ts";
import { s3Links } from "./s3-links.ts";

export interface S3Deps {
  readonly bucket: string;
  /** Unset: Amazon's own. */
  readonly endpoint: string | undefined;
  readonly region: string;
  /** Unset: whatever the machine's role may do. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What one request may remove. */
const REMOVED_AT_ONCE = 1000;

/** A store that is there answers sooner; whoever waits for it is told to come again. */
const CONNECT_MS = 3000;
const SILENT_MS = 10_000;

/** These are part of what is signed, each in a header of its own: so a store takes exactly what was announced, once. */
const SIGNED = new Set(["content-length", "content-type", "if-none-match", "x-amz-checksum-sha256"]);

/** Any store that speaks S3. Its client is loaded by who has one. */
export async function s3Store({ bucket: Bucket, endpoint, region, credentials, now }: S3Deps): Promise<BlobStore> {
  const s3 = await import("@aws-sdk/client-s3");
  const { getSignedUrl } = await import("@aws-sdk/s3-request-presigner");
  const client = new s3.S3Client({
    region,
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(credentials && { credentials }),
    requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: SILENT_MS },
    // A checksum that the client makes up would be signed, and no phone sends it.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });
  const sign = s3Links({ bucket: Bucket, endpoint, region });
  const bodyOf = async (key: string, range?: string): Promise<Readable> => {
    const asked = { Bucket, Key: key, ...(range === undefined ? {} : { Range: range }) };
    const { Body } = await reached(client.send(new s3.GetObjectCommand(asked)));
    if (!(Body instanceof Readable)) throw new Error("The store answered without a body");
    return Body;
  };

  return {
    async uploadTo(key, { bytes, contentType, sha256 }, until) {
      const checksum = sha256 === null ? {} : { ChecksumSHA256: sha256 };
      const what = { Bucket, Key: key, ContentLength: bytes, ContentType: contentType, IfNoneMatch: "*", ...checksum };
      const signingDate = new Date(now());
      const url = await getSignedUrl(client, new s3.PutObjectCommand(what), {
        signingDate,
        expiresIn: Math.max(1, Math.round((until - signingDate.getTime()) / 1000)),
        signableHeaders: SIGNED,
        unhoistableHeaders: SIGNED,
      });
      const headers = {
        ...{ "Content-Type": contentType, "Content-Length": String(bytes), "If-None-Match": "*" },
        ...(sha256 === null ? {} : { "x-amz-checksum-sha256": sha256 }),
      };
      return { method: "PUT", url, headers, expiresAt: new Date(until).toISOString() };
    },

    async linkTo({ key, contentType, fileName }, at) {
      const { from, until } = linkTimes(at);
      const answers = {
        "response-cache-control": "public, max-age=300, immutable",
        "response-content-disposition": `inline; filename="${fileName}"`,
        "response-content-type": contentType,
      };
      const url = sign(await client.config.credentials(), { key, answers, from, until });
      return { url, expiresAt: new Date(until).toISOString() };
    },

    async sizeOf(key) {
      const head = await unlessGone(reached(client.send(new s3.HeadObjectCommand({ Bucket, Key: key }))));
      return head?.ContentLength;
    },

    async *read(key, from, to) {
      yield* await bodyOf(key, `bytes=${from}-${to}`);
    },

    async fetchInto(file, key) {
      const body = await unlessGone(bodyOf(key));
      if (body) await pipeline(body, createWriteStream(file));
      return body !== undefined;
    },

    async keep(key, file, contentType) {
      const { size } = await stat(file);
      const what = { Bucket, Key: key, ContentLength: size, ContentType: contentType };
      await reached(client.send(new s3.PutObjectCommand({ ...what, Body: createReadStream(file) })));
    },

    async remove(keys) {
      for (let n = 0; n < keys.length; n += REMOVED_AT_ONCE) {
        const Objects = keys.slice(n, n + REMOVED_AT_ONCE).map((Key) => ({ Key }));
        const asked = new s3.DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } });
        const { Errors = [] } = await reached(client.send(asked));
        if (Errors.length > 0) throw new Error(`The store did not remove ${Errors.length} of ${Objects.length} files`);
      }
    },

    async *olderThan(at, fromId) {
      for (const where of [{ Prefix: "incoming/" }, { Prefix: "ready/", StartAfter: `ready/${fromId}` }]) {
        for await (const { Contents = [] } of s3.paginateListObjectsV2({ client }, { Bucket, ...where })) {
          yield Contents.flatMap(({ Key, LastModified }) =>
            Key !== undefined && LastModified && LastModified.getTime() < at ? [Key] : [],
          );
        }
      }
    },

    door: undefined,
  };
}

/** Away, or in trouble of its own: it is asked another time. What is refused is our mistake, and is told as one. */
async function reached<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    const status: unknown = Reflect.get(Object(Reflect.get(Object(cause), "$metadata")), "httpStatusCode");
    if (typeof status === "number" && status < 500) throw cause;
    const words = "Where pictures and recordings are kept does not answer";
    throw new ServiceAway("the store of pictures and recordings", words, { cause });
  }
}

async function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    const isGone = error instanceof Error && ["NotFound", "NoSuchKey"].includes(error.name);
    if (isGone) return undefined;
    throw error;
  }
}
