import { Refusal } from "../../../domain/refusal.ts";

/** Away, or in trouble of its own: it is asked another time. What is refused is our mistake, and is told as one. */
export async function reached<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    const status: unknown = Reflect.get(Object(Reflect.get(Object(cause), "$metadata")), "httpStatusCode");
    if (typeof status === "number" && status < 500) throw cause;
    throw away(cause);
  }
}

export const away = (cause: unknown): Refusal =>
  new Refusal("UNAVAILABLE", "Where pictures and recordings are kept does not answer", { cause });

export async function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    const isGone = error instanceof Error && ["NotFound", "NoSuchKey"].includes(error.name);
    if (isGone) return undefined;
    throw error;
  }
}
