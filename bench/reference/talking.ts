/**
 * The load, in a process of its own, whose event loop nobody shares: told by IPC whom to connect, and then, time after
 * time, how to talk and for how long; it answers with what it saw, and with the CPU that it took itself.
 */
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { type Connect, referenceWire, twinshipWire, type Wire } from "./wire.ts";

export interface Crowd {
  readonly kind: "twinship" | "reference";
  readonly port: number;
  /** Of both twins of each pair, one after the other. */
  readonly tokens: readonly string[];
}

export interface Talk {
  readonly seconds: number;
  /** Messages a second at which one person of each pair, in turn, says something; without it, each does once answered. */
  readonly perSecond?: number;
}

export interface Heard {
  /** Milliseconds from when a message was due until its acknowledgement. */
  readonly times: readonly number[];
  readonly refused: number;
  /** Messages that the phones of the other twins were told of. */
  readonly told: number;
  readonly seconds: number;
  /** Of this process. */
  readonly cpuSeconds: number;
}

const TEXT = "Were you thinking of me just now, or was it the coffee?";
const JOINED_AT_ONCE = 16;
const SETTLE_MS = 10_000;
const LOOK_AGAIN_MS = 5;

const WIRES: Record<Crowd["kind"], Connect> = { twinship: twinshipWire, reference: referenceWire };

const isCrowd = (said: unknown): said is Crowd => typeof said === "object" && said !== null && "tokens" in said;
const isTalk = (said: unknown): said is Talk => typeof said === "object" && said !== null && "seconds" in said;

const [crowd] = await once(process, "message");
if (!isCrowd(crowd)) throw new Error("Who talks is told where");
const wires = await connected(crowd);
/** The first of each pair talks, both listen. */
const speakers = wires.filter((_, n) => n % 2 === 0);
process.on("message", (talk) => isTalk(talk) && void talkAs(talk).then((heard) => process.send?.(heard)));
process.on("disconnect", () => process.exit());
process.send?.("there");

async function connected({ kind, port, tokens }: Crowd): Promise<Wire[]> {
  const wires: Wire[] = [];
  for (let from = 0; from < tokens.length; from += JOINED_AT_ONCE)
    wires.push(
      ...(await Promise.all(
        tokens
          .slice(from, from + JOINED_AT_ONCE)
          .map((token, n) => WIRES[kind](port, token, `bench-phone-${from + n}`)),
      )),
    );
  return wires;
}

async function talkAs({ seconds, perSecond }: Talk): Promise<Heard> {
  const cpu = process.cpuUsage();
  const toldBefore = told();
  const talk = new Talking(seconds * 1000);
  if (perSecond === undefined) for (const speaker of speakers) talk.answering(speaker);
  else await talk.atRate(perSecond);
  const lasted = await talk.over();
  const { user, system } = process.cpuUsage(cpu);
  const { times, refused } = talk;
  await until(() => told() - toldBefore >= times.length);
  return { times, refused, told: told() - toldBefore, seconds: lasted / 1000, cpuSeconds: (user + system) / 1e6 };
}

const told = (): number => wires.reduce((sum, { heard }) => sum + heard, 0);

class Talking {
  readonly times: number[] = [];
  refused = 0;
  readonly #startedAt = performance.now();
  readonly #lastingMs: number;
  #open = 0;

  constructor(lastingMs: number) {
    this.#lastingMs = lastingMs;
  }

  get #isTime(): boolean {
    return performance.now() - this.#startedAt < this.#lastingMs;
  }

  /** A closed loop: the next once the last is acknowledged. */
  answering(speaker: Wire): void {
    this.#say(speaker, performance.now(), () => this.#isTime && this.answering(speaker));
  }

  /** An open loop: by the clock, whatever was answered. */
  async atRate(perSecond: number): Promise<void> {
    for (let n = 0; this.#isTime; ) {
      const due = ((performance.now() - this.#startedAt) / 1000) * perSecond;
      for (; n < due; n++) {
        const speaker = speakers[n % speakers.length];
        if (speaker) this.#say(speaker, this.#startedAt + (n / perSecond) * 1000);
      }
      await wait(1);
    }
  }

  /** Once everything is answered; milliseconds since it began. */
  async over(): Promise<number> {
    await wait(Math.max(0, this.#lastingMs - (performance.now() - this.#startedAt)));
    await until(() => this.#open === 0);
    return performance.now() - this.#startedAt;
  }

  #say(speaker: Wire, dueAt: number, then: () => void = () => undefined): void {
    this.#open += 1;
    speaker.say(TEXT, (isAcknowledged) => {
      this.#open -= 1;
      if (isAcknowledged) this.times.push(performance.now() - dueAt);
      else this.refused += 1;
      then();
    });
  }
}

async function until(isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + SETTLE_MS;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error("What was said was not all answered and told");
    await wait(LOOK_AGAIN_MS);
  }
}
