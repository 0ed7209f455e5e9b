/**
 * Twins who talk while others storm, in a process of their own, whose event loop the storm does not share: told by IPC where
 * to go; every message from then on asks for the figures since the last, and gets them.
 */
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { Line } from "../loadtest/line.ts";
import { type Spread, Tally } from "../loadtest/tally.ts";

export interface Bystanding {
  readonly port: number;
  readonly tokens: readonly string[];
  /** Between an acknowledgement and the next message of the same person. */
  readonly thinkMs: number;
}

export interface Bystood {
  readonly answers: Spread;
  readonly seconds: number;
  readonly cut: number;
  readonly errors: Readonly<Record<string, number>>;
}

const TEXT = "Were you thinking of me just now, or was it the coffee?";

const isBystanding = (said: unknown): said is Bystanding =>
  typeof said === "object" && said !== null && "tokens" in said;

const [told] = await once(process, "message");
if (!isBystanding(told)) throw new Error("Bystanders are told where to stand");
const tally = new Tally();
const { port, thinkMs } = told;
const lines = await Promise.all(
  told.tokens.map((accessToken) => {
    const person = { email: "", accessToken, refreshToken: "" };
    return Line.open({ endpoint: `ws://127.0.0.1:${port}`, roomName: "pair", person, tally });
  }),
);
for (const line of lines) void talk(line);
process.on("message", () => {
  const { answers, seconds, cut, errors } = tally.figures();
  tally.begin();
  process.send?.({ answers, seconds, cut, errors } satisfies Bystood);
});
process.on("disconnect", () => process.exit());
process.send?.("ready");

async function talk(line: Line): Promise<void> {
  while (!line.isOver) {
    await line.say(TEXT);
    await wait(thinkMs * (0.5 + Math.random()));
  }
}
