import type { Archive } from "../domain/history.ts";
import type { Authenticate, PairPeople } from "../domain/ports.ts";
import type { TwintuitionReader } from "../domain/twintuition.ts";
import type { UserId } from "../schema/wire/ids.ts";
import type { Attendance } from "./attendance.ts";
import type { bearing } from "./bearing.ts";
import type { Devices } from "./devices.ts";
import type { MarksKeeper } from "./marks-keeper.ts";
import type { Members, MembersDeps } from "./members.ts";
import type { OpenPairHistory, PairHistory } from "./pair-history.ts";
import type { Report } from "./replies.ts";
import type { Requests } from "./requests.ts";
import type { Seats } from "./seats.ts";
import type { Tail } from "./tail.ts";

/** What the room of a pair is given by whoever makes everything. */
export interface PairRoomDeps {
  readonly authenticate: Authenticate;
  readonly openHistory: OpenPairHistory;
  readonly archive: Archive;
  readonly people: PairPeople;
  readonly marks: MarksKeeper;
  readonly attendance: Attendance;
  readonly requests: Requests;
  readonly bearing: ReturnType<typeof bearing>;
  /** Takes one of the person's commands of this minute. Throws RATE_LIMIT_EXCEEDED. */
  readonly allow: (userId: UserId, command: string) => Promise<unknown>;
  readonly seats: Pick<Seats, "arrive" | "fail" | "notDone" | "report" | "retire" | "giveBack">;
  /** Names the line of history that versions belong to. */
  readonly line: () => string;
  readonly now: () => number;
  /** One that nobody guesses. */
  readonly newWord: () => string;
  readonly twintuition: Pick<TwintuitionReader, "pressed" | "alerted">;
  /** Does the work of a command, for whoever measures it. */
  readonly measured: <T>(name: string, work: () => Promise<T>) => Promise<T>;
  readonly report: Report;
}

/** What a room has once its history is open. */
export interface Opened {
  readonly history: PairHistory;
  readonly members: Members;
  readonly devices: Devices;
  readonly tail: Tail;
}

/** What the two of a room are made with. */
export function membersDeps(
  { now, marks, people, report }: PairRoomDeps,
  of: Pick<MembersDeps, "pairId" | "state" | "patch">,
): MembersDeps {
  return {
    ...of,
    now,
    remember: (known) => marks.remember(known),
    seen: (userId, at) => void people.seen(userId, at).catch(report),
  };
}
