import type { Room } from "@colyseus/core";
import type { Answerable } from "./replies.ts";

/**
 * Answers what nobody listens for. Colyseus closes the socket on an unknown plain message, ends the process on one whose
 * name is long, and answers an unknown request without a code; so every name it looks up and does not find is given
 * this handler instead.
 */
export function answerUnknownMessages(room: Room): void {
  const fallback = [
    (_client: unknown, _payload: unknown, request: Answerable | undefined) =>
      request?.reject({ code: "NOT_FOUND", message: "There is no such command" }),
  ];
  const listeners: object = room["onMessageEvents"].events;
  Object.setPrototypeOf(listeners, new Proxy(Object.create(null), { get: () => fallback }));
}
