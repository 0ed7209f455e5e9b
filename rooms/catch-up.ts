import { type Archive, CHANGES_AT_ONCE, type Change, changedMessages, fittingFromEnd } from "../domain/history.ts";
import type { Chat } from "../domain/room/chat-history.ts";
import { findMessage, isChatType } from "../domain/room/chat-history.ts";
import { type Eyes, type Message, viewFor } from "../domain/room/message.ts";
import { isTrimming } from "../domain/room/trimming.ts";
import type { PairId } from "../schema/wire/ids.ts";
import type { ChatResume, ChatWindow, JoinOptions } from "../schema/wire/room.ts";
import type { Device } from "./device.ts";
import type { Head } from "./durable/journal.ts";
import type { Tail } from "./tail.ts";

/** Most a device is told unasked when it returns; it syncs on from there. */
const RESUMED_MESSAGES = 200;

export interface CatchUpDeps {
  readonly pairId: PairId;
  readonly archive: Pick<Archive, "changes" | "byId">;
  readonly line: () => string;
  readonly tail: Tail;
  /** As committed and announced, at this moment. */
  readonly standing: () => { readonly head: Head; readonly chat: Chat };
}

type Known = Pick<JoinOptions, "afterVersion" | "history">;

/**
 * Brings one device up to date before it hears anything newer, made for its own person's eyes: the newest page if it has
 * nothing, and otherwise everything that changed since, oldest first.
 */
export async function catchUp(
  deps: CatchUpDeps,
  device: Device,
  eyes: Eyes,
  readSeq: number,
  known: Known,
): Promise<void> {
  if (known.afterVersion === undefined || known.afterVersion === null) return showWindow(deps, device, eyes, readSeq);
  await resume(deps, device, eyes, readSeq, known.afterVersion, known.history ?? undefined);
}

function showWindow({ standing, line }: CatchUpDeps, device: Device, eyes: Eyes, readSeq: number): void {
  const { head, chat } = standing();
  const messages = fittingFromEnd(chat.recent.map((message) => viewFor(eyes, message)));
  const { version, firstSeq } = head;
  const hasMore = (messages[0]?.seq ?? firstSeq) > firstSeq;
  const window: ChatWindow = { messages, version, history: line(), firstSeq, readSeq, hasMore };
  device.tell("chat.window", window);
  device.follow(version);
}

async function resume(
  deps: CatchUpDeps,
  device: Device,
  eyes: Eyes,
  readSeq: number,
  from: number,
  history: string | undefined,
): Promise<void> {
  const here = deps.line();
  const { version } = deps.standing().head;
  const isOfHere = from <= version && (history === undefined || history === here);
  const changes = isOfHere ? await changesSince(deps, eyes, from) : undefined;
  if (!changes) {
    const reset: ChatResume = { from, to: version, hasMore: false, history: here, readSeq, reset: true };
    device.tell("chat.resume", reset);
    return device.follow(version);
  }
  const { found, end, isWhole } = changes;
  const told: ChatResume = { from, to: end, hasMore: !isWhole, history: here, readSeq };
  device.tell("chat.resume", told);
  for (const change of found) device.tell("chat.message", { version: change.version, message: change.view });
  device.follow(end);
}

/**
 * From the room's own memory if it reaches that far back, and from the archive if not; undefined if history was trimmed
 * since, for then the device may have what is gone.
 */
async function changesSince({ pairId, archive, tail, standing }: CatchUpDeps, eyes: Eyes, from: number) {
  const remembered = tail.after(from);
  if (remembered?.some(isTrimming)) return undefined;
  if (remembered && remembered.length <= RESUMED_MESSAGES) {
    const { chat } = standing();
    const messages = remembered
      .filter(({ type }) => isChatType(type))
      .map(({ subjectId }) => findMessage(chat, subjectId));
    if (messages.every((message) => message !== undefined))
      return told(fromMemory(messages), pairId, eyes, remembered, from);
  }
  const changes = await archive.changes(pairId, from, CHANGES_AT_ONCE);
  if (changes.some(isTrimming)) return undefined;
  const page = await told(archive, pairId, eyes, changes, from);
  return { ...page, isWhole: page.isWhole && changes.length < CHANGES_AT_ONCE };
}

async function told(
  archive: Pick<Archive, "byId">,
  pairId: PairId,
  eyes: Eyes,
  changes: readonly Change[],
  from: number,
) {
  const page = await changedMessages(archive, pairId, eyes, changes, RESUMED_MESSAGES);
  return { ...page, end: Math.max(from, page.end) };
}

function fromMemory(messages: readonly Message[]): Pick<Archive, "byId"> {
  return { byId: async () => messages };
}
