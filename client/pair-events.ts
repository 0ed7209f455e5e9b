import type { ChatReceipt, PairClosed } from "../schema/wire/room.ts";
import type { AlertView, MomentView } from "../schema/wire/twintuition.ts";
import type { Done } from "./commands.ts";
import type { PairView } from "./members.ts";
import type { Queued } from "./outbox.ts";
import type { Ending, Status } from "./rejoin.ts";
import type { Refused } from "./retry.ts";
import type { TimelineEvents } from "./timeline.ts";

export interface PairEvents extends TimelineEvents {
  /** A command of this device is in history; a message of ours comes as `message` as well, in its turn. */
  readonly done: { readonly command: Queued; readonly answer: Done };
  /** What waits to be done is different now: something was added, is done, refused or taken back. */
  readonly pending: readonly Queued[];
  /** It never will be, for a reason the person must see. */
  readonly refused: { readonly command: Queued; readonly refusal: Refused };
  /** Who is there, who types, how far each has read. */
  readonly pair: PairView;
  readonly receipt: Pick<ChatReceipt, "userId" | "deliveredSeq" | "readSeq">;
  /** The twin tells that they think of this person; or this person did, on another device. */
  readonly alert: AlertView;
  /** Both felt it at the same instant. It may come with the answer to a press as well, under the same id. */
  readonly moment: MomentView;
  readonly status: Status;
  /** The pair is over. */
  readonly closed: PairClosed;
  /** No connection, and none will be tried for until `start` is called. */
  readonly ended: Ending;
  /** What this client has no words for (yet). */
  readonly other: { readonly event: string; readonly payload: unknown };
}
