/**
 * A few who talk, in a process of their own, whose event loop nobody shares: told by IPC where and how; whatever it is told
 * from then on asks for the figures since the last time.
 */
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { Line } from "../loadtest/line.ts";
import { type Spread, Tally } from "../loadtest/tally.ts";

export interface Talking {
  readonly port: number;
  readonly tokens: readonly string[];
  /** Between an acknowledgement and the next message of the same person, on average. */
  readonly thinkMs: number;
}

export interface Talked {
  readonly answers: Spread;
  readonly seconds: number;
  readonly cut: number;
  readonly errors: Readonly<Record<string, number>>;
}

const TEXT = "Were you thinking of me just now, or was it the coffee?";

const isTalking = (said: unknown): said is Talking => typeof said === "object" && said !== null && "tokens" in said;

const [told] = await once(process, "message");
if (!isTalking(told)) throw new Error("Who talks is told where");
const { port, tokens, thinkMs } = told;
const tally = new Tally();
const lines = await Promise.all(
  tokens.map((accessToken) => {
    const person = { email: "", accessToken, refreshToken: "" };
    return Line.open({ endpoint: `ws://127.0.0.1:${port}`, roomName: "pair", person, tally });
  }),
);
for (const line of lines) void talk(line);
process.on("message", () => {
  const { answers, seconds, cut, errors } = tally.figures();
  tally.begin();
  process.send?.({ answers, seconds, cut, errors } satisfies Talked);
});
process.on("disconnect", () => process.exit());
process.send?.("there");

async function talk(line: Line): Promise<void> {
  while (!line.isOver) {
    await line.say(TEXT);
    await wait(thinkMs * (0.5 + Math.random()));
  }
}
