import { ServerError } from "@colyseus/core";
import { Refusal } from "../domain/refusal.ts";
import { type RefusalCode, STATUS } from "../schema/wire/errors.ts";
import { NotDone, type Why } from "./durable/journal.ts";

export type Report = (error: unknown) => void;

/** What a refused request hears. */
export interface Rejection {
  readonly code: RefusalCode;
  readonly message: string;
  readonly retryAfterMs?: number;
}

/** Where a request is answered with a refusal: Colyseus' own context of a message. */
export interface Answerable {
  reject(reason: Rejection): unknown;
}

/** Long enough for a room to move or a database to come back, short enough not to be noticed. */
const TRY_AGAIN_MS = 300;

const NOT_DONE: Record<Why, () => Refusal> = {
  reused: () => new Refusal("ID_REUSED", "This key was used for another command"),
  unavailable: () => new Refusal("UNAVAILABLE", "Try again with the same key", { retryAfterMs: TRY_AGAIN_MS }),
  poisoned: () => new Refusal("INTERNAL_SERVER_ERROR", "This cannot be stored"),
};

/** Everything a room may throw, in the words of the contract. A bug is reported and says nothing of itself. */
export function refusalOf(error: unknown, report: Report): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof NotDone) return NOT_DONE[error.why]();
  report(error);
  return new Refusal("INTERNAL_SERVER_ERROR", "Something went wrong");
}

export function rejectionOf(error: unknown, report: Report): Rejection {
  const { code, message, retryAfterMs } = refusalOf(error, report);
  return retryAfterMs === undefined ? { code, message } : { code, message, retryAfterMs };
}

/**
 * Answers one request of a socket. Colyseus would let a thrown error's message out, close the socket or even acknowledge
 * the command; so nothing thrown gets past here.
 */
export async function answer(request: Answerable, work: () => Promise<unknown>, report: Report): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    return request.reject(rejectionOf(error, report));
  }
}

/**
 * Once everybody whose command is done by now has been told so: however many promises lie between the two, they settle
 * within this turn of the event loop.
 */
export const answersSaid = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** Answers a join. Colyseus wants a number for a code; the word stands first in the message. */
export async function admit<T>(work: () => Promise<T>, report: Report): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code, message } = refusalOf(error, report);
    throw new ServerError(STATUS[code], `${code}: ${message}`);
  }
}

/** For what nobody waits for: it may fail, and is heard of. */
export function attempt(work: () => void, report: Report): void {
  try {
    work();
  } catch (error) {
    report(error);
  }
}
