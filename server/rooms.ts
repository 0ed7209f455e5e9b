import { matchMaker } from "@colyseus/core";
import { type Archive, historyReader } from "../domain/history.ts";
import type { Authenticate, Chance, Clock, Limits, Notices, PairDoor, PairPeople } from "../domain/ports.ts";
import type { OfferMedia } from "../domain/room/media.ts";
import { type RoomEvent, type RoomFact, type RoomRulesDeps, roomRules } from "../domain/room/rules.ts";
import type { TwintuitionReader } from "../domain/twintuition.ts";
import type { Arrivals } from "../rooms/arrivals.ts";
import { Attendance } from "../rooms/attendance.ts";
import { bearing } from "../rooms/bearing.ts";
import type { Claims } from "../rooms/claims.ts";
import { definePairRoom } from "../rooms/define-pair-room.ts";
import { neighboursDoor, pairDoor } from "../rooms/door.ts";
import { type Batch, Committer } from "../rooms/durable/committer.ts";
import { DurableRoom } from "../rooms/durable/durable-room.ts";
import type { Journal } from "../rooms/durable/journal.ts";
import { type MarkStore, MarksKeeper } from "../rooms/marks-keeper.ts";
import type { Neighbours, RoomsOfOne } from "../rooms/neighbours.ts";
import { roomNotices } from "../rooms/notices.ts";
import type { OpenPairHistory } from "../rooms/pair-history.ts";
import type { PairRoom } from "../rooms/pair-room.ts";
import type { Report } from "../rooms/replies.ts";
import { type RequestsDeps, roomRequests } from "../rooms/requests.ts";
import { Seats } from "../rooms/seats.ts";
import { defineWaitingRoom, type NewsOf, type WaitingRoom, WaitingRooms } from "../rooms/waiting-room.ts";
import type { UserId } from "../schema/wire/ids.ts";

/** Connections that commit side by side: while one waits for the disk, the other gathers. */
const LANES = 2;

export interface RoomsDeps {
  readonly journal: Journal<RoomEvent, RoomFact>;
  readonly archive: Archive;
  readonly claims: Claims;
  readonly neighbours: Neighbours;
  /** Whether this process may own pairs: others must be able to find it. */
  readonly isAdmitted: () => boolean;
  readonly marks: MarkStore;
  readonly people: PairPeople;
  readonly twintuition: TwintuitionReader;
  readonly authenticate: Authenticate;
  readonly arrivals: Arrivals;
  readonly newsOf: NewsOf;
  /** Nobody has anything to send along, unless somebody says so. */
  readonly offered?: OfferMedia;
  readonly answerAssessment: RequestsDeps["answerAssessment"];
  /** All nodes' together. */
  readonly limits: Pick<Limits, "take">;
  /** This process's: whatever two twins say, and by whichever node, arrives at the one that owns their room. */
  readonly ownLimits: Pick<Limits, "take">;
  readonly line: () => string;
  readonly clock: Clock;
  readonly chance: Chance;
  /** Words that stay sealed until they are met. */
  readonly sealing: Pick<RoomRulesDeps, "seal" | "open">;
  readonly watch: RoomsWatch;
  readonly report: Report;
}

/** For whoever counts and measures. */
export interface RoomsWatch {
  batch(batch: Batch): void;
  claimed(claim: { readonly isTakeOver: boolean }): void;
  steppedDown(): void;
  /** Does the work of a command, and measures it. */
  measured<T>(name: string, work: () => Promise<T>): Promise<T>;
}

export const unwatched: RoomsWatch = {
  batch: () => undefined,
  claimed: () => undefined,
  steppedDown: () => undefined,
  measured: (_name, work) => work(),
};

export interface Rooms {
  readonly door: PairDoor;
  /** What other processes may ask of the rooms here. */
  readonly here: RoomsOfOne;
  readonly notices: Notices;
  readonly seats: Seats;
  readonly pair: new () => PairRoom;
  readonly waiting: new () => WaitingRoom;
  readonly counts: { pairs(): number; waiting(): number; waitingBytes(): Iterable<number> };
  /** Everybody is told and let go; what was accepted is written. */
  drain(reconnectAfterMs: () => number): Promise<void>;
}

/** Makes everything that happens in rooms, and joins it to what lies outside. */
export function createRooms(deps: RoomsDeps): Rooms {
  const { archive, line, clock, limits, authenticate, watch, report } = deps;
  const now = () => clock.now();
  const attendance = new Attendance(now);
  const waiting = new WaitingRooms({ authenticate, attendance, newsOf: deps.newsOf, now, report });
  const { claims, neighbours, isAdmitted, arrivals } = deps;
  const self = () => matchMaker.processId;
  const { claimed, steppedDown } = watch;
  const seats = new Seats({
    claims,
    neighbours,
    self,
    isAdmitted,
    arrivals,
    waiting,
    claimed,
    steppedDown,
    line,
    now,
    report,
  });
  const marks = new MarksKeeper(deps.marks, report);
  const allowRequest = (userId: UserId) => limits.take("requests", userId);
  const reader = historyReader({ archive, line });
  const pair = definePairRoom({
    authenticate,
    openHistory: historyOpener(deps),
    archive,
    people: deps.people,
    marks,
    attendance,
    requests: roomRequests({
      ...{ reader, authenticate, allow: allowRequest, now, twintuition: deps.twintuition },
      answerAssessment: deps.answerAssessment,
    }),
    allow: (userId, name) => takeFor(name, userId, deps),
    bearing: bearing(deps.offered ?? (async () => undefined)),
    seats,
    line,
    now,
    newWord: deps.chance.newSalt,
    twintuition: deps.twintuition,
    measured: watch.measured,
    report,
  });
  return {
    door: pairDoor(seats.door, report),
    here: neighboursDoor(seats.here, report),
    notices: roomNotices({ seats, waiting, attendance, report }),
    seats,
    pair,
    waiting: defineWaitingRoom(waiting),
    counts: {
      pairs: () => seats.presentRooms().length,
      waiting: () => waiting.size,
      waitingBytes: () => attendance.waitingBytes(),
    },
    async drain(reconnectAfterMs) {
      await seats.drain(reconnectAfterMs);
      await marks.flush();
    },
  };
}

function historyOpener({ journal, clock, chance, sealing, watch, report }: RoomsDeps): OpenPairHistory {
  const rules = roomRules({ now: () => clock.now(), newId: chance.newId, newSalt: chance.newSalt, ...sealing });
  const committerOf = () => new Committer<RoomEvent, RoomFact>({ journal, report, observe: watch.batch });
  const committers = Array.from({ length: LANES }, committerOf);
  return (of) => {
    const committer = committers[laneOf(of.pairId)] ?? committerOf();
    return DurableRoom.open({ ...of, rules, journal, committer });
  };
}

/** What a command counts as, for its person: by itself, or with all that they ask for anywhere. */
function takeFor(command: string, userId: UserId, { limits, ownLimits }: Pick<RoomsDeps, "limits" | "ownLimits">) {
  if (command === "chat.send") return ownLimits.take("messages", userId);
  if (command.startsWith("twintuition.")) return ownLimits.take("twintuition", userId);
  return limits.take("requests", userId);
}

/** A pair always commits by the same lane: its appends are one after the other anyway. */
const laneOf = (pairId: string): number => Number.parseInt(pairId.slice(-4), 16) % LANES;
