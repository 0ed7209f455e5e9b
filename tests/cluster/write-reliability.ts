/** Puts the figures that the last runs left on this machine into docs/reliability.md: `node tests/cluster/write-reliability.ts`. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Saved, savedFigures, tableOf } from "../support/reliability.ts";

const DOCUMENT = join(import.meta.dirname, "../../docs/reliability.md");

const RUNS = { suite: "npm run test:cluster", chaos: "npm run chaos" } as const;

let text = readFileSync(DOCUMENT, "utf8");
for (const saved of savedFigures()) {
  const [before, after] = [`<!-- ${saved.name} -->`, `<!-- end of ${saved.name} -->`];
  const [start, end] = [text.indexOf(before), text.indexOf(after)];
  if (start === -1 || end === -1) continue;
  text = `${text.slice(0, start + before.length)}\n${figuresOf(saved)}\n${text.slice(end)}`;
  console.log(`${saved.name}: ${saved.rows.length} faults, of ${saved.at}`);
}
writeFileSync(DOCUMENT, text);

function figuresOf({ name, at, machine, seed, rows }: Saved): string {
  const command = name === "chaos" ? `${RUNS.chaos} -- --seed ${seed}` : `SEED=${seed} ${RUNS.suite}`;
  return `\`${command}\`, ${at.slice(0, 10)}, ${machine}.\n\n${tableOf(rows)}`;
}
