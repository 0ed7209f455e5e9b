/** What a file asks for, as written. */
export interface Import {
  readonly specifier: string;
  /** Gone once the types are stripped. */
  readonly isType: boolean;
}

/** Comments, then strings and templates, then patterns; whichever comes first in the text is what it is. */
const TOKEN =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[\s\S]|\$\{(?:[^{}]|\{[^{}]*\})*\}|[^`\\])*`|(?<=[=(,:;!&|?[{}]\s*|return\s+)\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/g;

/** Marks where a string stood, by its number. */
const MARK = "\uE000";

const MARKED = new RegExp(`${MARK}(\\d+)${MARK}`, "g");

/** The code without its comments and patterns, and with its strings emptied. What stands inside a template's braces is code. */
export const codeOf = (source: string): string => parsed(source).code.replaceAll(MARKED, '""');

function parsed(source: string): { code: string; strings: string[] } {
  const strings: string[] = [];
  const code = source.replaceAll(TOKEN, (token) => {
    if (token.startsWith("/")) return " ";
    strings.push(token.slice(1, -1));
    const inside = token.startsWith("`")
      ? [...token.matchAll(/\$\{((?:[^{}]|\{[^{}]*\})*)\}/g)].map(([, expression = ""]) => expression)
      : [];
    const number = strings.length - 1;
    const nested = inside.map((expression) => {
      const inner = parsed(expression);
      const offset = strings.length;
      strings.push(...inner.strings);
      return `;${inner.code.replaceAll(MARKED, (_, index) => `${MARK}${Number(index) + offset}${MARK}`)};`;
    });
    return `${MARK}${number}${MARK}${nested.join("")}`;
  });
  return { code, strings };
}

const STRING = `${MARK}(\\d+)${MARK}`;

/** Names, braces, commas and stars, and nothing else, stand before `from`. */
const NAMES = "(type\\s+(?!,|from\\b))?([\\w$*{}\\s,]+?)\\s*\\bfrom\\s*";

/** `import x from "y"`, `import "y"`, `export { x } from "y"`; and `import("y")`, `require("y")`. */
const STATIC = new RegExp(`(?<![.\\w])(?:import\\s*(?:${NAMES})?|export\\s*${NAMES})${STRING}`, "g");
const CALLED = new RegExp(`(?<![.\\w])(?:(type\\s+\\w+\\s*=\\s*)?import|require)\\s*\\(\\s*${STRING}`, "g");

/** Every module that a file names, in the order in which it does. */
export function importsOf(source: string): Import[] {
  const { code, strings } = parsed(source);
  const found = [
    ...[...code.matchAll(STATIC)].map(({ index, 1: type, 2: names, 3: exportedType, 4: exported, 5: string }) => ({
      index,
      specifier: strings[Number(string)] ?? "",
      isType: (type ?? exportedType) !== undefined || isOnlyTypes(names ?? exported ?? ""),
    })),
    ...[...code.matchAll(CALLED)].map(({ index, 1: type, 2: string }) => ({
      index,
      specifier: strings[Number(string)] ?? "",
      isType: type !== undefined,
    })),
  ];
  return found.sort((a, b) => a.index - b.index).map(({ specifier, isType }) => ({ specifier, isType }));
}

/** `{ type A, type B }` */
function isOnlyTypes(names: string): boolean {
  const inBraces = names.match(/^\s*\{([\s\S]*)\}\s*$/)?.[1];
  const each = inBraces?.split(",").flatMap((name) => name.trim() || []) ?? [];
  return each.length > 0 && each.every((name) => name.startsWith("type "));
}
