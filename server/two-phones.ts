import type { Pool } from "pg";
import type { StaffPage } from "../http/routes/staff-page.ts";
import type { TwoPhones } from "../http/routes/two-phones.ts";
import type { PairRoom } from "../rooms/pair-room.ts";
import { CLOSE } from "../schema/wire/errors.ts";
import type { PairId, UserId } from "../schema/wire/ids.ts";
import { addressOf } from "./adapters/blobs/s3-links.ts";
import { journalLines } from "./adapters/database/journal-lines.ts";
import { buildPage, buildStaffPage } from "./adapters/two-phones/build-page.ts";
import type { Config } from "./config.ts";
import { SAMPLE_TWINS, SampleTwins } from "./sample-twins.ts";

interface Parts {
  readonly config: Pick<
    Config,
    "CONSOLE" | "NODE_ENV" | "DATABASE_URL" | "HOST" | "S3_BUCKET_NAME" | "S3_ENDPOINT" | "AWS_REGION"
  >;
  readonly pool: Pool;
  readonly rooms: { roomOf(pairId: PairId): Pick<PairRoom, "move"> | undefined };
  readonly activePair: (userId: UserId) => Promise<PairId | null>;
  /** Where this server listens; asked once it does. */
  readonly port: () => number | undefined;
}

/**
 * The page with two phones. Production shows it only if told to, with nothing of the inside; sample twins, whose
 * password everybody knows, are made in a database of our own and nowhere else.
 */
export function twoPhones({ config, pool, rooms, activePair, port }: Parts): TwoPhones | undefined {
  const isProduction = config.NODE_ENV === "production";
  if (!(config.CONSOLE ?? !isProduction)) return undefined;
  const isOwn = !isProduction && config.DATABASE_URL === undefined;
  const inside = {
    activePair,
    journal: journalLines(pool),
    killRoom: async (pairId: PairId) => rooms.roomOf(pairId)?.move(CLOSE.moved),
  };
  return {
    page: once(buildPage),
    sampleTwins: isOwn ? sampleTwins(() => `http://${reachable(config.HOST)}:${port()}`) : undefined,
    inside: isProduction ? undefined : inside,
    filesAt: storeOrigin(config),
  };
}

function storeOrigin({ S3_BUCKET_NAME: bucket, S3_ENDPOINT: endpoint, AWS_REGION: region }: Parts["config"]) {
  return bucket === undefined ? undefined : new URL(addressOf({ bucket, endpoint, region })).origin;
}

/** The page of those who work here: production shows it only if told to. */
export const staffPage = ({ STAFF, NODE_ENV }: Pick<Config, "STAFF" | "NODE_ENV">): StaffPage | undefined =>
  (STAFF ?? NODE_ENV !== "production") ? once(buildStaffPage) : undefined;

function sampleTwins(base: () => string): NonNullable<TwoPhones["sampleTwins"]> {
  const make = once(() => new SampleTwins(base()).make());
  return async () => {
    await make();
    return SAMPLE_TWINS;
  };
}

/** All who come while it is being done wait for the same; if it fails, the next one tries anew. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let done: Promise<T> | undefined;
  return () => {
    done ??= work().catch((error) => {
      done = undefined;
      throw error;
    });
    return done;
  };
}

/** What listens everywhere listens here. */
function reachable(host = ""): string {
  if (["", "0.0.0.0", "::"].includes(host)) return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}
