import { setTimeout as wait } from "node:timers/promises";
import { Line, type LineOptions } from "./line.ts";

export interface Pace {
  /** Between an acknowledgement and the next message, in milliseconds. */
  readonly thinkMs: number;
  /** Between two storms, in milliseconds. */
  readonly everyMs: number;
}

/** What one phone does. Resolves once it is in its room, and goes on by itself until it is closed. */
export type Scenario = (options: LineOptions, pace: Pace) => Promise<Line>;

const TEXT = "Were you thinking of me just now, or was it the coffee?";

/** Both twins talk: a message, its acknowledgement, a thought, the next message. */
export const chatPair: Scenario = async (options, pace) => {
  const line = await Line.open(options);
  void talk(line, pace);
  return line;
};

/** Both twins are there, and say nothing. */
export const idlePair: Scenario = (options) => Line.open(options);

/** Every now and then all phones lose their line in the same moment, as when a server or a mobile network goes. */
export const reconnectStorm: Scenario = async (options, pace) => {
  const line = await Line.open(options);
  void storms(line, pace);
  return line;
};

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  "chat-pair": chatPair,
  "idle-pair": idlePair,
  "reconnect-storm": reconnectStorm,
};

async function talk(line: Line, { thinkMs }: Pace): Promise<void> {
  // Else all begin in step.
  await wait(Math.random() * thinkMs);
  while (!line.isOver) {
    await line.say(TEXT);
    await wait(thinkMs);
  }
}

/** By the clock on the wall, so that all processes of a load test agree when. */
async function storms(line: Line, { everyMs }: Pace): Promise<void> {
  while (!line.isOver) {
    await wait(everyMs - (Date.now() % everyMs));
    line.drop();
  }
}
