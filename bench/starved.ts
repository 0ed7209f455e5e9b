/**
 * Imported by a node before all else (`--import`): makes it as busy as on a machine that has ten times too much to do, and
 * costs that machine nothing. Its loop runs for a moment, and then stands still for up to as long as MOST_MS.
 */

/** By then it is ready. */
const FIRST_MS = 6000;

const RUNS_MS = 30;
const LEAST_MS = 100;
const MOST_MS = 700;

/** No two in a row alike, and the same each time. */
const STRIDE_MS = 377;

const nobodyWakesIt = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

function standStill(times: number): void {
  Atomics.wait(nobodyWakesIt, 0, 0, LEAST_MS + ((times * STRIDE_MS) % (MOST_MS - LEAST_MS)));
  setTimeout(standStill, RUNS_MS, times + 1).unref();
}

setTimeout(standStill, FIRST_MS, 0).unref();
