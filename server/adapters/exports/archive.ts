import type { Pool } from "pg";
import type { Database, History } from "../../../domain/ports.ts";
import type { Secrets } from "../../../domain/secrets.ts";
import { PairMember } from "../../../schema/entities/pair-member.ts";
import type { UserId } from "../../../schema/wire/ids.ts";
import { asking } from "../database/unavailable.ts";
import { type Listed, type MediaFilesDeps, mediaFiles } from "./media-files.ts";
import { mediaPage } from "./media-page.ts";
import { hasFiles } from "./media-rows.ts";
import { readme } from "./readme.ts";
import { listed, messagesOf, SECTIONS, type Section, type Sources } from "./sections.ts";
import { type ArchiveFile, type Digest, zipped } from "./zip.ts";

export interface ArchivesDeps extends MediaFilesDeps {
  readonly pool: Pick<Pool, "query">;
  readonly database: Pick<Database, "read">;
  readonly history: Pick<History, "page">;
  readonly secrets: Pick<Secrets, "open" | "signatures">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface Archive {
  /** Whether there is more in it than words. */
  readonly hasFiles: boolean;
  readonly pieces: AsyncIterable<Uint8Array>;
}

/** All we have of a person, as one archive that anybody can open. */
export function personArchives({ pool, store, pause, newFolder, ...given }: ArchivesDeps) {
  const sources: Sources = { ...given, pool: asking(pool) };
  const { database, now } = given;
  const files = { store, pause, newFolder };
  return async (userId: UserId): Promise<Archive> => {
    const at = new Date(now());
    const pairs = await database.read((em) => em.find(PairMember, { userId }, { orderBy: { pairId: "asc" } }));
    const sections = [...SECTIONS, ...pairs.map(({ pairId }) => messagesOf({ userId, pairId }))];
    const media: Listed[] = [];
    const contents = contentsOf({ sources, files, sections, media, userId, at });
    return {
      hasFiles: await hasFiles(sources, userId),
      pieces: zipped(contents, (digests) => manifestOf({ userId, at, digests, media }), at),
    };
  };
}

interface Contents {
  readonly sources: Sources;
  readonly files: MediaFilesDeps;
  readonly sections: readonly Section[];
  /** Filled while the files are read. */
  readonly media: Listed[];
  readonly userId: UserId;
  readonly at: Date;
}

/** What is told of the files comes after them: by then it is known what became of each. */
async function* contentsOf({ sources, files, sections, media, userId, at }: Contents): AsyncGenerator<ArchiveFile> {
  yield text("README.txt", readme(sections, at));
  for (const section of sections) yield { path: section.path, pieces: () => section.pieces(sources, userId) };
  yield* mediaFiles(sources, files, userId, (one) => void media.push(one));
  yield { path: "media.json", pieces: () => listed(media) };
  yield { path: "media.html", pieces: () => mediaPage(media, at) };
}

const text = (path: string, words: string): ArchiveFile => ({
  path,
  async *pieces() {
    yield words;
  },
});

interface Manifest {
  readonly userId: UserId;
  readonly at: Date;
  readonly digests: readonly Digest[];
  readonly media: readonly Listed[];
}

function manifestOf({ userId, at, digests, media }: Manifest): ArchiveFile {
  const leftOut = media.flatMap(({ id, leftOut: why }) => (why === null ? [] : [{ mediaId: id, why }]));
  async function* pieces(): AsyncGenerator<string> {
    yield `{"userId":"${userId}","madeAt":"${at.toISOString()}","files":`;
    yield* listed(digests);
    yield `,"leftOut":`;
    yield* listed(leftOut);
    yield "}\n";
  }
  return { path: "manifest.json", pieces };
}
