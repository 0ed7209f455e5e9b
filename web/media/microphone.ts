/** Heard by the server itself, and by any browser of today; Safari knows only the last. */
const TYPES = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"] as const;

/** A voice is clear at that, and three minutes of it are 700 KB. */
const BITS_A_SECOND = 32_000;

/** Why nothing can be recorded, in words for a person. */
export class Unheard extends Error {}

/** What a browser says, in words for a person. */
const REASONS: Readonly<Record<string, string>> = {
  NotAllowedError: "The microphone is not allowed here. Allow it for this page in the browser, and try again.",
  NotFoundError: "There is no microphone on this device.",
  NotReadableError: "The microphone is taken by something else.",
};

/** Asks the person. Throws Unheard. */
export async function openMicrophone(): Promise<MediaRecorder> {
  if (!isSecureContext || !navigator.mediaDevices) throw new Unheard("A page may listen by way of https only.");
  const mimeType = typeof MediaRecorder === "undefined" ? undefined : TYPES.find(isRecorded);
  if (!mimeType) throw new Unheard("This browser cannot record.");
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true }).catch((error: unknown) => {
    throw new Unheard(REASONS[nameOf(error)] ?? "The microphone could not be opened.");
  });
  return new MediaRecorder(stream, { mimeType, audioBitsPerSecond: BITS_A_SECOND });
}

const isRecorded = (type: string): boolean => MediaRecorder.isTypeSupported(type);

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : "");

/** Below that it is as good as silent. */
const QUIETEST_DB = -55;

const LOUDEST_DB = -10;

/** A sixth of a second: nothing falls between two looks. */
const HEARD_SAMPLES = 8192;

/** How loud it is right now. */
export class Ear {
  readonly #context = new AudioContext();
  readonly #analyser = new AnalyserNode(this.#context, { fftSize: HEARD_SAMPLES });
  /** Kept: a browser takes away a source that nobody holds, and all is silent from then on. */
  readonly #source: MediaStreamAudioSourceNode;
  readonly #samples = new Float32Array(this.#analyser.fftSize);

  constructor(stream: MediaStream) {
    this.#source = this.#context.createMediaStreamSource(stream);
    this.#source.connect(this.#analyser);
    this.#wake();
  }

  /** Who was asked first may have touched nothing for a while; and a call that comes in lets it fall asleep again. */
  #wake(): void {
    const { state } = this.#context;
    if (state === "running" || state === "closed") return;
    // Closed before it woke, it says so; nobody looks at it any more.
    this.#context.resume().catch(() => undefined);
  }

  /** 0 to 100, as the waveform of a recording. */
  level(): number {
    this.#wake();
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const power = this.#samples.reduce((sum, sample) => sum + sample * sample, 0) / this.#samples.length;
    const share = (10 * Math.log10(power) - QUIETEST_DB) / (LOUDEST_DB - QUIETEST_DB);
    return Math.round(100 * Math.min(1, Math.max(0, share)));
  }

  close(): void {
    this.#source.disconnect();
    void this.#context.close();
  }
}
