import type { EntityManager } from "@mikro-orm/core";
import type { Contributed, ContributionKind } from "../schema/wire/contributions.ts";
import type { PairId, UserId } from "../schema/wire/ids.ts";
import type { StudyId } from "../schema/wire/research.ts";
import type { Twin } from "./ports.ts";

/** Somebody in a study, as its data knows them. */
export interface InStudy {
  readonly studyId: StudyId;
  readonly pseudonym: string;
}

/** How far what is collected had come at some time. */
export interface UpTo {
  readonly contributions: number;
  readonly events: number;
}

export interface GivenRow {
  readonly pseudonym: string;
  readonly kind: ContributionKind;
  readonly day: string;
  readonly body: Contributed;
}

export interface StudyPairs {
  /** Somebody of them takes part: their consent holds, and they may. */
  readonly participants: number;
  /** Somebody of them ever agreed, whatever has become of it. */
  readonly consents: number;
}

export interface DayCount {
  readonly day: string;
  readonly count: number;
}

/** What studies ask of the database in its own words. Days are like `2026-06-15`. */
export interface StudyRows {
  /** Studies in which all these words occur, in any of its languages. */
  find(em: EntityManager, words: string): Promise<readonly StudyId[]>;
  /** How many messages they sent in their pair on each day of these, the last one included; days without are left out. */
  messages(em: EntityManager, twin: Twin, from: string, to: string): Promise<readonly DayCount[]>;
  /** How many moments a pair had on each of these days, likewise. */
  moments(em: EntityManager, pairId: PairId, from: string, to: string): Promise<readonly DayCount[]>;
  /** What these gave, by study, kind and day, in that order; `after` is the place of one. */
  days(
    em: EntityManager,
    who: readonly InStudy[],
    after: string | undefined,
    limit: number,
  ): Promise<readonly (DayCount & { readonly studyId: StudyId; readonly kind: string; readonly place: string })[]>;
  /** Who ever said a word about a study, by id, behind that one. */
  agreed(em: EntityManager, after: string, limit: number): Promise<readonly UserId[]>;
  now(em: EntityManager, studyId: StudyId): Promise<UpTo>;
  /** How many pairs there were at that time (milliseconds since 1970): who has no twin here counts as one. */
  pairs(em: EntityManager, studyId: StudyId, at: number): Promise<StudyPairs>;
  given(em: EntityManager, studyId: StudyId, upTo: UpTo): Promise<readonly GivenRow[]>;
  events(
    em: EntityManager,
    studyId: StudyId,
    upTo: UpTo,
  ): Promise<readonly (DayCount & { readonly pseudonym: string })[]>;
}
