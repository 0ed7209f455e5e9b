import type { Database } from "../domain/ports.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Studies } from "../domain/studies.ts";
import { alone } from "./adapters/database/alone.ts";

/** Where sample twins may be, there are sample studies; of several servers that start at once, one brings them. */
export async function publishSamples(database: Database, studies: Pick<Studies, "publish">): Promise<void> {
  const { SAMPLE_STUDIES } = await import("./sample-studies.ts");
  const publish = async () => {
    for (const study of SAMPLE_STUDIES) await studies.publish(study);
  };
  try {
    await alone(database, "sample studies", publish)();
  } catch (error) {
    // Samples of another version are there, with words of their own: those stay.
    if (!(error instanceof Refusal)) throw error;
  }
}
