import assert from "node:assert/strict";
import { type Fit, type Measured, powerFit } from "../../bench/fit.ts";

const close = (fit: Fit | undefined, exponent: number, standardError: number | null) => {
  assert.ok(fit);
  assert.ok(Math.abs(fit.exponent - exponent) < 1e-9, `exponent ${fit.exponent}`);
  if (standardError === null) assert.equal(fit.standardError, null);
  else assert.ok(Math.abs((fit.standardError ?? Number.NaN) - standardError) < 1e-9, `error ${fit.standardError}`);
};

const over = (sizes: readonly number[], cost: (size: number) => number): Measured[] =>
  sizes.map((size) => [size, cost(size)]);

describe("how cost grows", () => {
  const SIZES = [100, 1000, 10_000];

  for (const power of [0, 0.5, 1, 2, -1])
    it(`[CP7] what goes with size to the power of ${power} has that exponent, and no error`, () =>
      close(powerFit(over(SIZES, (size) => 3 * size ** power)), power, 0));

  it("[CP7] what does not lie on a power has the error of least squares", () => {
    // In powers of ten: sizes 0, 1, 2; costs 0, 1, 0. The line is flat, its residuals -1/3, 2/3 and -1/3.
    close(
      powerFit([
        [1, 1],
        [10, 10],
        [100, 1],
      ]),
      0,
      Math.sqrt(2 / 3 / 2),
    );
  });

  it("[CP7] through two sizes goes a line without an error that could be told", () =>
    close(
      powerFit([
        [10, 1],
        [1000, 100],
      ]),
      1,
      null,
    ));

  it("[CP7] the same size twice counts twice", () => {
    const twice = powerFit([
      [10, 1],
      [10, 4],
      [100, 20],
    ]);
    close(twice, 1, Math.sqrt((Math.log(2) ** 2 * 2) / (Math.log(10) ** 2 * (2 / 3))));
  });

  it("[CP7] what cost nothing that could be measured is left out, and one size alone tells nothing", () => {
    close(
      powerFit([
        [10, 1],
        [100, 0],
        [100, -2],
        [1000, 100],
      ]),
      1,
      null,
    );
    assert.equal(
      powerFit([
        [10, 1],
        [10, 2],
        [100, 0],
      ]),
      undefined,
    );
    assert.equal(powerFit([]), undefined);
  });
});
