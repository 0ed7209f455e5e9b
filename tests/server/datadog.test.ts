import assert from "node:assert/strict";
import { load } from "js-yaml";
import { z } from "zod";
import { createMetrics } from "../../server/metrics.ts";
import { deployed } from "../support/deployment.ts";

const Monitor = z.strictObject({
  name: z.string(),
  type: z.literal("query alert"),
  query: z.string(),
  message: z.string(),
  tags: z.array(z.string()),
  options: z.looseObject({ thresholds: z.looseObject({ critical: z.number() }) }),
});

const Check = z.strictObject({
  init_config: z.null(),
  instances: z
    .array(
      z.looseObject({
        openmetrics_endpoint: z.url(),
        namespace: z.literal("twinship"),
        raw_metric_prefix: z.literal("twinship_"),
        metrics: z.tuple([z.literal(".+")]),
        histogram_buckets_as_distributions: z.literal(true),
        auth_token: z.looseObject({ reader: z.looseObject({ type: z.literal("file") }) }),
      }),
    )
    .length(1),
});

interface Dashboard {
  readonly widgets: readonly { readonly definition: { readonly widgets: readonly Widget[] } }[];
}

interface Widget {
  readonly definition: {
    readonly title: string;
    readonly requests: readonly {
      readonly queries: readonly { readonly name: string; readonly query: string }[];
      readonly formulas: readonly { readonly formula: string }[];
    }[];
  };
}

describe("what Datadog is given", () => {
  const metrics = createMetrics({ version: "1" });
  after(() => metrics.stop());
  const all = new Set(metrics.names());
  const monitors = z.array(Monitor).parse(JSON.parse(deployed.read("deploy/datadog/monitors.json")));
  const dashboard: Dashboard = JSON.parse(deployed.read("deploy/datadog/dashboard.json"));
  const widgets = dashboard.widgets.flatMap(({ definition }) => definition.widgets);
  const guide = deployed.read("docs/operations.md");

  /** What the check makes of a name of ours, taken back: counters are `.count`, and the prefix is the namespace. */
  function originOf(name: string): string | undefined {
    const bare = name.replace(/^twinship\./, "");
    const candidates = bare.endsWith(".count") ? [bare.replace(/\.count$/, "_total")] : [bare];
    return candidates.flatMap((one) => [`twinship_${one}`, one]).find((one) => all.has(one));
  }
  const named = (text: string) => [...new Set(text.match(/\btwinship\.[a-z_]+(?:\.count)?/g))];

  it("[WA1] every figure that a panel or a monitor asks for is one that /metrics tells", () => {
    const asked = [...widgets, ...monitors].flatMap((one) => named(JSON.stringify(one)));
    assert.ok(asked.length > 40);
    assert.deepEqual(
      asked.filter((name) => originOf(name) === undefined),
      [],
    );
    assert.equal(originOf("twinship.nothing"), undefined);
    assert.equal(originOf("twinship.claims"), undefined, "counters are asked for by their count");
  });

  it("[WA1] the dashboard shows every figure of ours that /metrics tells", () => {
    const shown = new Set(named(JSON.stringify(widgets)).map(originOf));
    assert.deepEqual(
      [...all].filter((name) => name.startsWith("twinship_") && !shown.has(name)),
      [],
    );
  });

  it("[WA1] the check takes all figures of a node, under these names and by a token from a file", () => {
    assert.ok(Check.parse(load(deployed.read("deploy/datadog/openmetrics.yaml"))));
  });

  it("[WA1] every label that is asked for is one of that figure's, and each formula has its query", async () => {
    const { text } = await metrics.figures();
    for (const { definition } of widgets) {
      for (const { queries, formulas } of definition.requests) {
        const names = queries.map(({ name }) => name);
        assert.deepEqual(formulas.map(({ formula }) => formula).sort(), names.sort(), definition.title);
        for (const { query } of queries)
          assert.match(query, /^(?:sum|max|min|avg|p\d\d):twinship\.[a-z_.]+\{\$host(?:,[a-z]+:[a-z.]+)?\}/, query);
      }
    }
    assert.match(text, /twinship_event_loop_lag_seconds\{quantile="0.99"\}/);
  });

  it("[WA2] every monitor has its heading in the guide, with something to do, and every heading its monitor", () => {
    const runbook = guide.slice(guide.indexOf("## When an alarm rings"), guide.indexOf("## The log"));
    const sections = [...runbook.matchAll(/^### (.+)\n\n(.+)$/gm)].map(([, name = "", words = ""]) => ({
      name,
      words,
    }));
    assert.deepEqual(
      monitors.map(({ name }) => name),
      sections.map(({ name }) => name),
    );
    for (const { name, words } of sections) assert.ok(words.length > 60, name);
    for (const { name, message } of monitors) {
      const anchor = name
        .toLowerCase()
        .replaceAll(/[^\w -]/g, "")
        .replaceAll(" ", "-");
      assert.ok(message.endsWith(`Runbook: docs/operations.md#${anchor}`), message);
    }
  });

  it("[WA2] every monitor rings at what it says it rings at", () => {
    for (const { name, query, options } of monitors) {
      const [, limit] = /[<>] ([\d.]+)$/.exec(query) ?? [];
      assert.equal(Number(limit), options.thresholds.critical, name);
      assert.match(query, /^(?:sum|min|max|avg)\(last_\d+[mh]\):/, name);
    }
    assert.equal(new Set(monitors.map(({ name }) => name)).size, monitors.length);
  });
});
