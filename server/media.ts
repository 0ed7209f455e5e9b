import { resolve } from "node:path";
import type { CheckMedia } from "../domain/media-checks.ts";
import type { Clock } from "../domain/ports.ts";
import type { Secrets } from "../domain/secrets.ts";
import { storeAddresses } from "./adapters/blobs/addresses.ts";
import { diskStore } from "./adapters/blobs/disk.ts";
import type { BlobStore } from "./adapters/blobs/keeper.ts";
import { refuseUnusable } from "./adapters/blobs/s3-problems.ts";
import { mediaChecker } from "./adapters/media/checker.ts";
import { Inspectors } from "./adapters/media/inspectors.ts";
import type { Config } from "./config.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { Logger } from "./logger.ts";

type MediaVariable =
  | "S3_BUCKET_NAME"
  | "S3_ENDPOINT"
  | "AWS_REGION"
  | "AWS_ACCESS_KEY_ID"
  | "AWS_SECRET_ACCESS_KEY"
  | "DATA_DIR"
  | "PUBLIC_URL";

export interface MediaPartsDeps {
  readonly config: Pick<Config, MediaVariable>;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly lifecycle: Pick<Lifecycle, "add">;
  readonly log: Pick<Logger, "warn">;
}

export interface MediaParts {
  readonly blobs: BlobStore;
  readonly checkMedia: CheckMedia;
}

const AWAY = "where pictures and recordings are kept does not answer: going on without it";

/** Where files lie, and who looks at them, in whichever process that is done. */
export async function mediaParts({ config, secrets, clock, lifecycle, log }: MediaPartsDeps): Promise<MediaParts> {
  const blobs = await storeOf(config, secrets, () => clock.now());
  await refuseUnusable(blobs, (error) => log.warn({ err: error }, AWAY));
  const inspectors = new Inspectors();
  lifecycle.add("who looks at files", () => inspectors.stop());
  return { blobs, checkMedia: mediaChecker({ store: blobs, inspectors }) };
}

/** The store alone, with nobody to look at what comes in. */
export async function storeOf(
  config: MediaPartsDeps["config"],
  secrets: Secrets,
  now: () => number,
): Promise<BlobStore> {
  const { S3_BUCKET_NAME: bucket, S3_ENDPOINT: endpoint, AWS_REGION: region, PUBLIC_URL, DATA_DIR } = config;
  if (!bucket)
    return diskStore({ folder: resolve(DATA_DIR, "media"), addresses: storeAddresses(PUBLIC_URL, secrets), now });
  // Its client takes a while to load, which nobody waits for who has none.
  const { s3Store } = await import("./adapters/blobs/s3.ts");
  const [key, secret] = [config.AWS_ACCESS_KEY_ID, config.AWS_SECRET_ACCESS_KEY];
  const credentials = key && secret ? { accessKeyId: key.reveal(), secretAccessKey: secret.reveal() } : undefined;
  return s3Store({ bucket, endpoint, region, credentials, now });
}
