import type { Secret } from "../secret.ts";

/** What of a span is told: words from lists in the code, and numbers. Nothing that anybody wrote or carried. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string | undefined;
  readonly name: string;
  readonly kind: "internal" | "server";
  /** Nanoseconds since 1970. */
  readonly began: bigint;
  readonly ended: bigint;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly hasFailed: boolean;
}

export interface ExporterDeps {
  /** The collector's, without `/v1/traces`. */
  readonly endpoint: string;
  readonly headers: readonly (readonly [name: string, value: Secret])[];
  /** Who we are. */
  readonly resource: Readonly<Record<string, string>>;
  readonly version: string;
  /** Hears of each outage once, and of its end. */
  readonly log: { info(message: string): void; warn(fields: object, message: string): void };
}

/** What waits to be sent is bounded: a collector that is away costs spans, and nothing else. */
const MOST_WAITING = 2048;

const IN_ONE = 512;
const EVERY_MS = 5000;
const ANSWER_MS = 5000;

/** Nobody waits longer for the last ones. */
const GOODBYE_MS = 1000;

const KIND = { internal: 1, server: 2 } as const;
const FAILED = 2;

/** Sends spans to a collector by OTLP over HTTP, in JSON. */
export class Exporter {
  readonly #deps: ExporterDeps;
  readonly #timer: NodeJS.Timeout;
  #waiting: Span[] = [];
  #isAway = false;

  constructor(deps: ExporterDeps) {
    this.#deps = deps;
    this.#timer = setInterval(() => void this.#send(ANSWER_MS), EVERY_MS).unref();
  }

  add(span: Span): void {
    if (this.#waiting.length < MOST_WAITING) this.#waiting.push(span);
    if (this.#waiting.length === IN_ONE) void this.#send(ANSWER_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#send(GOODBYE_MS);
  }

  async #send(withinMs: number): Promise<void> {
    const spans = this.#waiting;
    if (spans.length === 0) return;
    this.#waiting = [];
    try {
      await this.#post(spans, withinMs);
      if (this.#isAway) this.#deps.log.info("the collector of traces takes them again");
      this.#isAway = false;
    } catch (error) {
      if (!this.#isAway) this.#deps.log.warn({ err: error }, "the collector of traces takes none; they are dropped");
      this.#isAway = true;
    }
  }

  async #post(spans: readonly Span[], withinMs: number): Promise<void> {
    const { endpoint, headers } = this.#deps;
    const given = Object.fromEntries(headers.map(([name, value]) => [name, value.reveal()]));
    const answer = await fetch(`${endpoint.replace(/\/+$/, "")}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/json", ...given },
      body: JSON.stringify(this.#told(spans)),
      redirect: "error",
      signal: AbortSignal.timeout(withinMs),
    });
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`it answers ${answer.status}`);
  }

  #told(spans: readonly Span[]): object {
    const { resource, version } = this.#deps;
    const scopeSpans = [{ scope: { name: "twinship", version }, spans: spans.map(toldOf) }];
    return { resourceSpans: [{ resource: { attributes: listed(resource) }, scopeSpans }] };
  }
}

function toldOf({ kind, began, ended, attributes, hasFailed, ...rest }: Span): object {
  return {
    ...rest,
    kind: KIND[kind],
    startTimeUnixNano: String(began),
    endTimeUnixNano: String(ended),
    attributes: listed(attributes),
    ...(hasFailed ? { status: { code: FAILED } } : {}),
  };
}

const listed = (all: Readonly<Record<string, string | number>>): object[] =>
  Object.entries(all).map(([key, value]) => ({
    key,
    value: typeof value === "number" ? { intValue: String(value) } : { stringValue: value },
  }));
