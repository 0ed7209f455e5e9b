import { randomUUID } from "node:crypto";
import type { Observe } from "../../http/observe.ts";
import type { Config } from "../config.ts";
import type { Lifecycle } from "../lifecycle.ts";
import type { Logger } from "../logger.ts";
import type { RoomsWatch } from "../rooms.ts";
import { version } from "../version.ts";

interface Means {
  readonly config: Config;
  readonly lifecycle: Lifecycle;
  readonly log: Logger;
}

/** Beside whoever counts: nobody, or a collector's spans. */
export interface OpenedTracing {
  observing(observe: Observe): Observe;
  watching<Watch extends RoomsWatch>(watch: Watch): Watch;
}

const nobody: OpenedTracing = { observing: (observe) => observe, watching: (watch) => watch };

/** Off unless OTEL_EXPORTER_OTLP_ENDPOINT says where to; then, and only then, what does it is loaded. */
export async function openTracing({ config, lifecycle, log }: Means): Promise<OpenedTracing> {
  const endpoint = config.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (endpoint === undefined || config.OTEL_SDK_DISABLED) return nobody;
  const [{ Exporter }, { Tracing }] = await Promise.all([import("./exporter.ts"), import("./tracing.ts")]);
  const resource = {
    "service.name": config.OTEL_SERVICE_NAME,
    "service.version": version,
    "service.instance.id": randomUUID(),
  };
  const headers = config.OTEL_EXPORTER_OTLP_HEADERS;
  const exporter = new Exporter({ endpoint, headers, resource, version, log });
  lifecycle.add("traces", () => exporter.stop());
  return new Tracing({ share: config.OTEL_TRACES_SAMPLER_ARG, add: (span) => exporter.add(span) });
}
