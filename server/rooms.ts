import { matchMaker } from "@colyseus/core";
import { type Archive, historyReader } from "../domain/history.ts";
import type { Authenticate, Chance, Clock, Limits, Notices, PairDoor, PairPeople } from "../domain/ports.ts";
import type { Message } from "../domain/room/message.ts";
import { type RoomEvent, roomRules } from "../domain/room/rules.ts";
import { Attendance } from "../rooms/attendance.ts";
import { pairDoor } from "../rooms/door.ts";
import { Committer } from "../rooms/durable/committer.ts";
import { DurableRoom } from "../rooms/durable/durable-room.ts";
import type { Journal } from "../rooms/durable/journal.ts";
import { type MarkStore, MarksKeeper } from "../rooms/marks-keeper.ts";
import { roomNotices } from "../rooms/notices.ts";
import type { OpenPairHistory } from "../rooms/pair-history.ts";
import { definePairRoom, type PairRoom } from "../rooms/pair-room.ts";
import type { Report } from "../rooms/replies.ts";
import { roomRequests } from "../rooms/requests.ts";
import { type Claims, Seats } from "../rooms/seats.ts";
import { defineWaitingRoom, type NewsOf, type WaitingRoom, WaitingRooms } from "../rooms/waiting-room.ts";
import type { PairId, UserId } from "../schema/wire/ids.ts";

/** Connections that commit side by side: while one waits for the disk, the other gathers. */
const LANES = 2;

export interface RoomsDeps {
  readonly journal: Journal<RoomEvent, Message>;
  readonly archive: Archive;
  readonly claims: Claims;
  readonly marks: MarkStore;
  readonly people: PairPeople;
  readonly authenticate: Authenticate;
  readonly activePair: (userId: UserId) => Promise<PairId | null>;
  readonly newsOf: NewsOf;
  readonly limits: Pick<Limits, "take">;
  readonly line: () => string;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly report: Report;
}

export interface Rooms {
  readonly door: PairDoor;
  readonly notices: Notices;
  readonly seats: Seats;
  readonly pair: new () => PairRoom;
  readonly waiting: new () => WaitingRoom;
  /** Everybody is told and let go; what was accepted is written. */
  drain(reconnectAfterMs: () => number): Promise<void>;
}

/** Makes everything that happens in rooms, and joins it to what lies outside. */
export function createRooms(deps: RoomsDeps): Rooms {
  const { archive, line, clock, limits, authenticate, report } = deps;
  const now = () => clock.now();
  const attendance = new Attendance(now);
  const waiting = new WaitingRooms({ authenticate, attendance, newsOf: deps.newsOf, now, report });
  const { claims, activePair } = deps;
  const owner = () => matchMaker.processId;
  const seats = new Seats({ claims, owner, authenticate, activePair, waiting, report });
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
    requests: roomRequests({ reader, authenticate, allow: allowRequest, now }),
    allow: (userId, name) => (name === "chat.send" ? limits.take("messages", userId) : allowRequest(userId)),
    seats,
    line,
    now,
    report,
  });
  return {
    door: pairDoor(seats, report),
    notices: roomNotices({ seats, waiting, attendance, report }),
    seats,
    pair,
    waiting: defineWaitingRoom(waiting),
    async drain(reconnectAfterMs) {
      await seats.drain(reconnectAfterMs);
      await marks.flush();
    },
  };
}

function historyOpener({ journal, clock, chance, report }: RoomsDeps): OpenPairHistory {
  const rules = roomRules({ now: () => clock.now(), newId: chance.newId, newSalt: chance.newSalt });
  const committerOf = () => new Committer<RoomEvent, Message>({ journal, report });
  const committers = Array.from({ length: LANES }, committerOf);
  return (of) => {
    const committer = committers[laneOf(of.pairId)] ?? committerOf();
    return DurableRoom.open({ ...of, rules, journal, committer });
  };
}

/** A pair always commits by the same lane: its appends are one after the other anyway. */
const laneOf = (pairId: string): number => Number.parseInt(pairId.slice(-4), 16) % LANES;
