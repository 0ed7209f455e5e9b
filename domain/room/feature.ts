import type { z } from "zod";
import type { MediaId, MessageId, UserId } from "../../schema/wire/ids.ts";
import { parse } from "../refusal.ts";
import type { Arrival } from "./fair-time.ts";
import type { OfferedMedia } from "./media.ts";

/** All a rule may know of the world. */
export interface Moment {
  readonly actor: UserId;
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly newId: (at: number) => string;
  readonly newSalt: () => string;
  /** What the command bears, as it stands, if it is there to be sent. */
  readonly media?: OfferedMedia | undefined;
  readonly seal: (text: string) => string;
  readonly open: (sealed: string) => string | undefined;
  /** How the command came. */
  readonly arrival: Arrival;
  readonly agreed: Agreed;
}

/** What the settings and profiles of the two come to. */
export interface Agreed {
  /** The smaller of the two. */
  readonly windowMs: number;
  /** Unless either of the two switched them off. */
  readonly keywordMoments: boolean;
  /** Where the two live. */
  readonly zones: readonly string[];
}

/** A command always leaves a trace: one that changes nothing says so, or a late retry could undo what came after. */
export type Decision<Event> = readonly [Event, ...Event[]];

/** A command whose payload was understood, ready for its rule. */
export interface Wish<Slice, Event> {
  /** As it was parsed; what a repeat is compared by. */
  readonly input: unknown;
  /** Messages the rule looks at. The room makes sure it knows them before it asks. */
  readonly needs: readonly MessageId[];
  /** A picture or a recording that it sends along. */
  readonly bears: MediaId | undefined;
  /** Whether it may still be done once the pair has ended. */
  readonly afterTheEnd: boolean;
  decide(slice: Slice, moment: Moment): Decision<Event>;
}

export interface Command<Slice, Event> {
  /** Throws VALIDATION_ERROR. */
  read(payload: unknown): Wish<Slice, Event>;
}

interface Feature<Input extends z.ZodType, Slice, Event> {
  readonly needs?: (input: z.output<Input>) => readonly MessageId[];
  readonly bears?: (input: z.output<Input>) => MediaId | undefined;
  readonly afterTheEnd?: boolean;
  readonly decide: (slice: Slice, input: z.output<Input>, moment: Moment) => Decision<Event>;
}

/** Joins a schema and a rule, so that the rule's input is the schema's output and nobody else needs to know its type. */
export function command<Input extends z.ZodType, Slice, Event>(
  schema: Input,
  { needs = () => [], bears = () => undefined, afterTheEnd = false, decide }: Feature<Input, Slice, Event>,
): Command<Slice, Event> {
  return {
    read(payload) {
      const input = parse(schema, payload);
      const asked = { input, needs: needs(input), bears: bears(input), afterTheEnd };
      return { ...asked, decide: (slice, moment) => decide(slice, input, moment) };
    },
  };
}
