/** Does the simulator bite? Breaks one line after the other in a copy of the code, and wants to see red each time. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { commandLine } from "../server/command-line.ts";

const ROOM = "rooms/durable/durable-room.ts";
const PENDING = "rooms/durable/pending.ts";
const FELT = "domain/room/twintuition-history.ts";
const COMMITTER = "rooms/durable/committer.ts";

interface Wound {
  readonly what: string;
  readonly file: string;
  readonly line: string;
  readonly broken: string;
}

const WOUNDS: readonly Wound[] = [
  {
    what: "the next command ignores those still queued",
    file: ROOM,
    line: "    this.#ahead = pending.entries.reduce(",
    broken: "    if (pending.tries < 0) this.#ahead = pending.entries.reduce(",
  },
  {
    what: "a repeat of a queued key is decided again",
    file: "rooms/durable/answers.ts",
    line: "return asked && repeated(asked, ask)",
    broken: "return asked?.isSettled ? repeated(asked, ask) : undefined",
  },
  {
    what: "what was written unheard is not announced",
    file: ROOM,
    line: "of fenced.entries)",
    broken: "of fenced.entries.slice(1))",
  },
  {
    what: "a refusal does not ask the journal",
    file: ROOM,
    line: "    const [earlier] = done;",
    broken: "    const earlier = done.find(() => false);",
  },
  {
    what: "a refusal by a room that lost its pair stands",
    file: ROOM,
    line: "    if (epoch === this.#deps.epoch) throw refusal;",
    broken: "    throw refusal;",
  },
  {
    what: "a refusal does not wait for what is under way",
    file: ROOM,
    line: "    await this.#quiet();\n    try",
    broken: "    try",
  },
  {
    what: "the poisoned take their neighbours along",
    file: COMMITTER,
    line: "batch.length > 1) return this.#writeApart",
    broken: "batch.length > 99) return this.#writeApart",
  },
  {
    what: "two appends of one pair go into one statement",
    file: COMMITTER,
    line: "if (!fits || pairs.has(pairId)) return true;",
    broken: "if (!fits) return true;",
  },
  {
    what: "what others left unanswered is taken for not done",
    file: ROOM,
    line: "    for (const pending of waiting) this.#again(pending, named(done, pending.command));",
    broken: "    for (const pending of waiting) this.#again(pending, undefined);",
  },
  {
    what: "a message changed twice is written as it was in between",
    file: PENDING,
    line: "rules.touched(next.state, entry)) facts.set(id, fact);",
    broken: "rules.touched(next.state, entry)) if (!facts.has(id)) facts.set(id, fact);",
  },
  {
    what: "a press that met another goes on waiting",
    file: FELT,
    line: "      return { presses: presses.filter(isLeft),",
    broken: "      return { presses,",
  },
  {
    what: "a press that met another is not written as spent",
    file: FELT,
    line: ", ...event.spent.map((part) => [part.id, part] as const)]",
    broken: "]",
  },
  {
    what: "a room forgets at its opening what was pressed before",
    file: FELT,
    line: 'presses: facts.flatMap((fact) => (fact.fact === "press" && isOpen(fact) ? fact : [])),',
    broken: "presses: [],",
  },
  {
    what: "a room goes on remembering what was trimmed",
    file: "domain/room/trimming.ts",
    line: "recent: chat.recent.filter(isThere)",
    broken: "recent: chat.recent",
  },
  {
    what: "a late append may still get in",
    file: "tests/support/memory-journal.ts",
    line: "revision: history.head.revision + 1 }",
    broken: "revision: history.head.revision }",
  },
];

const USAGE = `npm run teeth
  breaks one line after the other in a copy of the code, and says whether the simulator sees it`;

commandLine(USAGE, () => parseArgs());

/** A wound may also leave the world without rest. */
const STUCK_MS = 30_000;

const root = join(import.meta.dirname, "..");
const copy = mkdtempSync(join(tmpdir(), "twinship-teeth-"));
for (const folder of ["domain", "rooms", "schema", "tests", "package.json"]) {
  cpSync(join(root, folder), join(copy, folder), { recursive: true });
}
symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));

/** Whether the simulator, in the copy as it is now, sees red. */
function isRed(): boolean {
  const run = ["--bail", "tests/durable/simulator.test.ts"];
  return spawnSync("mocha", run, { cwd: copy, env: { ...process.env, SEEDS: "1500" }, timeout: STUCK_MS }).status !== 0;
}

let unnoticed = 0;
try {
  if (isRed()) throw new Error("The simulator is red without a wound");
  for (const { what, file: name, line, broken } of WOUNDS) {
    const file = join(copy, name);
    const whole = readFileSync(file, "utf8");
    if (whole.split(line).length !== 2) throw new Error(`${name} has no such line, or several: ${line}`);
    writeFileSync(
      file,
      whole.replace(line, () => broken),
    );
    const red = isRed();
    writeFileSync(file, whole);
    if (!red) unnoticed += 1;
    console.log(`${red ? "red        " : "NOT NOTICED"}  ${what}`);
  }
} finally {
  rmSync(copy, { recursive: true });
}
process.exit(unnoticed === 0 ? 0 : 1);
