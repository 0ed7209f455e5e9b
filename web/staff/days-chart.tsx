import type { ReactElement } from "react";
import type { DeliveryDay } from "../../schema/wire/staff-operations.ts";

const WIDTH = 720;
const HEIGHT = 180;
const FOOT = 22;
const GAP = 0.2;

/** At most so many days are named beneath their bars. */
const NAMED = 8;

interface Day {
  readonly day: string;
  readonly sent: number;
  readonly delivered: number;
}

const DAY_MS = 86_400_000;

/** All channels of a day together, also of days on which nothing was sent. */
function summed(rows: readonly DeliveryDay[], span: number): readonly Day[] {
  const days = Map.groupBy(rows, ({ day }) => day);
  const today = Date.now();
  const sum = (of: readonly DeliveryDay[], field: "sent" | "delivered") =>
    of.reduce((total, row) => total + row[field], 0);
  return Array.from({ length: span }, (_, n) => {
    const day = new Date(today - (span - 1 - n) * DAY_MS).toISOString().slice(0, 10);
    const of = days.get(day) ?? [];
    return { day, sent: sum(of, "sent"), delivered: sum(of, "delivered") };
  });
}

interface Props {
  readonly days: readonly DeliveryDay[];
  /** Of so many days up to today. */
  readonly span: number;
}

/** How many were sent each day, and how many of them arrived. The same figures are told to who does not see it. */
export function DaysChart({ days: rows, span }: Props): ReactElement {
  const days = summed(rows, span);
  const most = Math.max(1, ...days.map(({ sent }) => sent));
  const step = WIDTH / Math.max(1, days.length);
  const height = (count: number) => ((HEIGHT - FOOT) * count) / most;
  const every = Math.ceil(days.length / NAMED);
  const total = (field: "sent" | "delivered") => days.reduce((sum, one) => sum + one[field], 0);
  return (
    <figure className="card chart">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`${total("sent")} sent, ${total("delivered")} of them delivered, at most ${most} a day`}
      >
        {days.map(({ day, sent, delivered }, n) => (
          <g key={day}>
            <title>{`${day}: ${sent} sent, ${delivered} delivered`}</title>
            <Bar kind="sent" left={(n + GAP / 2) * step} width={step * (1 - GAP)} height={height(sent)} />
            <Bar kind="delivered" left={(n + GAP / 2) * step} width={step * (1 - GAP)} height={height(delivered)} />
            {n % every === 0 && (
              <text x={(n + 0.5) * step} y={HEIGHT - 6}>
                {day.slice(5)}
              </text>
            )}
          </g>
        ))}
      </svg>
      <figcaption className="soft">
        <span className="key" data-kind="sent" /> sent <span className="key" data-kind="delivered" /> delivered, each
        day (UTC)
      </figcaption>
    </figure>
  );
}

interface BarProps {
  readonly kind: "sent" | "delivered";
  readonly left: number;
  readonly width: number;
  readonly height: number;
}

const MOST_WIDE = 40;

function Bar({ kind, left, width, height }: BarProps): ReactElement {
  const wide = Math.min(width, MOST_WIDE);
  return (
    <rect
      data-kind={kind}
      x={left + (width - wide) / 2}
      y={HEIGHT - FOOT - height}
      width={wide}
      height={height}
      rx={Math.min(3, wide / 2)}
    />
  );
}
