import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

const HEAD = `# Pictures

Drawn from what was measured, by \`npm run bench -- <parts> --charts\` or \`npm run bench -- charts results.json\`; that of the plan by \`npm run plan\`. What they mean is in [capacity.md](../capacity.md).
`;

/** A page with all pictures of a folder; its words are theirs, since they lie there longer than their results. */
export function albumOf(folder: string): string {
  const files = globSync("*.svg", { cwd: folder }).sort();
  const pages = files.map((file) => {
    const svg = readFileSync(join(folder, file), "utf8");
    // Escaped for XML they are for Markdown as well; brackets end an image's text.
    const [title, description] = [said(svg, "title"), said(svg, "desc").replaceAll(/[[\]]/g, "")];
    return `## ${title}\n\n![${description}](${file})\n`;
  });
  return [HEAD, ...pages].join("\n");
}

const said = (svg: string, name: string): string => new RegExp(`<${name}[^>]*>([^<]*)</${name}>`).exec(svg)?.[1] ?? "";
