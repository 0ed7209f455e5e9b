import { Writable } from "node:stream";

/** Keeps what was written to it; a terminal, if it says so. */
export class Sink extends Writable {
  readonly isTTY: boolean;
  text = "";

  constructor(isTTY = false) {
    super();
    this.isTTY = isTTY;
  }

  override _write(chunk: unknown, _encoding: string, done: () => void): void {
    this.text += String(chunk);
    done();
  }
}
