import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { Environment, readConfig } from "../../server/config.ts";
import { createMetrics } from "../../server/metrics.ts";
import { deployed } from "../support/deployment.ts";

/** Of a histogram, what PromQL asks for. */
const PARTS = /_(?:bucket|sum|count)$/;

describe("what operators see", () => {
  const metrics = createMetrics({ version: "1" });
  after(() => metrics.stop());
  const all = new Set(metrics.names());
  const ours = [...all].filter((name) => name.startsWith("twinship_")).sort();
  const named = (text: string) => [...new Set(text.match(/\b(?:twinship|process|nodejs)_[a-z_]+/g))];
  const dashboard = deployed.read("deploy/grafana/twinship.json");
  const guide = deployed.read("docs/operations.md");

  it("[MT14] the dashboard shows every metric of ours, and none that is not there", () => {
    const shown = named(dashboard).map((name) => (all.has(name) ? name : name.replace(PARTS, "")));
    assert.deepEqual(
      shown.filter((name) => !all.has(name)),
      [],
    );
    assert.deepEqual([...new Set(shown)].filter((name) => name.startsWith("twinship_")).sort(), ours);
  });

  it("[MT14] each of its panels says what it shows, asks something, and has a place of its own", () => {
    const { panels, templating } = JSON.parse(dashboard);
    const places = new Set<string>();
    const ids = new Set<number>();
    for (const { id, type, title, description, targets, gridPos } of panels) {
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          assert.ok(!places.has(`${x} ${y}`), `${title} lies on another`);
          places.add(`${x} ${y}`);
        }
      }
      assert.ok(gridPos.x + gridPos.w <= 24, title);
      assert.ok(!ids.has(id), title);
      ids.add(id);
      if (type === "row") continue;
      assert.ok(description.length > 10, title);
      for (const { expr } of targets) assert.ok(isBalanced(expr), expr);
    }
    const variables = templating.list.map(({ name }: { name: string }) => name);
    for (const [, used = ""] of dashboard.matchAll(/\$\{?([a-z]+)\b/g)) assert.ok(variables.includes(used), used);
  });

  it("[MT14] the guide explains every metric of ours, and none that is not there", () => {
    const table = guide.slice(guide.indexOf("## The metrics"), guide.indexOf("## The log"));
    const rows = table.match(/^\| `twinship_.*$/gm) ?? [];
    const explained = rows.flatMap((row) => named(row.split(" | ")[0] ?? ""));
    assert.deepEqual(explained.sort(), ours);
    for (const name of named(guide)) assert.ok(all.has(name) || name.endsWith("_"), name);
  });

  it("[DP13] the guide explains every variable, with the default that the server has", () => {
    const table = guide.slice(guide.indexOf("## Every variable"));
    const rows = [...table.matchAll(/^\| `([A-Z0-9_]+)` \| (.*?) \| .+ \|$/gm)];
    assert.deepEqual(rows.map(([, name]) => name).sort(), Object.keys(Environment.shape).sort());
    const config: Readonly<Record<string, unknown>> = readConfig({});
    for (const [, name = "", said = ""] of rows) {
      const [, value] = /^`([a-z0-9]+)`$/.exec(said) ?? [];
      if (value !== undefined)
        assert.equal(value.replace(/^0$/, name === "ALLOW_EMBEDDED" ? "false" : "0"), String(config[name]), name);
    }
  });

  it("[DP13] every sentence of the log that the guide explains is one that the server may say", () => {
    const sources = globSync("server/**/*.ts", { cwd: deployed.root }).map(deployed.read).join("\n");
    const table = guide.slice(guide.indexOf("## The log"), guide.indexOf("## Every variable"));
    const sentences = [...table.matchAll(/^\| `(.+?)` \|/gm)].map(([, sentence = ""]) => sentence);
    assert.ok(sentences.length >= 9);
    for (const sentence of sentences) assert.ok(sources.includes(sentence), sentence);
  });

  it("[DP13] every reason why a process is not ready, and every place that the guide leads to, is there", () => {
    const source = deployed.read("http/routes/operations.ts");
    const [, union = ""] = /type NotReady = (.*);/.exec(source) ?? [];
    for (const [, reason = ""] of union.matchAll(/"([a-z]+)"/g))
      assert.match(guide, new RegExp(`^\\| \`${reason}\` \\|`, "m"));
    for (const [, file = "", anchor] of guide.matchAll(/\]\(([\w./-]+\.md|[\w./-]*\.env\.example)(?:#([\w-]+))?\)/g)) {
      const text = deployed.read(`docs/${file}`);
      const anchors = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
        title
          .toLowerCase()
          .replaceAll(/[^\w -]/g, "")
          .replaceAll(" ", "-"),
      );
      if (anchor) assert.ok(anchors.includes(anchor), `${file}#${anchor}`);
    }
  });
});

function isBalanced(expression: string): boolean {
  const open: string[] = [];
  for (const sign of expression.replaceAll(/"[^"]*"/g, "")) {
    if ("([{".includes(sign)) open.push(sign);
    const at = ")]}".indexOf(sign);
    if (at >= 0 && open.pop() !== "([{"[at]) return false;
  }
  return open.length === 0;
}
