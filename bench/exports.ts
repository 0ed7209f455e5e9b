import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { MediaPhone } from "../tests/support/media-phone.ts";
import { note, wav } from "../tests/support/recordings.ts";
import { TestServer } from "../tests/support/server.ts";
import { StrictS3 } from "../tests/support/strict-s3.ts";

const RECORDINGS = 31;
const LOOK_MS = 20;

export interface ExportFigures {
  readonly bytes: number;
  /** From asking for it to ready, and from the first byte of its download to the last. */
  readonly madeSeconds: number;
  readonly fetchedSeconds: number;
  /** Of the process that makes it and hands it out, in MiB: before, and the most there was of it meanwhile. */
  readonly beforeMiB: number;
  readonly makingMiB: number;
  readonly fetchingMiB: number;
}

export const measureExportOnDisk = (): Promise<ExportFigures> => measure({});

/** The store is in this process, and keeps all it has in memory. */
export async function measureExportOnS3(): Promise<ExportFigures> {
  const store = await StrictS3.open();
  const { bucket, region, credentials } = store.deps;
  try {
    return await measure({
      S3_BUCKET_NAME: bucket,
      S3_ENDPOINT: store.endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    });
  } finally {
    await store.close();
  }
}

/** One person with 300 MB of recordings, on a server that does its own work. */
async function measure(env: Readonly<Record<string, string>>): Promise<ExportFigures> {
  const server = await TestServer.create(env);
  try {
    await server.start();
    const phone = new MediaPhone(server, (await server.pairUp()).ada);
    const sound = wav({ seconds: 110, rate: 44_100, sample: note });
    for (let n = 0; n < RECORDINGS; n++) await phone.upload("voice", "audio/wav", sound);
    const beforeMiB = forgetPeak(server.pid);
    const made = await timed(() => ready(phone));
    const makingMiB = peakMiB(server.pid);
    forgetPeak(server.pid);
    const fetched = await timed(() => bytesOf(made.value));
    const fetchingMiB = peakMiB(server.pid);
    const times = { madeSeconds: made.seconds, fetchedSeconds: fetched.seconds };
    return { bytes: fetched.value, ...times, beforeMiB, makingMiB, fetchingMiB };
  } finally {
    await server.remove();
  }
}

/** Where it can be fetched, as soon as it can. */
async function ready(phone: MediaPhone): Promise<string> {
  const { body } = await phone.call("POST", "/users/export");
  for (;;) {
    const look = await phone.call("GET", `/users/export/${body.export.id}`);
    if (look.body.export?.downloadUrl) return look.body.export.downloadUrl;
    await pause(LOOK_MS);
  }
}

async function bytesOf(url: string): Promise<number> {
  const { body } = await fetch(url);
  let bytes = 0;
  for await (const piece of body ?? []) bytes += piece.length;
  return bytes;
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly seconds: number }> {
  const began = performance.now();
  const value = await work();
  return { value, seconds: (performance.now() - began) / 1000 };
}

/** Linux counts anew from what there is now, which is the answer. */
function forgetPeak(pid: number): number {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
  return peakMiB(pid);
}

const peakMiB = (pid: number): number =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
