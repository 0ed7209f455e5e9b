import { Counter, Histogram, type Registry } from "prom-client";
import { refusalOf } from "../../rooms/replies.ts";
import type { RefusalCode } from "../../schema/wire/errors.ts";
import { bounded } from "./bounded.ts";
import { SECONDS } from "./buckets.ts";

export type CommandOutcome = "ok" | RefusalCode;

/** What twins ask of their rooms, and how long they wait for it. */
export function commandMetrics(registry: Registry) {
  const registers = [registry];
  const nameOf = bounded();
  const commands = new Counter({
    name: "twinship_commands_total",
    help: "Commands by what became of them: ok, or the code they were refused with",
    labelNames: ["name", "outcome"],
    registers,
  });
  const acknowledged = new Histogram({
    name: "twinship_acknowledgement_seconds",
    help: "From a command's arrival in its room until it was durable",
    labelNames: ["name"],
    buckets: SECONDS,
    registers,
  });

  const command = (name: string, outcome: CommandOutcome, seconds: number): void => {
    commands.inc({ name: nameOf(name), outcome });
    if (outcome === "ok") acknowledged.observe({ name: nameOf(name) }, seconds);
  };

  return {
    command,
    /** Does the work of a command, and counts it with what became of it. */
    async measured<T>(name: string, work: () => Promise<T>): Promise<T> {
      const began = performance.now();
      const count = (outcome: CommandOutcome) => command(name, outcome, (performance.now() - began) / 1000);
      try {
        const answer = await work();
        count("ok");
        return answer;
      } catch (error) {
        // Whoever answers reports what is to be reported.
        count(refusalOf(error, () => undefined).code);
        throw error;
      }
    },
  };
}
