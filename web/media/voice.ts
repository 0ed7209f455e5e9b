import { Refused } from "../../client/index.ts";
import { Observed } from "../../client/observed.ts";
import { plainText } from "../plain-text.ts";
import { Unheard } from "./microphone.ts";
import { Recorder, type Recording } from "./recorder.ts";

/** What becomes of a voice message before it is one. */
export type VoiceNow =
  | { readonly is: "idle"; readonly problem: string | undefined }
  | { readonly is: "asking" }
  | { readonly is: "recording"; readonly ms: number; readonly levels: readonly number[] }
  /** There is a recording; `note` says why it is not sent yet, if nobody wanted that. */
  | { readonly is: "held"; readonly recording: Recording; readonly note: string | undefined }
  | { readonly is: "sending"; readonly recording: Recording };

export interface VoiceMeans {
  /** Throws Unheard. */
  readonly open: () => Promise<MediaRecorder>;
  /** Does nothing more once it is not wanted. */
  readonly send: (recording: Recording, isWanted: () => boolean) => Promise<void>;
  /** While it is recording, now and then; and once it is not any more. */
  readonly tell: (isRecording: boolean) => void;
  /** How many looks at how loud it is make one that is shown. */
  readonly looksShown: number;
}

const LOOK_MS = 100;

/** Who lets go at once wanted nothing recorded. */
const SHORTEST_MS = 500;

const NOTES = {
  asked: undefined,
  full: "Three minutes are the longest there is.",
  lost: "The microphone is gone. This was recorded until then.",
} as const;

/** A voice message in the making: one at a time, and whatever was given up is never sent. */
export class Voice {
  readonly now = new Observed<VoiceNow>(
    () => this.#now,
    () => () => undefined,
  );
  readonly #means: VoiceMeans;
  #now: VoiceNow = { is: "idle", problem: undefined };
  #recorder: Recorder | undefined;
  #isToSend = false;
  /** What was begun in an earlier one is not wanted any more. */
  #turn = 0;

  constructor(means: VoiceMeans) {
    this.#means = means;
  }

  async record(): Promise<void> {
    if (this.#now.is !== "idle") return;
    const turn = ++this.#turn;
    this.#isToSend = false;
    this.#show({ is: "asking" });
    try {
      const recorder = new Recorder(await this.#means.open());
      if (turn === this.#turn) await this.#follow(recorder, turn);
      else recorder.end();
    } catch (error) {
      const problem = error instanceof Unheard ? error.message : "The microphone could not be opened.";
      if (turn === this.#turn) this.#show({ is: "idle", problem });
    }
  }

  /** To be listened to first. */
  stop(): void {
    this.#recorder?.end();
  }

  send(): void {
    if (this.#now.is === "held") void this.#send(this.#now.recording);
    if (this.#now.is !== "recording") return;
    this.#isToSend = true;
    this.stop();
  }

  /** Also one that is on its way to the server: nobody has heard of it yet. */
  discard(): void {
    this.#turn += 1;
    this.stop();
    this.#show({ is: "idle", problem: undefined });
  }

  async #follow(recorder: Recorder, turn: number): Promise<void> {
    this.#recorder = recorder;
    let looks = 0;
    const look = () => {
      const heard = recorder.look();
      if (turn !== this.#turn || looks++ % this.#means.looksShown > 0) return;
      this.#means.tell(true);
      this.#show({ is: "recording", ...heard });
    };
    look();
    const looking = setInterval(look, LOOK_MS);
    const recording = await recorder.finished;
    clearInterval(looking);
    this.#means.tell(false);
    if (this.#recorder === recorder) this.#recorder = undefined;
    if (turn === this.#turn) this.#finish(recording);
  }

  #finish(recording: Recording): void {
    const { ms, ending } = recording;
    const problem = ending === "lost" ? "The microphone is gone." : "That was too short to hear.";
    if (ms < SHORTEST_MS || recording.file.size === 0) this.#show({ is: "idle", problem });
    else if (this.#isToSend && ending === "asked") void this.#send(recording);
    else this.#show({ is: "held", recording, note: NOTES[ending] });
  }

  async #send(recording: Recording): Promise<void> {
    const turn = this.#turn;
    const isWanted = () => turn === this.#turn;
    this.#show({ is: "sending", recording });
    try {
      await this.#means.send(recording, isWanted);
      if (isWanted()) this.discard();
    } catch (error) {
      const note = error instanceof Refused ? plainText(error.message) : "It did not get there: try again.";
      if (isWanted()) this.#show({ is: "held", recording, note });
    }
  }

  #show(now: VoiceNow): void {
    this.#now = now;
    this.now.changed();
  }
}
