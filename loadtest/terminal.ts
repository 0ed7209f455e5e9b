import { parseArgs } from "node:util";
import { cli } from "@colyseus/loadtest";
import { PEOPLE_FILE, readPeople } from "./people.ts";
import type { Scenario } from "./scenarios.ts";
import { type Spread, Tally } from "./tally.ts";

const SAY_EVERY_MS = 2000;

/**
 * Runs a scenario under @colyseus/loadtest: client 0 and 1 are the first pair of the file, 2 and 3 the second. Besides
 * the tool's own options: --people <file>, --think <ms>, --every <ms>, and --seconds <n>, after which it ends as by Ctrl-C.
 */
export function terminal(scenario: Scenario): void {
  const { values } = parseArgs({
    // The tool reads its own.
    strict: false,
    options: {
      people: { type: "string" },
      think: { type: "string" },
      every: { type: "string" },
      seconds: { type: "string" },
    },
  });
  const { people } = readPeople(String(values["people"] ?? PEOPLE_FILE));
  const pace = { thinkMs: Number(values["think"] ?? 1000), everyMs: Number(values["every"] ?? 15_000) };
  const tally = new Tally((message) => console.error(message));
  cli(async ({ endpoint, roomName, clientId }) => {
    const person = people[clientId];
    if (!person) throw new Error(`There are ${people.length} people for ${clientId + 1} clients: npm run people`);
    await scenario({ endpoint, roomName, person, tally }, pace);
  });
  const say = () => console.log(summary(tally));
  setInterval(say, SAY_EVERY_MS);
  if (values["seconds"] !== undefined) setTimeout(() => end(say), Number(values["seconds"]) * 1000);
}

/** As the tool ends itself, with its summary in --output. */
function end(say: () => void): void {
  say();
  process.kill(process.pid, "SIGINT");
}

function summary(tally: Tally): string {
  const { joined, acknowledged, acknowledgedPerSecond, answers, returns, cut } = tally.figures();
  const said = `acknowledged ${acknowledged} (${acknowledgedPerSecond}/s${times(answers)})`;
  return `joined ${joined}, ${said}, cut ${cut}, back ${returns.count}${times(returns)}, failed ${tally.failed}`;
}

const times = ({ count, p50, p99 }: Spread): string => (count === 0 ? "" : ` p50 ${p50} ms p99 ${p99} ms`);
