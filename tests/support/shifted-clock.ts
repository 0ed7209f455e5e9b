/** Loaded into a server before anything else: its machine's clock is wrong by SHIFT_MS. Timers are not: nobody sets those. */
const SHIFT_MS = Number(process.env["SHIFT_MS"] ?? 0);

const RealDate = Date;

class ShiftedDate extends RealDate {
  constructor(...given: [] | [number | string | Date]) {
    if (given.length === 0) super(ShiftedDate.now());
    else super(given[0]);
  }

  static override now(): number {
    return RealDate.now() + SHIFT_MS;
  }
}

// Those who give year, month and day get what they always got.
globalThis.Date = new Proxy(RealDate, {
  construct: (_, given) => (given.length === 0 ? new ShiftedDate() : Reflect.construct(RealDate, given)),
  get: (date, name) => (name === "now" ? ShiftedDate.now : Reflect.get(date, name)),
});
