import { instantOf } from "../domain/room/fair-time.ts";
import { Random } from "../tests/support/random.ts";
import { type LinkOf, SimulatedLink, TWO_LINKS } from "../tests/support/simulated-link.ts";

const TRIALS = 2000;
const AT = Date.UTC(2026, 0, 1);

export interface Judged {
  readonly links: string;
  readonly apartMs: number;
  /** Of what was judged against what was: on average, and at worst. */
  readonly meanError: number;
  readonly worstError: number;
  /** On average, as it is stated with each. */
  readonly uncertainty: number;
  /** How often the truth lay outside of it. */
  readonly outside: number;
}

/** How two presses are judged that were made at once, and 2 s apart, over simulated links. */
export function judgeFairTime(): Judged[] {
  return TWO_LINKS.flatMap(([links, one, other]) =>
    [0, 2000].map((apartMs) => {
      const trials = Array.from({ length: TRIALS }, (_, seed) => trial(one, other, apartMs, new Random(seed)));
      const mean = (of: (one: Trial) => number) => trials.reduce((sum, trial) => sum + of(trial), 0) / TRIALS;
      return {
        links,
        apartMs,
        meanError: mean(({ error }) => error),
        worstError: Math.max(...trials.map(({ error }) => error)),
        uncertainty: mean(({ uncertainty }) => uncertainty),
        outside: trials.filter(({ error, uncertainty }) => error > uncertainty).length,
      };
    }),
  );
}

interface Trial {
  readonly error: number;
  readonly uncertainty: number;
}

function trial(one: LinkOf, other: LinkOf, apartMs: number, random: Random): Trial {
  const press = (of: LinkOf, at: number) => {
    const link = new SimulatedLink(of, random);
    link.join(at - 60_000);
    const { arrival, pressedAt } = link.press(at);
    return instantOf(arrival, pressedAt);
  };
  const [first, second] = [press(one, AT), press(other, AT + apartMs)];
  return {
    error: Math.abs(second.at - first.at - apartMs),
    uncertainty: first.uncertaintyMs + second.uncertaintyMs,
  };
}
