import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { z } from "zod";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const Finding = z.object({
  id: z.string(),
  impact: z.string().nullish(),
  nodes: z.array(z.object({ html: z.string() })),
});
const Findings = z.object({ passes: z.array(z.unknown()), violations: z.array(Finding) });

/** Of what axe finds: what would keep somebody out. Asked from outside the page, whose policy lets nothing in. */
export async function gravest(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const { passes, violations } = Findings.parse(await page.evaluate("axe.run(document)"));
  assert.ok(passes.length > 20, "it has looked");
  const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  return grave.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
}
