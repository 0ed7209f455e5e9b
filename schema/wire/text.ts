import { z } from "zod";

/**
 * PostgreSQL stores neither a NUL nor a lone surrogate, so both are refused before they can spoil a batch. So is the
 * replacement character: a socket's encoder has put it where half a surrogate pair was, and to store it would be to
 * change what somebody wrote without a word.
 */
export const isStorable = (text: string): boolean =>
  text.isWellFormed() && !text.includes("\0") && !text.includes("\ufffd");

/** What shows as nothing: ignorable and format characters, spaces of every kind, the Hangul fillers, the blank braille cell. */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}\p{Z}\u2800\ufffc]/gu;

const isSeen = (text: string): boolean => text.replace(UNSEEN, "") !== "";

/** As a person would count, or nearly: an emoji is one code point and not two. */
export const lengthOf = (text: string): number => [...text].length;

/** Any string a request may hold: an opaque token, a name of a device, a search. */
export const storable = (max: number) =>
  z
    .string()
    .refine(isStorable, "contains characters that cannot be stored")
    .refine((text) => text.length <= max * 2 && lengthOf(text) <= max, `must be at most ${max} characters`);

/** Words a person wrote: trimmed, 1 to `max` code points, and not all of them invisible. */
export const written = (max: number) =>
  z
    .string()
    .trim()
    .refine(isStorable, "contains characters that cannot be stored")
    .refine((text) => text.length <= max * 2 && lengthOf(text) <= max, `must be at most ${max} characters`)
    .refine(isSeen, "must have something to read");

/** As `written`, in one line: it may end up in a mail's subject or a notification's title. */
export const writtenLine = (max: number) =>
  written(max).refine((text) => !/[\p{Cc}\u2028\u2029]/u.test(text), "must be a single line");
