import { randomBytes } from "node:crypto";
import type { Observe } from "../../http/observe.ts";
import { refusalOf } from "../../rooms/replies.ts";
import type { RoomsWatch } from "../rooms.ts";
import { current, type SpanIds } from "./current.ts";
import type { Span } from "./exporter.ts";
import { isSampled, parentOf } from "./parent.ts";

export interface TracingDeps {
  /** Of the traces that begin here; 1 is all of them. */
  readonly share: number;
  readonly add: (span: Span) => void;
}

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** From this status on it was our mistake. */
const MISTAKE = 500;

type Ended = Pick<Span, "name" | "kind" | "attributes" | "hasFailed">;

/**
 * A span for each request and for each command of a room: which it was, how long it took, and what became of it. It sees
 * no address, header, body or word, so there is nothing to take out of it again.
 */
export class Tracing {
  readonly #deps: TracingDeps;

  constructor(deps: TracingDeps) {
    this.#deps = deps;
  }

  /** Traces each request, beside whoever observes them already. */
  observing(observe: Observe): Observe {
    return (asked) => {
      const counted = observe(asked);
      const end = this.#begin(parentOf(asked.traceparent), (ids) => current.enterWith(ids));
      return (served) => {
        counted(served);
        const method = METHODS.has(served.method) ? served.method : "_OTHER";
        const what = { "http.request.method": method, "http.route": served.route };
        end({
          name: `${method} ${served.route}`,
          kind: "server",
          attributes: { ...what, "http.response.status_code": served.status },
          hasFailed: served.status >= MISTAKE,
        });
      };
    };
  }

  /** Traces each command, beside whoever measures them already. */
  watching<Watch extends RoomsWatch>(watch: Watch): Watch {
    return { ...watch, measured: (name, work) => this.#command(name, () => watch.measured(name, work)) };
  }

  async #command<T>(name: string, work: () => Promise<T>): Promise<T> {
    let ids: SpanIds | undefined;
    const end = this.#begin(current.getStore(), (own) => {
      ids = own;
    });
    const ended = (outcome: string, hasFailed: boolean) =>
      end({ name, kind: "internal", attributes: { "twinship.outcome": outcome }, hasFailed });
    try {
      const answer = await (ids ? current.run(ids, work) : work());
      ended("ok", false);
      return answer;
    } catch (error) {
      const { code } = refusalOf(error, () => undefined);
      ended(code, code === "INTERNAL_SERVER_ERROR");
      throw error;
    }
  }

  #begin(parent: SpanIds | undefined, told: (ids: SpanIds) => void): (ended: Ended) => void {
    const traceId = parent?.traceId ?? randomBytes(16).toString("hex");
    const spanId = randomBytes(8).toString("hex");
    const isKept = parent?.isSampled ?? isSampled(traceId, this.#deps.share);
    told({ traceId, spanId, isSampled: isKept });
    const [began, beganMs] = [BigInt(Date.now()) * 1_000_000n, performance.now()];
    return (ended) => {
      if (!isKept) return;
      const took = BigInt(Math.round((performance.now() - beganMs) * 1e6));
      this.#deps.add({ traceId, spanId, parentSpanId: parent?.spanId, began, ended: began + took, ...ended });
    };
  }
}
