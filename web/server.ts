import { Http, NoAnswer, type Twinship, thisDevice } from "../client/index.ts";
import { isRecord } from "../client/wire.ts";

export interface SampleTwin {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

/** A row of the pair's journal: what happened, without a word of what was said. */
export interface JournalLine {
  readonly revision: number;
  readonly version: number;
  readonly seq: number | null;
  readonly type: string;
  readonly by: string | null;
  readonly at: string;
}

/** Making them takes the server a moment, the first time. */
const PATIENCE_MS = 20_000;

/** Throws Refused or NoAnswer. */
export async function sampleTwinsAt(url: string): Promise<readonly SampleTwin[]> {
  const { twins } = await new Http(url, thisDevice).once({ method: "POST", path: "/dev/twins" }, PATIENCE_MS);
  if (!Array.isArray(twins) || !twins.every(isTwin)) throw new NoAnswer("Sample twins that are none");
  return twins;
}

/** The newest first. Throws Refused or NoAnswer. */
export async function journalOf({ session }: Twinship): Promise<readonly JournalLine[]> {
  const { lines } = await session.call({ method: "GET", path: "/dev/journal" }, 0);
  if (!Array.isArray(lines) || !lines.every(isLine)) throw new NoAnswer("A journal that is none");
  return lines;
}

/** Throws Refused or NoAnswer. */
export async function killRoomOf({ session }: Twinship): Promise<void> {
  await session.call({ method: "POST", path: "/dev/room/kill" });
}

const isTwin = (value: unknown): value is SampleTwin =>
  isRecord(value) && ["name", "email", "password"].every((field) => typeof value[field] === "string");

const isLine = (value: unknown): value is JournalLine =>
  isRecord(value) && typeof value["revision"] === "number" && typeof value["type"] === "string";
