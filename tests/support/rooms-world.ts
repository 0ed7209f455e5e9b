import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { Room } from "@colyseus/sdk";
import type { Caller, Limits } from "../../domain/ports.ts";
import { Refusal } from "../../domain/refusal.ts";
import type { RoomEvent, RoomFact } from "../../domain/room/rules.ts";
import type { Place } from "../../rooms/arrivals.ts";
import type { Journal } from "../../rooms/durable/journal.ts";
import type { Owner } from "../../rooms/neighbours.ts";
import { PairId, type UserId } from "../../schema/wire/ids.ts";
import { chance } from "../../server/chance.ts";
import { createRealtime } from "../../server/realtime.ts";
import { createRooms, unwatched } from "../../server/rooms.ts";
import { sessionId } from "./fake-client.ts";
import { memoryArchive } from "./memory-archive.ts";
import { MemoryJournal } from "./memory-journal.ts";
import { memoryTwintuition } from "./memory-twintuition.ts";
import { ada, bea, notBegun, pair, plainSeal } from "./twins.ts";

const noLimits: Pick<Limits, "take"> = { take: async () => ({ limit: 1, remaining: 1, resetMs: 0 }) };

/**
 * The real rooms on real sockets, in this process, with everything outside of them in memory: what is to go wrong there,
 * a test says. Tokens are the names of people.
 */
export class RoomsWorld {
  readonly journal = new MemoryJournal();
  readonly pairs = new Map<UserId, PairId>([
    [ada, pair(1)],
    [bea, pair(1)],
  ]);
  readonly reported: unknown[] = [];
  /** What stands between the rooms and the journal. */
  trouble: ((call: keyof Journal<RoomEvent, RoomFact>) => void) | undefined;
  readonly #owners = new Map<string, string | null>();
  readonly #http = createServer();
  readonly rooms = this.#createRooms();
  readonly realtime = createRealtime({
    authenticate: (token) => this.#authenticate(token),
    origins: [],
    framesPerSecond: 1000,
    report: (error) => void this.reported.push(error),
  });

  /** The port the rooms are reached at. */
  async start(): Promise<number> {
    await this.realtime.start(this.#http, this.rooms, () => true);
    this.#http.listen(0, "127.0.0.1");
    await once(this.#http, "listening");
    const address = this.#http.address();
    return typeof address === "object" && address ? address.port : 0;
  }

  async stop(): Promise<void> {
    await this.rooms.drain(() => 0);
    await this.realtime.stop();
    this.#http.close();
  }

  /** As the SDK asks for one. */
  async reserve(token: string, room: string, options: object) {
    return this.rooms.seats.reserve(await this.#authenticate(token), room, options);
  }

  /** Another process takes the pair over. */
  takeOver(pairId: PairId): void {
    this.journal.claim(pairId);
    this.#owners.set(pairId, "another");
  }

  ownerOf(pairId: PairId): string | null {
    return this.#owners.get(pairId) ?? null;
  }

  #ownerOf(pairId: PairId): Owner | null {
    const processId = this.ownerOf(pairId);
    return processId === null ? null : { processId, address: null, silentMs: null };
  }

  async #authenticate(token: string | undefined): Promise<Caller> {
    if (!token) throw new Refusal("AUTH_REQUIRED", "Sign in first");
    const userId = [ada, bea].find((one) => one === token);
    if (!userId) throw new Refusal("AUTH_TOKEN_INVALID", "Nobody has this token");
    return { userId, sessionId: sessionId(userId === ada ? 1 : 2), expiresAt: Date.now() + 3_600_000 };
  }

  #placeOf(userId: UserId): Place | null {
    const pairId = this.pairs.get(userId);
    return pairId ? { pairId, claim: undefined } : null;
  }

  #createRooms() {
    const { journal } = this;
    return createRooms({
      journal: this.#troubled(journal),
      archive: memoryArchive(journal),
      claims: {
        look: async (pairId) => ({
          epoch: journal.history(pairId).head.epoch,
          owner: this.#ownerOf(PairId.parse(pairId)),
        }),
        claim: async (pairId, epoch, owner) => {
          if (journal.history(pairId).head.epoch !== epoch) return undefined;
          this.#owners.set(pairId, owner);
          return journal.claim(pairId);
        },
        giveBack: async (pairId) => void this.#owners.set(pairId, null),
        lost: async () => [],
      },
      neighbours: { judge: async () => "dead", of: () => assert.fail("nobody else lives") },
      isAdmitted: () => true,
      watch: unwatched,
      marks: { marks: async () => new Map(), raise: async () => undefined },
      people: { of: async () => [ada, bea].map(personOf), seen: async () => undefined },
      authenticate: (token) => this.#authenticate(token),
      arrivals: {
        placeOf: async ({ userId }) => this.#placeOf(userId),
        liveUntil: () => undefined,
        vouched: () => undefined,
      },
      newsOf: async (userId) => (this.pairs.has(userId) ? { pairId: this.pairs.get(userId) } : null),
      answerAssessment: () => assert.fail("nobody asks anything here"),
      limits: noLimits,
      ownLimits: noLimits,
      line: () => "a line",
      clock: { now: Date.now },
      chance,
      sealing: plainSeal,
      twintuition: memoryTwintuition(journal),
      report: (error) => void this.reported.push(error),
    });
  }

  #troubled(journal: MemoryJournal): Journal<RoomEvent, RoomFact> {
    return {
      append: async (appends) => {
        this.trouble?.("append");
        return journal.append(appends);
      },
      newest: async (pairId) => {
        this.trouble?.("newest");
        return journal.newest(pairId);
      },
      fence: async (pairId, epoch, revision) => {
        this.trouble?.("fence");
        return journal.fence(pairId, epoch, revision);
      },
      recall: (pairId, asks) => journal.recall(pairId, asks),
      facts: (pairId, ids) => journal.facts(pairId, ids),
    };
  }
}

const personOf = (userId: UserId) => ({
  userId,
  name: userId === ada ? "Ada" : "Bea",
  accentColor: "neon-purple",
  avatar: null,
  showsLastSeen: true,
  sendsReadReceipts: true,
  canRing: false,
  ...{ windowMs: 30_000, keywordMoments: true, timezone: "UTC" },
  lastSeen: null,
  assessment: notBegun,
});

/** The code a socket is closed with. */
export const closeOf = (room: Room): Promise<number> => new Promise((resolve) => room.onLeave(resolve));
