/** From one turn of the event loop and a flush, to when a phone gives up. */
export const SECONDS = [0.001, 0.002, 0.004, 0.008, 0.015, 0.03, 0.06, 0.125, 0.25, 0.5, 1, 2, 5];

/** What is done beside the answers takes longer than anybody would wait for one. */
export const JOB_SECONDS = [0.01, 0.1, 1, 10, 60, 600];

/** A batch holds 500 rows at most. */
export const ROWS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 500];
