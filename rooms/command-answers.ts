import type { Receipt, Twin } from "../domain/ports.ts";
import type { TwintuitionReader } from "../domain/twintuition.ts";

/** What the device hears that asked for a durable command: where it took its place, or what came of it. */
export async function answerOf(
  reader: Pick<TwintuitionReader, "pressed" | "alerted">,
  twin: Twin,
  name: string,
  { id, seq, version, at, duplicate }: Receipt,
): Promise<object> {
  if (name === "twintuition.press") return reader.pressed(twin.pairId, id);
  if (name === "twintuition.alert") return reader.alerted(twin.pairId, id);
  return seq === null ? { version } : { id, seq, version, sentAt: new Date(at).toISOString(), duplicate };
}
