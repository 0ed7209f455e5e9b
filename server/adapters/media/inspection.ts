import { join } from "node:path";
import { inspectPicture } from "./picture.ts";
import { inspectRecording } from "./recording.ts";
import { isRecording, refuseDisguised } from "./sniffing.ts";
import { ORIGINAL, type Outcome, type Reply, Task } from "./tasks.ts";
import { Unfit } from "./unfit.ts";

/**
 * A process of its own, which decodes what strangers sent: it is given a folder and nothing else, no secret and no
 * connection, and whatever becomes of it, whoever asked goes on.
 */
async function inspect({ folder, purpose, contentType }: Task): Promise<Outcome> {
  try {
    const file = join(folder, ORIGINAL);
    const type = await refuseDisguised(file, purpose, contentType);
    const made = isRecording(type)
      ? await inspectRecording(file, { folder, contentType: type })
      : await inspectPicture(file, { folder, isSquare: purpose === "avatar" });
    return { isFit: true, ...made };
  } catch (error) {
    if (error instanceof Unfit) return { isFit: false, code: error.code, reason: error.message };
    // A parser that runs past the end of a file says so in its own way.
    if (error instanceof RangeError) return { isFit: false, code: "MEDIA_REFUSED", reason: "The file is damaged" };
    throw error;
  }
}

const answer = (reply: Reply): void => void process.send?.(reply);

process.on("message", (task) => {
  inspect(Task.parse(task)).then(
    (outcome) => answer({ outcome }),
    (error: unknown) => answer({ mishap: error instanceof Error ? `${error.name}: ${error.message}` : "unknown" }),
  );
});
// Whoever asked is gone, and nobody else ever asks.
process.on("disconnect", () => process.exit());
