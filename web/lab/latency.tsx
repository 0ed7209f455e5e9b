import type { ReactElement } from "react";
import { useObserved } from "../observe.ts";
import type { Pulse } from "../pulse.ts";

const WIDTH = 240;
const HEIGHT = 44;

/** From a thumb on one phone to the other phone's screen, through a database that has it on disk. */
export function Latency({ pulse }: { readonly pulse: Pulse }): ReactElement {
  const { samples } = useObserved(pulse.now);
  const last = samples.at(-1);
  return (
    <section className="card" aria-label="Latency">
      <h3>
        Thumb to thumb
        <small>{samples.length > 1 ? `median ${shown(median(samples))}` : ""}</small>
      </h3>
      {last === undefined ? (
        <p className="soft">Write something, and see how long it takes to the other phone.</p>
      ) : (
        <div className="pulse">
          <p className="figure" data-testid="latency">
            {Math.max(1, Math.round(last))}
            <small>ms</small>
          </p>
          <Bars samples={samples} />
        </div>
      )}
    </section>
  );
}

function Bars({ samples }: { readonly samples: readonly number[] }): ReactElement {
  // One that took long is cut off, so that the others can be told apart.
  const most = Math.max(20, 2.5 * median(samples));
  const step = WIDTH / 32;
  return (
    <svg className="bars" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true" focusable="false">
      {samples.map((ms, n) => {
        const height = Math.min(HEIGHT, Math.max(2, (ms / most) * HEIGHT));
        // A bar is what stands at its place.
        return (
          <rect key={`at ${n * step}`} x={n * step} y={HEIGHT - height} width={step - 2} height={height} rx={1.5} />
        );
      })}
    </svg>
  );
}

function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

const shown = (ms: number): string => `${Math.max(1, Math.round(ms))} ms`;
