import type { HistoryPage, SearchPage, SyncPage } from "../schema/wire/chat.ts";
import type { PairId, UserId } from "../schema/wire/ids.ts";
import { type Archive, historyReader } from "./history.ts";
import type { History, PairPeople, Person, Twin } from "./ports.ts";
import { noMarks } from "./room/marks.ts";
import type { Eyes } from "./room/message.ts";

export interface PairHistoryDeps {
  readonly archive: Archive;
  /** What may be a few seconds old: searches and long reads. */
  readonly lookup: Archive;
  readonly people: PairPeople;
  readonly line: () => string;
}

/** A pair's history for those who do not sit in its room: people and marks as they are stored. */
export function pairHistory({ archive, lookup, people, line }: PairHistoryDeps): History {
  const reader = historyReader({ archive, line });
  const lookups = historyReader({ archive: lookup, line });
  const eyesOf = async ({ pairId, userId }: Twin): Promise<Eyes> => {
    const [persons, marks] = await Promise.all([people.of(pairId), archive.marks(pairId)]);
    const known = new Map(persons.map((person): [UserId, Person] => [person.userId, person]));
    return {
      reader: userId,
      personOf: (id) => known.get(id) ?? { name: "", accentColor: "" },
      marksOfTwinOf(senderId) {
        const twin = persons.find((person) => person.userId !== senderId);
        return (twin && marks.get(twin.userId)) ?? noMarks;
      },
    };
  };
  return {
    page: async (twin, query): Promise<HistoryPage> => reader.page(twin.pairId, await eyesOf(twin), query),
    sync: async (twin, query): Promise<SyncPage> => reader.sync(twin.pairId, await eyesOf(twin), query),
    search: async (twin, query): Promise<SearchPage> => lookups.search(twin.pairId, await eyesOf(twin), query),
    messages: async (twin, ids) => reader.messages(twin.pairId, await eyesOf(twin), ids),
    extent: (pairId: PairId) => archive.extent(pairId),
    seqBefore: (pairId, at) => archive.seqBefore(pairId, at),
  };
}
