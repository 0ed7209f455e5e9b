import { type EntityManager, LockMode } from "@mikro-orm/core";
import { Media } from "../schema/entities/media.ts";
import { Pair } from "../schema/entities/pair.ts";
import { PairMember } from "../schema/entities/pair-member.ts";
import { Story } from "../schema/entities/story.ts";
import type { MediaId, PairId, UserId } from "../schema/wire/ids.ts";
import type { MediaView } from "../schema/wire/media.ts";
import {
  type ChangeStory,
  type ListStories,
  type StoryChange,
  StoryId,
  type StoryView,
  type WriteStory,
} from "../schema/wire/stories.ts";
import { cursors } from "./cursors.ts";
import type { MediaStore } from "./media-store.ts";
import { changePhotos, dropMedia } from "./media-uses.ts";
import { mediaView } from "./media-views.ts";
import { noticing } from "./notices.ts";
import type { AfterCommit, Caller, Chance, Clock, Database, Notices } from "./ports.ts";
import { demand, findPerson } from "./profiles.ts";
import { Refusal } from "./refusal.ts";
import { placesOf, questOf } from "./room/finding.ts";
import { termsNeeded, termsOf } from "./room/words.ts";
import type { Secrets } from "./secrets.ts";

/** Looked at together while words are looked for. */
const CANDIDATES = 200;

export interface StoriesDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: Pick<Chance, "newId">;
  readonly notices: Notices;
  readonly secrets: Secrets;
  readonly store: Pick<MediaStore, "linkTo">;
}

export interface ShownStory {
  readonly story: StoryView;
  readonly etag: string;
}

export type Stories = ReturnType<typeof stories>;

/** What twins tell each other, or keep for themselves; their photos come and go with them. */
export function stories({ database, clock, chance, notices, secrets, store }: StoriesDeps) {
  const tell = noticing({ clock, chance, notices });
  const pages = cursors(secrets);

  async function viewsOf(em: EntityManager, rows: readonly Story[]): Promise<StoryView[]> {
    const ids = rows.flatMap(({ photos }) => photos);
    const found = ids.length === 0 ? [] : await em.find(Media, { id: { $in: ids }, goneAt: null });
    const at = clock.now();
    const views = await Promise.all(found.map((row) => mediaView(store, row, at)));
    const photos = new Map(views.map((view): [MediaId, MediaView] => [view.id, view]));
    return rows.map((row) => viewOf(row, photos));
  }

  async function show(em: EntityManager, row: Story): Promise<ShownStory> {
    const [story] = await viewsOf(em, [row]);
    if (!story) throw noSuchStory();
    return { story, etag: tagOf(row) };
  }

  /** To both who may read it: on the author's own other devices too. */
  async function announce(em: EntityManager, afterCommit: AfterCommit, row: Story, was: Story["visibility"] | null) {
    tellOne(em, afterCommit, row.authorId, row.id, was === null ? "created" : "updated");
    const [before, after] = [was === "twin", row.visibility === "twin"];
    if (!before && !after) return;
    await tellTwin(em, afterCommit, row, !after ? "deleted" : before ? "updated" : "created");
  }

  function tellOne(
    em: EntityManager,
    afterCommit: AfterCommit,
    to: UserId,
    storyId: StoryId,
    change: StoryChange,
  ): void {
    tell(em, afterCommit, { what: "story.changed", to, storyId, change });
  }

  /** Nobody, once the pair has ended. */
  async function tellTwin(em: EntityManager, afterCommit: AfterCommit, row: Story, change: StoryChange): Promise<void> {
    if (row.pairId === null || row.pairId !== (await activePair(em, row.authorId))) return;
    const { lowUserId, highUserId } = await em.findOneOrFail(Pair, { id: row.pairId });
    tellOne(em, afterCommit, lowUserId === row.authorId ? highUserId : lowUserId, row.id, change);
  }

  /** A story's author comes first, and then the story: two changes of one are made one after the other. */
  const writing = <T>(
    { userId }: Caller,
    work: (em: EntityManager, afterCommit: AfterCommit) => Promise<T>,
  ): Promise<T> =>
    database.transaction(async (em, afterCommit) => {
      await findPerson(em, userId, LockMode.PESSIMISTIC_WRITE);
      return work(em, afterCommit);
    });

  return {
    /** Throws VALIDATION_ERROR for photos that are not one's own and ready. */
    write: (caller: Caller, form: WriteStory): Promise<ShownStory> =>
      writing(caller, async (em, afterCommit) => {
        const now = clock.now();
        const [id, at] = [StoryId.parse(chance.newId(now)), new Date(now)];
        const pairId = await activePair(em, caller.userId);
        const own = { id, authorId: caller.userId, pairId, terms: termsIn(form), createdAt: at, updatedAt: at };
        const row = em.create(Story, { ...form, ...own, photos: [...form.photos] });
        await em.flush();
        await changePhotos(em, row, { from: [], to: form.photos, at });
        await announce(em, afterCommit, row, null);
        await em.flush();
        return show(em, row);
      }),

    /** Only what is given changes. Shown to a twin from now on, it is the present one. Throws PRECONDITION_FAILED. */
    change: (caller: Caller, id: StoryId, change: ChangeStory, ifMatch?: string): Promise<ShownStory> =>
      writing(caller, async (em, afterCommit) => {
        const row = await ownStory(em, caller.userId, id);
        demand(ifMatch, tagOf(row));
        const at = new Date(clock.now());
        const { visibility: was, photos: from } = row;
        Object.assign(row, change, { updatedAt: at, version: row.version + 1 });
        row.terms = termsIn(row);
        if (was === "private" && row.visibility === "twin") row.pairId = await activePair(em, caller.userId);
        await changePhotos(em, row, { from, to: row.photos, at });
        await announce(em, afterCommit, row, was);
        await em.flush();
        return show(em, row);
      }),

    /** Its photos go with it. Throws PRECONDITION_FAILED. */
    remove: (caller: Caller, id: StoryId, ifMatch?: string): Promise<void> =>
      writing(caller, async (em, afterCommit) => {
        const row = await ownStory(em, caller.userId, id);
        demand(ifMatch, tagOf(row));
        await dropMedia(em, row.photos, new Date(clock.now()));
        tellOne(em, afterCommit, row.authorId, id, "deleted");
        if (row.visibility === "twin") await tellTwin(em, afterCommit, row, "deleted");
        await em.flush();
        await em.nativeDelete(Story, { id });
      }),

    /** One's own, or the twin's that is for one to read. Throws NOT_FOUND. */
    read: ({ userId }: Caller, id: StoryId): Promise<ShownStory> =>
      database.read(async (em) => {
        const row = await em.findOne(Story, { id, ...(await readableBy(em, userId)) }, { refresh: true });
        if (!row) throw noSuchStory();
        return show(em, row);
      }),

    /** The newest first. */
    list: ({ userId }: Caller, { q, milestone, ...listed }: ListStories) =>
      database.read(async (em) => {
        const quest = questOf(q ?? "");
        const asked = {
          ...(await readableBy(em, userId)),
          ...(milestone === undefined ? {} : { milestone }),
          ...(quest.words.length === 0 ? {} : { terms: { $contains: [...termsNeeded(quest.words)] } }),
        };
        const isFound = (row: Story) => quest.words.length === 0 || placesOf(quest, wordsOf(row)) !== undefined;
        const { items, nextCursor } = await pages.page<Story>({ list: "stories", userId }, listed, {
          find: (limit, after) => firstOf(limit, after, isFound, (before) => candidates(em, asked, before)),
          placeOf: ({ id }) => id,
        });
        return { stories: await viewsOf(em, items), nextCursor };
      }),
  };
}

const LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff";

const candidates = (em: EntityManager, asked: object, before: string): Promise<Story[]> =>
  em.find(Story, { ...asked, id: { $lt: StoryId.parse(before) } }, { orderBy: { id: "desc" }, limit: CANDIDATES });

/** As many as are asked for, if there are so many; what has all the words may have them in other places than meant. */
async function firstOf(
  limit: number,
  after: string | undefined,
  isFound: (row: Story) => boolean,
  next: (before: string) => Promise<readonly Story[]>,
): Promise<readonly Story[]> {
  const found: Story[] = [];
  for (let before = after ?? LAST_ID; ; ) {
    const rows = await next(before);
    found.push(...rows.filter(isFound));
    const last = rows.at(-1);
    if (found.length >= limit || !last || rows.length < CANDIDATES) return found.slice(0, limit);
    before = last.id;
  }
}

async function readableBy(em: EntityManager, userId: UserId) {
  const pairId = await activePair(em, userId);
  return { $or: [{ authorId: userId }, ...(pairId === null ? [] : [{ pairId, visibility: "twin" as const }])] };
}

const activePair = async (em: EntityManager, userId: UserId): Promise<PairId | null> =>
  (await em.findOne(PairMember, { userId, isActive: true }))?.pairId ?? null;

async function ownStory(em: EntityManager, authorId: UserId, id: StoryId): Promise<Story> {
  const row = await em.findOne(Story, { id, authorId }, { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true });
  if (!row) throw noSuchStory();
  return row;
}

const noSuchStory = (): Refusal => new Refusal("NOT_FOUND", "There is no such story");

const tagOf = ({ version }: Story): string => `"st-${version}"`;

const wordsOf = ({ title, content }: Pick<Story, "title" | "content">): string => `${title}\n${content ?? ""}`;

const termsIn = (of: Pick<Story, "title" | "content">): string[] => [...termsOf(wordsOf(of))];

function viewOf(row: Story, photos: ReadonlyMap<MediaId, MediaView>): StoryView {
  const { id, authorId, title, content, visibility, milestone, date, createdAt, updatedAt } = row;
  return {
    ...{ id, authorId, title, content, visibility, milestone, date },
    photos: row.photos.flatMap((photo) => photos.get(photo) ?? []),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
