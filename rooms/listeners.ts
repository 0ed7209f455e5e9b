import type { Client, Room } from "@colyseus/core";
import type { Answerable } from "./replies.ts";

/** Hears one kind of message, in whichever room it was said. */
export type Listener<R> = (room: R, client: Client, payload: unknown, request: Answerable) => unknown;

/**
 * Answers what nobody listens for. Colyseus closes the socket on an unknown plain message, ends the process on one whose
 * name is long, and answers an unknown request without a code; so every name it looks up and does not find is given
 * this handler instead.
 */
const nobody = [
  (_client: unknown, _payload: unknown, request: Answerable | undefined) =>
    request?.reject({ code: "NOT_FOUND", message: "There is no such command" }),
];
const unknownMessages: object = new Proxy(Object.create(null), { get: () => nobody });

/** Made once for all rooms of a kind. */
export type Listeners = object;

/**
 * What may be said in rooms of a kind. Colyseus would have each room keep a list and a function of its own for each name,
 * which made a fifth of an idle room; so rooms look all names up in one table, and each client says which room it is in.
 */
export function listeners<R>(
  roomOf: (client: Client) => R | undefined,
  heard: Readonly<Record<string, Listener<R>>>,
): Listeners {
  const table: object = Object.create(unknownMessages);
  for (const [name, listener] of Object.entries(heard)) {
    const hear = (client: Client, payload: unknown, request: Answerable) => {
      const room = roomOf(client);
      return room && listener(room, client, payload, request);
    };
    Object.defineProperty(table, name, { value: [hear], enumerable: true });
  }
  return table;
}

/** A room that only tells. */
export const noListeners: Listeners = unknownMessages;

export function listenWith(room: Room, table: Listeners): void {
  Object.setPrototypeOf(room["onMessageEvents"].events, table);
}
