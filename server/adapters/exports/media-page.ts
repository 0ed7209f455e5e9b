import type { MediaPurpose } from "../../../schema/wire/media.ts";
import type { Listed } from "./media-files.ts";

const WHERE: Readonly<Record<MediaPurpose, string>> = {
  avatar: "of a profile",
  chat: "in a message",
  voice: "in a message",
  story: "of a story",
  assessment: "in an answer",
};

/**
 * All pictures and recordings on one page that any browser shows without asking anybody. In it are words of ours, times
 * and ids, and nothing that somebody wrote.
 */
export async function* mediaPage(all: readonly Listed[], at: Date): AsyncGenerator<string> {
  const missing = all.filter(({ file }) => file === null);
  yield HEAD;
  yield `<h1>Your pictures and recordings</h1>\n<p>As they were on ${at.toUTCString()}: ${all.length - missing.length} `;
  yield `in this copy, ${missing.length} not. Times are in UTC. Keep this page beside the folder <code>media</code>.</p>\n<ul>\n`;
  for (const one of all) yield line(one);
  yield "</ul>\n";
  if (missing.length === 0) return;
  yield `<h2>Not in this copy</h2>\n<ul>\n`;
  for (const { id, createdAt, purpose, from, leftOut } of missing)
    yield `<li id="${id}">${name(purpose)} ${WHERE[purpose]}, from ${from}, ${timeOf(createdAt)}: ${leftOut}</li>\n`;
  yield "</ul>\n";
}

const HEAD = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Your pictures and recordings</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 45rem; margin: 2rem auto; padding: 0 1rem }
li { margin: 1rem 0 } img { display: block; max-width: 100%; height: auto } audio { display: block }
</style>
`;

/** Shown when it is scrolled to: a page of thousands opens as fast as one of three. */
function line({ id, file, from, purpose, createdAt, bytes, width, height }: Listed): string {
  if (file === null) return "";
  const look =
    purpose === "voice"
      ? `<audio controls preload="none" src="${file}"></audio>`
      : `<img loading="lazy" alt="" src="${file}" width="${width ?? ""}" height="${height ?? ""}">`;
  const words = `${name(purpose)} ${WHERE[purpose]}, from ${from}`;
  return `<li id="${id}">${look}<a href="${file}">${words}</a>, ${timeOf(createdAt)}, ${bytes} bytes</li>\n`;
}

const name = (purpose: MediaPurpose): string => (purpose === "voice" ? "Recording" : "Picture");

const timeOf = (at: Date): string => `<time>${at.toISOString()}</time>`;
