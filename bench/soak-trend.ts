export interface Trend {
  readonly samples: number;
  /** What it rises by in one unit of x. */
  readonly slope: number;
  /** With 95 % confidence the slope is this far from the truth at most. */
  readonly margin: number;
  /** How like each residual is to the one before it: 0 not at all, 1 the same. */
  readonly likeness: number;
}

export type Point = readonly [x: number, y: number];

/** 97.5 % of Student's distribution, for so many degrees of freedom and more. */
const STUDENT = [
  [60, 2.0],
  [30, 2.04],
  [20, 2.09],
  [15, 2.13],
  [10, 2.23],
  [7, 2.36],
  [5, 2.57],
  [4, 2.78],
  [3, 3.18],
  [2, 4.3],
  [1, 12.71],
] as const;

/**
 * The straight line with the least squares. Samples of a heap follow each other like waves and count for fewer than they
 * are: (1 - r) / (1 + r) of them, r being the likeness of neighbours.
 */
export function trendOf(points: readonly Point[]): Trend {
  const samples = points.length;
  const [meanX, meanY] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const spread = sum(points.map(([x]) => (x - meanX) ** 2));
  const slope = sum(points.map(([x, y]) => (x - meanX) * (y - meanY))) / spread;
  const residuals = points.map(([x, y]) => y - meanY - slope * (x - meanX));
  const squares = sum(residuals.map((one) => one ** 2));
  const likeness = squares === 0 ? 0 : sum(residuals.slice(1).map((one, n) => one * (residuals[n] ?? 0))) / squares;
  const counted = samples * ((1 - Math.max(0, likeness)) / (1 + Math.max(0, likeness)));
  const freedom = counted - 2;
  if (!(freedom >= 1)) return { samples, slope, margin: Number.POSITIVE_INFINITY, likeness };
  return {
    samples,
    slope,
    margin: student(freedom) * Math.sqrt(squares / freedom / (spread * (counted / samples))),
    likeness,
  };
}

const student = (freedom: number): number => STUDENT.find(([least]) => freedom >= least)?.[1] ?? 12.71;
const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
const mean = (numbers: readonly number[]): number => sum(numbers) / numbers.length;
