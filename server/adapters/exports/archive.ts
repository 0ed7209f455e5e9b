import type { Pool } from "pg";
import type { Database, History } from "../../../domain/ports.ts";
import type { Secrets } from "../../../domain/secrets.ts";
import { PairMember } from "../../../schema/entities/pair-member.ts";
import type { UserId } from "../../../schema/wire/ids.ts";
import { asking } from "../database/unavailable.ts";
import { messagesOf, SECTIONS, type Section } from "./sections.ts";
import { type ArchiveFile, type Digest, zipped } from "./zip.ts";

export interface ArchivesDeps {
  readonly pool: Pick<Pool, "query">;
  readonly database: Pick<Database, "read">;
  readonly history: Pick<History, "page">;
  readonly secrets: Pick<Secrets, "open" | "signatures">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** All we have of a person, as one archive that anybody can open. */
export function personArchives({ pool, ...given }: ArchivesDeps) {
  const sources = { ...given, pool: asking(pool) };
  const { database, now } = given;
  return async (userId: UserId): Promise<AsyncIterable<Uint8Array>> => {
    const at = new Date(now());
    const pairs = await database.read((em) => em.find(PairMember, { userId }, { orderBy: { pairId: "asc" } }));
    const sections = [...SECTIONS, ...pairs.map(({ pairId }) => messagesOf({ userId, pairId }))];
    const files = sections.map((section) => ({ path: section.path, pieces: () => section.pieces(sources, userId) }));
    return zipped([text("README.txt", readme(sections, at)), ...files], manifestOf(userId, at), at);
  };
}

const text = (path: string, words: string): ArchiveFile => ({
  path,
  async *pieces() {
    yield words;
  },
});

const manifestOf =
  (userId: UserId, at: Date) =>
  (files: readonly Digest[]): ArchiveFile =>
    text("manifest.json", `${JSON.stringify({ userId, madeAt: at.toISOString(), files }, null, 2)}\n`);

function readme(sections: readonly Section[], at: Date): string {
  const width = Math.max(...sections.map(({ path }) => path.length));
  const lines = sections.map(({ path, about }) => `  ${path.padEnd(width)}  ${about}`);
  return `Your data at Twinship, as it was on ${at.toUTCString()}.

It is yours alone: whoever has this file can read all of it, so keep it where you keep your letters.

Each file is JSON, which any text editor opens. Times are in UTC.

${lines.join("\n")}
  ${"manifest.json".padEnd(width)}  Size and SHA-256 of every file, to check that all of it arrived.

What is not in here: your password, which we do not know; what your twin keeps from you; and what either of you deleted.
Messages that your app encrypted are here as we have them. We cannot read them.
`;
}
