import { spawn } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { Levels } from "./levels.ts";
import { Unfit } from "./unfit.ts";

/** Enough for a waveform of speech. */
const RATE = 8000;

/** Three minutes take a second or two. */
const MOST_MS = 20_000;

/** Where programs of the machine are; this process is given no environment to look in. */
const FOLDERS = ["/usr/local/bin", "/usr/bin", "/opt/homebrew/bin"];

/** Undefined where none is installed. `folders` for who has it elsewhere. */
export async function findFfmpeg(folders: readonly string[] = FOLDERS): Promise<string | undefined> {
  for (const folder of folders) {
    const program = `${folder}/ffmpeg`;
    const isThere = await access(program, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return program;
  }
  return undefined;
}

/** Decoded to one channel. It may open that file and nothing else, whatever the file says. */
export async function ffmpegLevels(program: string, file: string): Promise<Levels> {
  const quiet = ["-v", "error", "-nostdin", "-protocol_whitelist", "file,pipe"];
  const form = ["-map", "0:a:0", "-vn", "-ac", "1", "-ar", String(RATE), "-f", "s16le", "pipe:1"];
  const child = spawn(program, [...quiet, "-i", `file:${file}`, ...form], {
    stdio: ["ignore", "pipe", "ignore"],
    timeout: MOST_MS,
    killSignal: "SIGKILL",
  });
  const ended = new Promise<number | null>((resolve, reject) => child.on("close", resolve).on("error", reject));
  const [pcm, code] = await Promise.all([buffer(child.stdout), ended]);
  if (code !== 0 || pcm.length < 2) throw new Unfit("The recording is damaged: it cannot be read to its end");
  const samples = Float32Array.from({ length: Math.floor(pcm.length / 2) }, (_, n) => pcm.readInt16LE(2 * n) / 0x8000);
  const levels = new Levels();
  levels.add([samples], RATE);
  return levels;
}
