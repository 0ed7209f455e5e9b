import type { Emitter, Report } from "./emitter.ts";
import type { PairEvents } from "./pair-events.ts";
import type { Timeline } from "./timeline.ts";
import {
  isAlertTold,
  isChatMessage,
  isChatResume,
  isChatWindow,
  isMomentTold,
  isPairClosed,
  isReceipt,
  isTrimmed,
} from "./wire.ts";

export interface HearingDeps {
  readonly timeline: Timeline;
  readonly events: Emitter<PairEvents>;
  readonly marked: (marks: PairEvents["receipt"]) => void;
  /** The room has said where this device stands, and how far this person has read. */
  readonly opened: (readSeq: number) => void;
  /** What we have is worth nothing any more. */
  readonly reload: () => void;
  readonly renewToken: () => void;
  readonly report: Report;
}

/** What each event of a pair room means to a device. */
export function hearing(deps: HearingDeps): (event: string, payload: unknown) => void {
  const { timeline, events, marked, opened, reload, renewToken, report } = deps;
  const on =
    <T>(isIt: (payload: unknown) => payload is T, then: (payload: T) => void) =>
    (event: string, payload: unknown) =>
      isIt(payload) ? then(payload) : report(new Error(`${event} lacks what it must have`));

  const known: Readonly<Record<string, (event: string, payload: unknown) => void>> = {
    "chat.window": on(isChatWindow, (window) => {
      timeline.hearWindow(window);
      opened(window.readSeq);
    }),
    "chat.resume": on(isChatResume, (resume) => {
      // A history that is not ours is thrown away, and the connection with it.
      if (timeline.hearResume(resume)) opened(resume.readSeq);
    }),
    "chat.message": on(isChatMessage, (change) => timeline.hear(change)),
    "chat.receipt": on(isReceipt, marked),
    "twintuition.alert": on(isAlertTold, ({ alert }) => events.emit("alert", alert)),
    "twintuition.moment": on(isMomentTold, ({ moment }) => events.emit("moment", moment)),
    "history.trimmed": on(isTrimmed, ({ firstSeq }) => timeline.hearTrimmed(firstSeq)),
    "history.erased": reload,
    "pair.closed": on(isPairClosed, (closed) => events.emit("closed", closed)),
    "session.expiring": renewToken,
    "server.draining": () => undefined,
  };
  return (event, payload) => {
    const hear = known[event];
    if (hear) hear(event, payload);
    else events.emit("other", { event, payload });
  };
}
