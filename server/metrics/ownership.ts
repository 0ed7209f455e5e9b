import { Counter, Gauge, type Registry } from "prom-client";

/** Who has which pair, and what is passed on to whoever has it. */
export function ownershipMetrics(registry: Registry) {
  const registers = [registry];
  const claims = new Counter({ name: "twinship_claims_total", help: "Pairs this process made its own", registers });
  const takeOvers = new Counter({
    name: "twinship_take_overs_total",
    help: "Those of them whose owner had died",
    registers,
  });
  const stepDowns = new Counter({
    name: "twinship_step_downs_total",
    help: "Rooms that ended since their pair was another process's by then, or closed",
    registers,
  });
  const forwarding = new Gauge({
    name: "twinship_forwarded_sockets",
    help: "Sockets that arrived here and are passed on to the process that has their room",
    registers,
  });
  const forwards = new Counter({
    name: "twinship_forwards_total",
    help: "Sockets that were passed on so since the start",
    registers,
  });

  return {
    claimed({ isTakeOver }: { readonly isTakeOver: boolean }): void {
      claims.inc();
      if (isTakeOver) takeOvers.inc();
    },
    steppedDown: (): void => stepDowns.inc(),
    /** A socket is passed on to another process. Returns what to call once it is over. */
    forwarded(): () => void {
      forwards.inc();
      forwarding.inc();
      let isOver = false;
      return () => {
        if (!isOver) forwarding.dec();
        isOver = true;
      };
    },
  };
}
