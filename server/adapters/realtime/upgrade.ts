import { type AuthContext, matchMaker } from "@colyseus/core";
import { z } from "zod";
import type { Authenticate } from "../../../domain/ports.ts";
import { Refusal } from "../../../domain/refusal.ts";
import { STATUS } from "../../../schema/wire/errors.ts";
import { UserId } from "../../../schema/wire/ids.ts";
import type { Leave } from "./line.ts";

export interface UpgradeDeps {
  readonly authenticate: Authenticate;
  /** Origins of pages that may connect, besides our own. Apps send none. */
  readonly origins: readonly string[];
  /** The line before the door; nobody waits by default. */
  readonly enter?: (() => Promise<Leave>) | undefined;
  readonly report: (error: unknown) => void;
}

const Seat = z.object({ userId: UserId });

/**
 * Who may open a socket: a page of ours or of a listed origin, or an app; with a valid token; for a seat that was
 * reserved for that very person. Colyseus alone would take whoever knows the seat's number.
 */
export function checkUpgrade({ authenticate, origins, enter, report }: UpgradeDeps) {
  return async (request: Request, { token }: Readonly<AuthContext>): Promise<Response | undefined> => {
    let leave: Leave | undefined;
    try {
      checkOrigin(request, origins);
      const place = new URL(request.url);
      // Only who has a seat to take waits for their turn; whose it is, is asked when it has come.
      if (seatAt(place)) leave = await enter?.();
      const { userId } = await authenticate(token);
      checkSeat(place, userId);
      return undefined;
    } catch (error) {
      return refused(error, report);
    } finally {
      // Colyseus seats them in what is left of this turn of the loop.
      if (leave) setImmediate(leave);
    }
  };
}

function checkOrigin(request: Request, origins: readonly string[]): void {
  const origin = request.headers.get("origin");
  if (origin === null || origins.includes(origin)) return;
  if (URL.canParse(origin) && new URL(origin).host === request.headers.get("host")) return;
  throw new Refusal("FORBIDDEN", "This page may not connect");
}

function seatAt({ pathname, searchParams }: URL): unknown {
  const roomId = pathname.split("/").at(-1) ?? "";
  const socketId = searchParams.get("sessionId") ?? "";
  const room = matchMaker.getLocalRoomById(roomId);
  const [, seat] = room?.hasReservedSeat(socketId) ? (room["_reservedSeats"][socketId] ?? []) : [];
  return seat;
}

function checkSeat(place: URL, userId: UserId): void {
  const owner = Seat.safeParse(seatAt(place));
  if (!owner.success) throw new Refusal("NOT_FOUND", "There is no such seat");
  if (owner.data.userId !== userId) throw new Refusal("FORBIDDEN", "This is not your seat");
}

function refused(error: unknown, report: (error: unknown) => void): Response {
  if (!(error instanceof Refusal)) report(error);
  const { code, message } =
    error instanceof Refusal ? error : new Refusal("INTERNAL_SERVER_ERROR", "Something went wrong");
  const status = STATUS[code];
  return Response.json({ code: status, error: `${code}: ${message}` }, { status });
}
