import { z } from "zod";
import { Secret } from "./secret.ts";

/** As OpenTelemetry writes them: `name=value,name=value`, percent-encoded where they must be. */
const headers = z.string().transform((text, context) =>
  text.split(",").flatMap((pair) => {
    const at = pair.indexOf("=");
    const name = pair.slice(0, at).trim().toLowerCase();
    if (at > 0 && /^[a-z0-9-]+$/.test(name)) return [[name, new Secret(decoded(pair.slice(at + 1).trim()))] as const];
    context.addIssue({
      code: "custom",
      message: "must be headers like authorization=Basic%20abc, with commas between",
    });
    return [];
  }),
);

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function isCollector(value: string): boolean {
  const url = URL.parse(value);
  return url !== null && /^https?:$/.test(url.protocol) && !url.search && !url.hash && !url.username;
}

const share = z
  .string()
  .trim()
  .refine((text) => /^(?:0|1|0?\.\d{1,9}|1\.0+)$/.test(text), "must be a share from 0 to 1")
  .transform(Number);

/** OpenTelemetry's own names, of which these are read. */
export const TRACING = {
  /** Where traces go, by OTLP over HTTP; unset: nowhere, and nothing is traced. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .string()
    .trim()
    .refine(isCollector, "must be a collector's URL like http://localhost:4318, without /v1/traces")
    .optional(),
  OTEL_EXPORTER_OTLP_HEADERS: headers.default([]),
  OTEL_SERVICE_NAME: z.string().trim().default("twinship"),
  /** The share of the traces that begin here. */
  OTEL_TRACES_SAMPLER_ARG: share.default(1),
  OTEL_SDK_DISABLED: z
    .enum(["true", "false"], { error: "must be true or false" })
    .default("false")
    .transform((value) => value === "true"),
};
