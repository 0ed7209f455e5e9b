import { stat } from "node:fs/promises";
import { Refusal } from "../../../domain/refusal.ts";

/** Undefined for what is not there. */
export async function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR")) return undefined;
    throw error;
  }
}

/** The same for a file below that folder: where there is no such folder, a disk is away, and who knows what is on it. */
export async function unlessGoneFrom<T>(folder: string, work: Promise<T>): Promise<T | undefined> {
  const found = await unlessGone(work);
  if (found === undefined && !(await unlessGone(stat(folder)))) throw isAway();
  return found;
}

export const isAway = (cause?: unknown): Refusal =>
  new Refusal("UNAVAILABLE", "The folder of pictures and recordings is not there", { cause });

export const noRoom = (cause: unknown): Refusal => new Refusal("UNAVAILABLE", "There is no room left here", { cause });

export const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && "code" in error && error.code === code;
