import type { SpanIds } from "./current.ts";

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/;

const SAMPLED = 1;

/** Who asked, if they say so in W3C's words. What they decided about sampling holds for us. */
export function parentOf(traceparent: string | undefined): SpanIds | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent ?? "") ?? [];
  if (!traceId || !spanId || !flags) return undefined;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & SAMPLED) === SAMPLED };
}

/** Of new traces that share, decided by the trace's own random id: everybody who knows it decides alike. */
export const isSampled = (traceId: string, share: number): boolean =>
  Number.parseInt(traceId.slice(-13), 16) < share * 16 ** 13;
