import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import express from "express";
import { secrets } from "../../domain/secrets.ts";
import { errorHandler, inEnvelope } from "../../http/errors.ts";
import { BLOBS, blobRoutes } from "../../http/routes/blobs.ts";
import { storeAddresses } from "../../server/adapters/blobs/addresses.ts";
import { diskStore } from "../../server/adapters/blobs/disk.ts";
import type { BlobStore } from "../../server/adapters/blobs/keeper.ts";
import { chance } from "../../server/chance.ts";

/** A store as phones reach it, and time in the test's hands. */
export interface OpenedStore {
  readonly store: BlobStore;
  /** What went wrong in it that nobody should have to hear of. */
  readonly reported: readonly unknown[];
  setNow(at: number): void;
  close(): Promise<void>;
}

/** Our own store, with its door on a socket. */
export async function openDisk(): Promise<OpenedStore & { readonly folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), "twinship-blobs-"));
  const reported: unknown[] = [];
  let at = Date.now();
  const now = () => at;
  const http = createServer();
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const address = http.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
  const addresses = storeAddresses(url, secrets(["s".repeat(64)], chance));
  const store = diskStore({ folder, addresses, now });
  const app = express()
    .set("query parser", "simple")
    .use(`/api/v1${BLOBS}`, blobRoutes({ blobs: store.door, admit: async () => undefined }))
    .use(errorHandler((error) => void reported.push(error), inEnvelope(now)));
  http.on("request", app);
  const close = async () => {
    http.closeAllConnections();
    http.close();
    await once(http, "close");
    rmSync(folder, { recursive: true, force: true });
  };
  const setNow = (then: number) => {
    at = then;
  };
  return { store, reported, folder, close, setNow };
}
