import type { Section } from "./sections.ts";

type Line = Pick<Section, "path" | "about">;

const MEDIA: readonly Line[] = [
  { path: "media.html", about: "Your pictures and recordings on one page, to look at and to listen to." },
  { path: "media.json", about: "The same as a list: what each is, where it is in here, or why it is not." },
  { path: "media/", about: "The pictures and recordings themselves. A message names its own by the same id." },
];

const MANIFEST: Line = {
  path: "manifest.json",
  about: "Size and SHA-256 of every file, to check that all of it arrived, and what is not in here and why.",
};

export function readme(sections: readonly Line[], at: Date): string {
  const all = [...sections, ...MEDIA, MANIFEST];
  const width = Math.max(...all.map(({ path }) => path.length));
  const lines = all.map(({ path, about }) => `  ${path.padEnd(width)}  ${about}`);
  return `Your data at Twinship, as it was on ${at.toUTCString()}.

It is yours alone: whoever has this file can read all of it, so keep it where you keep your letters.

Files that end in .json open in any text editor, media.html in any browser. Times are in UTC.

${lines.join("\n")}

What is not in here: your password, which we do not know; what your twin keeps from you; and what either of you deleted.
Messages that your app encrypted are here as we have them. We cannot read them. Pictures were made anew when they came,
and what was written into recordings beside their sound was taken out: what came is not kept.
`;
}
