import type { AnyMessageView } from "../schema/wire/chat.ts";

/** How far a device has come, and in which line of history: what it joins with. */
export interface Position {
  readonly afterVersion: number;
  readonly history: string;
}

/** What is kept of a timeline while the app is closed. */
export interface Snapshot extends Position {
  readonly firstSeq: number;
  readonly hasMore: boolean;
  readonly messages: readonly AnyMessageView[];
}
