import { ServiceAway } from "../away.ts";

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

export const away = (cause: unknown): ServiceAway => {
  const words = "Where pictures and recordings are kept does not answer";
  return new ServiceAway("the store of pictures and recordings", words, { cause });
};

export async function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    const isGone = error instanceof Error && ["NotFound", "NoSuchKey"].includes(error.name);
    if (isGone) return undefined;
    throw error;
  }
}
