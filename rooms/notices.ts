import type { Notices } from "../domain/ports.ts";
import { CLOSE } from "../schema/wire/errors.ts";
import type { PairId, UserId } from "../schema/wire/ids.ts";
import type { HistoryErased } from "../schema/wire/room.ts";
import type { StoryChanged } from "../schema/wire/stories.ts";
import type { SubscriptionChanged } from "../schema/wire/subscriptions.ts";
import type { Attendance } from "./attendance.ts";
import type { Members } from "./members.ts";
import type { PairRoom } from "./pair-room.ts";
import { Refreshing } from "./refreshing.ts";
import type { Report } from "./replies.ts";
import type { WaitingRooms } from "./waiting-room.ts";

type HearingRoom = Pick<PairRoom, "epoch" | "move" | "end" | "refreshPeople" | "lookAgain"> & {
  readonly members: Pick<Members, "userIds">;
};

export interface NoticesDeps {
  /** The pairs' rooms that are open here. */
  readonly seats: {
    present(pairId: PairId): HearingRoom | undefined;
    presentRooms(): readonly HearingRoom[];
    /** Settle once the rooms that are being opened are present, or will not be. */
    opening(): Iterable<Promise<unknown>>;
  };
  readonly waiting: Pick<WaitingRooms, "pairOpened" | "invitationUpdated">;
  readonly attendance: Pick<Attendance, "endSessions" | "tell">;
  readonly report: Report;
}

/** Tells the rooms and sockets of this process what happened elsewhere, in it or in another one. */
export function roomNotices({ seats, waiting, attendance, report }: NoticesDeps): Notices {
  /** News may come late: a room that was claimed after the pair's row took `epoch` knows more than they do. */
  const tellRoom = async (pairId: PairId, epoch: number, tell: (room: HearingRoom) => unknown): Promise<void> => {
    const room = seats.present(pairId);
    if (room && room.epoch < epoch) await tell(room);
  };
  const refreshing = new Refreshing<HearingRoom>({ isPresent: (room) => seats.presentRooms().includes(room), report });
  const refreshRoomsOf = (userId: UserId): void => {
    for (const room of seats.presentRooms()) if (room.members.userIds.includes(userId)) refreshing.refresh(room);
  };
  return {
    hear(news) {
      switch (news.what) {
        case "pair.opened":
          // A room of the time before, open for taking back only, has nothing to say about the pair as it is now.
          void tellRoom(news.pairId, news.epoch, (room) => room.move(CLOSE.moved)).catch(report);
          return waiting.pairOpened(news.between);
        case "pair.closed":
          return void tellRoom(news.pairId, news.epoch, (room) => room.end(news.reason)).catch(report);
        case "sessions.ended":
          return attendance.endSessions(news.sessionIds);
        case "invitation.updated":
          return waiting.invitationUpdated(news.userId, { id: news.invitationId, status: news.status });
        case "history.erased": {
          const { pairId, userId, upToSeq, to, epoch } = news;
          attendance.tell(to, "history.erased", { pairId, userId, upToSeq } satisfies HistoryErased);
          // What a room of before remembers is not history any more.
          return void tellRoom(pairId, epoch, (room) => room.move(CLOSE.moved)).catch(report);
        }
        case "history.trimmed":
          return seats.present(news.pairId)?.lookAgain();
        case "subscription.changed": {
          const { userId, isActive, entitlements } = news;
          return attendance.tell(userId, news.what, { userId, isActive, entitlements } satisfies SubscriptionChanged);
        }
        case "story.changed": {
          const { to, storyId, change } = news;
          return attendance.tell(to, "story.changed", { storyId, change } satisfies StoryChanged);
        }
        case "person.changed":
        case "assessment.updated":
          refreshRoomsOf(news.userId);
          // A room that is being opened may have read who they were.
          for (const opened of seats.opening())
            void opened.then(() => refreshRoomsOf(news.userId)).catch(() => undefined);
          return;
      }
    },
  };
}
