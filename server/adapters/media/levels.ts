/** How many places of a recording an app draws. */
const PLACES = 64;

/** So finely it is listened to. */
const SLICE_MS = 10;

/** Below that is silence, as far as ears go: -60 dB of the loudest that can be. */
const SILENCE = 0.001;

/** How loud a recording is from one moment to the next; only that is kept of what is decoded. */
export class Levels {
  readonly #levels: number[] = [];
  #sum = 0;
  #count = 0;
  #samples = 0;
  #rate = 0;

  /** Of one voice out of all channels: a waveform is drawn once. */
  add(channels: readonly Float32Array[], sampleRate: number): void {
    this.#rate = sampleRate;
    const slice = Math.max(1, Math.round((sampleRate * SLICE_MS) / 1000));
    const [first] = channels;
    for (let n = 0; n < (first?.length ?? 0); n++) {
      let mixed = 0;
      for (const channel of channels) mixed += channel[n] ?? 0;
      mixed /= channels.length;
      this.#sum += mixed * mixed;
      if (++this.#count >= slice) this.#close();
    }
    this.#samples += first?.length ?? 0;
  }

  get durationMs(): number {
    return this.#rate === 0 ? 0 : Math.round((this.#samples / this.#rate) * 1000);
  }

  waveform(): readonly number[] {
    if (this.#count > 0) this.#close();
    return waveformOf(this.#levels);
  }

  #close(): void {
    // A decoder's mishap is no sound.
    const level = Math.sqrt(this.#sum / this.#count);
    this.#levels.push(Number.isFinite(level) ? level : 0);
    this.#sum = 0;
    this.#count = 0;
  }
}

/** 64 whole numbers, 0 to 100, the loudest of them 100; all of them 0 for silence. */
export function waveformOf(levels: readonly number[]): readonly number[] {
  const places = Array.from({ length: PLACES }, (_, n) => {
    const from = Math.floor((n * levels.length) / PLACES);
    const to = Math.max(from + 1, Math.floor(((n + 1) * levels.length) / PLACES));
    return Math.max(0, ...levels.slice(from, to));
  });
  const loudest = Math.max(...places);
  if (loudest < SILENCE) return places.map(() => 0);
  return places.map((level) => Math.round((level / loudest) * 100));
}

/**
 * Where nothing here can decode a recording: a codec spends more bytes on what is louder and richer, so their number is
 * drawn. The leanest moments count as silence.
 */
export function estimatedWaveform(sizes: readonly number[]): readonly number[] {
  const least = Math.min(...sizes);
  return waveformOf(sizes.map((size) => size - least));
}
