export interface Fit {
  /** Cost goes with size to this power: 0 stays as it is, 1 grows in step. */
  readonly exponent: number;
  /** Of the exponent; null with two sizes only, through which a line always goes. */
  readonly standardError: number | null;
}

export type Measured = readonly [size: number, cost: number];

/**
 * Least squares on the logarithms of both: a power law is a straight line there. What cost nothing that could be measured is
 * left out; undefined if fewer than two sizes are left.
 * Formulas: https://en.wikipedia.org/wiki/Simple_linear_regression#Unbiasedness
 */
export function powerFit(measured: readonly Measured[]): Fit | undefined {
  const points = measured.filter(([size, cost]) => size > 0 && cost > 0).map(([size, cost]) => logs(size, cost));
  const [meanX, meanY] = [mean(points.map(({ x }) => x)), mean(points.map(({ y }) => y))];
  const spread = sum(points.map(({ x }) => (x - meanX) ** 2));
  if (points.length < 2 || spread === 0) return undefined;
  const exponent = sum(points.map(({ x, y }) => (x - meanX) * (y - meanY))) / spread;
  const residuals = sum(points.map(({ x, y }) => (y - meanY - exponent * (x - meanX)) ** 2));
  const freedom = points.length - 2;
  return { exponent, standardError: freedom === 0 ? null : Math.sqrt(residuals / freedom / spread) };
}

const logs = (size: number, cost: number) => ({ x: Math.log(size), y: Math.log(cost) });

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

const mean = (numbers: readonly number[]): number => sum(numbers) / numbers.length;
