import type { Notices } from "../domain/ports.ts";
import { CLOSE } from "../schema/wire/errors.ts";
import type { PairId } from "../schema/wire/ids.ts";
import type { Attendance } from "./attendance.ts";
import type { PairRoom } from "./pair-room.ts";
import type { Report } from "./replies.ts";
import type { Seats } from "./seats.ts";
import type { WaitingRooms } from "./waiting-room.ts";

export interface NoticesDeps {
  readonly seats: Pick<Seats, "present" | "presentRooms">;
  readonly waiting: Pick<WaitingRooms, "pairOpened">;
  readonly attendance: Pick<Attendance, "endSessions">;
  readonly report: Report;
}

/** Tells the rooms and sockets of this process what happened elsewhere in it. */
export function roomNotices({ seats, waiting, attendance, report }: NoticesDeps): Notices {
  const inRoom = (pairId: PairId, tell: (room: PairRoom) => unknown): void => {
    const work = async () => {
      const room = await seats.present(pairId);
      if (room) await tell(room);
    };
    void work().catch(report);
  };
  return {
    pairOpened(pairId, between) {
      // A room of the time before, open for taking back only, has nothing to say about the pair as it is now.
      inRoom(pairId, (room) => room.move(CLOSE.moved));
      waiting.pairOpened(between);
    },
    pairClosed: (pairId, reason) => inRoom(pairId, (room) => room.end(reason)),
    sessionsEnded: (sessionIds) => attendance.endSessions(sessionIds),
    personChanged(userId) {
      const work = async () => {
        const rooms = seats.presentRooms().filter((room) => room.members.userIds.includes(userId));
        await Promise.all(rooms.map((room) => room.refreshPeople()));
      };
      void work().catch(report);
    },
  };
}
