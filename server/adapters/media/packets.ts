/** What a container holds: sound as its codec made it, in the order it is played. */
export interface Packets {
  readonly codec: "opus" | "vorbis" | "aac" | "other";
  readonly channels: number;
  /** Of Opus: how much of the beginning is not to be heard, in samples at 48 kHz. */
  readonly preSkip: number;
  readonly durationMs: number;
  readonly packets: readonly Uint8Array[];
}
