import { getMessageBytes, Protocol, ResponseStatus } from "@colyseus/core";

/** What cannot be read was nested too deep, cut short, or never a message. */
const UNREADABLE = { code: "VALIDATION_ERROR", message: "This message cannot be read" };

/**
 * Colyseus answers a request it cannot read with the words of its reader's error and without a code. There is no hook for
 * it, so the one place that writes answers is replaced: an error becomes a refusal. Nothing else can come this way, for
 * no handler of ours throws.
 */
export function codeAnswers(): void {
  const written = getMessageBytes[Protocol.ROOM_RESPONSE];
  getMessageBytes[Protocol.ROOM_RESPONSE] = (requestId, status, payload) =>
    status === ResponseStatus.ERROR
      ? written(requestId, ResponseStatus.REJECTED, UNREADABLE)
      : written(requestId, status, payload);
}
