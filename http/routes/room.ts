import { Router } from "express";
import { z } from "zod";
import type { Caller } from "../../domain/ports.ts";
import { Refusal } from "../../domain/refusal.ts";
import { type Admit, bearerOf } from "../admission.ts";
import { formOf } from "../body.ts";
import { errorHandler, forSdk, type Report } from "../errors.ts";
import { notStored, plainQueries, readableAddress } from "../middleware.ts";
import { type Route, route } from "../route.ts";
import { notAllowed } from "../serve.ts";

/** Seats in rooms, wherever those are. */
export interface SeatGiver {
  /** For `client.consumeSeatReservation`. Throws Refusal. */
  reserve(caller: Caller, roomName: string, options: unknown): Promise<object>;
}

const SeatRequest = z.looseObject({ room: z.enum(["pair", "waiting"]).default("pair") });

/** As the SDK reads it; it has fields of its own that are none of ours. */
const Reservation = z.looseObject({
  name: z.string(),
  sessionId: z.string(),
  roomId: z.string(),
  processId: z.string(),
});

/** A seat for who would rather ask here: it works behind any load balancer, and is refused in the envelope. */
export function seatRoutes(seats: SeatGiver): readonly Route[] {
  return [
    route(
      {
        method: "post",
        path: "/room/seat",
        summary: "A seat in the pair's room, or in a waiting room",
        asks: z.object({ body: SeatRequest }),
        reply: Reservation,
        repeats: "none",
      },
      async ({ body: { room, ...options }, caller }) => Reservation.parse(await seats.reserve(caller, room, options)),
    ),
  ];
}

export interface MatchmakeDeps {
  readonly seats: SeatGiver;
  readonly admit: Admit;
  /** The line before the door; nobody waits by default. */
  readonly line?: StandInLine | undefined;
  readonly report: Report;
}

/**
 * Resolves when it is the turn of whoever holds the token, with what is to be called once they are through. Throws
 * UNAVAILABLE if too many wait already; `isGone`: they do not wait any more.
 */
export type StandInLine = (accessToken: string | undefined, isGone: () => boolean) => Promise<() => void>;

/**
 * The stock SDK's `joinOrCreate`; every other way into a room is closed. Refusals are 4xx or 503, which edges leave
 * alone, in the form in which the SDK reads them.
 */
export function matchmakeRoutes({ seats, admit, line, report }: MatchmakeDeps): Router {
  return Router({ caseSensitive: true })
    .use(notStored, readableAddress, plainQueries)
    .post("/joinOrCreate/:room", async (request, response) => {
      const leave = await line?.(bearerOf(request), () => response.destroyed);
      // Whoever gave up while they waited is not seated.
      if (response.destroyed) return leave?.();
      if (leave) response.once("close", leave);
      const caller = await admit("required", request, response);
      if (!caller) throw new Refusal("AUTH_REQUIRED", "Sign in first");
      const seat = await seats.reserve(caller, request.params.room, await formOf(request));
      response.json(seat);
    })
    .post("/{*other}", () => {
      throw new Refusal("NOT_FOUND", "There is no such room");
    })
    .use(notAllowed(["POST"]))
    .use(errorHandler(report, forSdk));
}
