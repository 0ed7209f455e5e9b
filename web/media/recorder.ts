import { Ear } from "./microphone.ts";

/** Three minutes are taken; a window behind others looks at its clock but once a second. */
export const LONGEST_MS = 179_000;

/** `lost`: the microphone went while it was recording. */
export type Ending = "asked" | "full" | "lost";

export interface Recording {
  readonly file: Blob;
  readonly contentType: string;
  readonly ms: number;
  /** 0 to 100, as often as somebody looked. */
  readonly levels: readonly number[];
  readonly ending: Ending;
}

/** One recording, from the first sound on; the microphone is let go of when it ends, for whatever reason. */
export class Recorder {
  /** What came of it. */
  readonly finished: Promise<Recording>;
  readonly #recorder: MediaRecorder;
  readonly #ear: Ear;
  readonly #beganAt = performance.now();
  #levels: readonly number[] = [];
  #ending: Ending = "lost";

  constructor(recorder: MediaRecorder) {
    const parts: Blob[] = [];
    this.#recorder = recorder;
    this.#ear = new Ear(recorder.stream);
    this.finished = new Promise((resolve) => {
      recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
      recorder.addEventListener("stop", () => resolve(this.#close(parts)), { once: true });
    });
    // A recorder whose microphone went waits for more sound, and would wait for ever.
    for (const track of recorder.stream.getTracks()) track.addEventListener("ended", () => this.end("lost"));
    recorder.start();
  }

  get ms(): number {
    return Math.min(LONGEST_MS, Math.round(performance.now() - this.#beganAt));
  }

  /** Looks how loud it is, and whether it is full. */
  look(): { readonly ms: number; readonly levels: readonly number[] } {
    const { ms } = this;
    if (ms >= LONGEST_MS) this.end("full");
    this.#levels = [...this.#levels, this.#ear.level()];
    return { ms, levels: this.#levels };
  }

  end(ending: Ending = "asked"): void {
    if (this.#recorder.state === "inactive") return;
    this.#ending = ending;
    this.#recorder.stop();
  }

  #close(parts: readonly Blob[]): Recording {
    const contentType = this.#recorder.mimeType;
    this.#ear.close();
    for (const track of this.#recorder.stream.getTracks()) track.stop();
    const file = new Blob([...parts], { type: contentType });
    return { file, contentType, ms: this.ms, levels: this.#levels, ending: this.#ending };
  }
}
