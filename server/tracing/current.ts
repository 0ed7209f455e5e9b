import { AsyncLocalStorage } from "node:async_hooks";

/** As W3C Trace Context writes them: 16 and 8 bytes in hex. */
export interface SpanIds {
  readonly traceId: string;
  readonly spanId: string;
  /** What is not sampled is neither kept nor sent, and its ids are in the log all the same. */
  readonly isSampled: boolean;
}

/**
 * What is being done at the moment, along whatever is awaited. It is ambient by nature: the log asks it for each line, and
 * nobody in between has to know.
 */
export const current = new AsyncLocalStorage<SpanIds>();

/** For the log; nothing outside of a trace. */
export function traceFields(): { trace_id?: string; span_id?: string } {
  const ids = current.getStore();
  return ids ? { trace_id: ids.traceId, span_id: ids.spanId } : {};
}
