import { readdirSync, readFileSync } from "node:fs";
import { MediaPhone } from "../tests/support/media-phone.ts";
import { noisy } from "../tests/support/pictures.ts";
import { note, wav } from "../tests/support/recordings.ts";
import { TestServer } from "../tests/support/server.ts";
import { type Figures, figuresOf } from "./figures.ts";

const PHOTOS = 9;
const PROBE_MS = 10;

export interface MediaFigures {
  readonly photoBytes: number;
  /** From asking to complete a photo of 12 megapixels to the answer that it is ready. */
  readonly photo: Figures;
  /** The same for three minutes of sound. */
  readonly recording: Figures;
  /** Most memory that a process which looks at files ever had, in MiB. */
  readonly inspectorMiB: number;
  /** How long the smallest answer there is takes while nothing is checked, and while photos are. */
  readonly quiet: Figures;
  readonly meanwhile: Figures;
}

/** A server with everything embedded, and phones beside it on the same machine. */
export async function measureMedia(): Promise<MediaFigures> {
  const server = await TestServer.create();
  try {
    await server.start();
    const phone = new MediaPhone(server, (await server.pairUp()).ada);
    const photo = await noisy(4000, 3000);
    const sound = wav({ seconds: 180, rate: 16_000, sample: note });
    await completed(phone, "chat", "image/jpeg", photo);
    const quiet = await probedWhile(server, Promise.resolve());
    const photos = completedOften(phone, "chat", "image/jpeg", photo, PHOTOS);
    const meanwhile = await probedWhile(server, photos);
    const sounds = await completedOften(phone, "voice", "audio/wav", sound, PHOTOS);
    const inspectorMiB = peakMiB(server.pid);
    const times = { photo: figuresOf(await photos, 1), recording: figuresOf(sounds, 1) };
    return { photoBytes: photo.length, ...times, inspectorMiB, quiet, meanwhile };
  } finally {
    await server.remove();
  }
}

async function completedOften(
  phone: MediaPhone,
  purpose: string,
  type: string,
  file: Uint8Array<ArrayBuffer>,
  times: number,
) {
  const took: number[] = [];
  while (took.length < times) took.push(await completed(phone, purpose, type, file));
  return took;
}

async function completed(
  phone: MediaPhone,
  purpose: string,
  type: string,
  file: Uint8Array<ArrayBuffer>,
): Promise<number> {
  const announced = await phone.announce(purpose, type, file);
  await phone.send(announced, file);
  const began = performance.now();
  const { body } = await phone.call("POST", `/media/${announced.media.id}/complete`);
  if (body.media?.status !== "ready") throw new Error(JSON.stringify(body));
  return performance.now() - began;
}

/** For a second at least. */
async function probedWhile(server: TestServer, work: Promise<unknown>): Promise<Figures> {
  const times: number[] = [];
  let isOver = false;
  void work.finally(() => {
    isOver = true;
  });
  const began = performance.now();
  while (!isOver || performance.now() - began < 1000) {
    const asked = performance.now();
    await fetch(`${server.url}/.well-known/jwks.json`).then((answer) => answer.text());
    times.push(performance.now() - asked);
    await new Promise((again) => setTimeout(again, PROBE_MS));
  }
  return figuresOf(times, (performance.now() - began) / 1000);
}

/** As Linux remembers it of each of them that lives. */
function peakMiB(server: number): number {
  const peaks = readdirSync("/proc").flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    const status = read(`/proc/${pid}/status`);
    const isOurs = status.includes(`PPid:\t${server}\n`) && read(`/proc/${pid}/cmdline`).includes("inspection.ts");
    return isOurs ? [Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024] : [];
  });
  return Math.max(...peaks);
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
