import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

interface Said {
  readonly code: number | string | null | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Each command of the packages, and the program that it is. */
const COMMANDS = ["", "loadtest"].flatMap((folder) =>
  Object.entries<string>(JSON.parse(readFileSync(join(ROOT, folder, "package.json"), "utf8")).scripts).flatMap(
    ([script, line]) => {
      const [, file] = /^exec node (\S+)$/.exec(line) ?? [];
      const name = ["start", "test"].includes(script) ? `npm ${script}` : `npm run ${script}`;
      return file === undefined ? [] : [{ name, cwd: join(ROOT, folder), file }];
    },
  ),
);

const said = (cwd: string, ...words: readonly string[]): Promise<Said> =>
  new Promise((resolve) => {
    // A database that is not there: whoever went on to ask it would say so.
    const env = { PATH: process.env["PATH"], DATABASE_URL: "postgres://nobody@127.0.0.1:1/nothing" };
    execFile(process.execPath, words, { cwd, env, timeout: 30_000 }, (error, stdout, stderr) =>
      resolve({ code: error ? error.code : 0, stdout, stderr }),
    );
  });

describe("what one types", () => {
  it("[CO1] is told of a word that no command takes, above what it does take, and nothing is done", async () => {
    assert.ok(COMMANDS.length > 15, String(COMMANDS.length));
    const wrong: string[] = [];
    const waiting = [...COMMANDS];
    const ask = async () => {
      for (let command = waiting.shift(); command; command = waiting.shift()) {
        const { name, cwd, file } = command;
        const { code, stdout, stderr } = await said(cwd, file, "--nonsense");
        const isTold = stderr.startsWith(`Unknown option '--nonsense'\n\n${name}`) && !stderr.includes("    at ");
        if (code !== 2 || stdout !== "" || !isTold) wrong.push(`${name}: ${code} ${stdout} ${stderr}`);
      }
    };
    await Promise.all([ask(), ask(), ask()]);
    assert.deepEqual(wrong, []);
  });

  for (const [file, word] of [
    ["server/main.ts", "--help"],
    ["server/migrate.ts", "-h"],
    ["server/staff.ts", "--help"],
  ] as const)
    it(`[CO2] ${file} ${word} says what it is for, and does nothing else`, async () => {
      const { code, stdout, stderr } = await said(ROOT, file, word);
      assert.deepEqual([code, stderr], [0, ""]);
      assert.match(stdout, /^npm (?:run [\w:]+|start)\b.*\n/);
    });

  for (const [words, first] of [
    [["server/staff.ts", "promote", "ada@example.org"], 'There is no "promote ada@example.org"'],
    [["server/staff.ts", "grant", "king", "ada@example.org"], "Say a role"],
    [["server/deliveries.ts", "91"], "Say of how many days, up to 90"],
    [["server/seed.ts", "nowhere"], "Name a server by its URL, or none"],
    [["server/smoke.ts"], "Say which system, by its URL"],
    [["server/smoke.ts", "http://localhost:1", "--within", "soon"], "--within is a number of milliseconds"],
    [["demo/cluster.ts", "--nodes", "0"], "--nodes must be a whole number from 1 to 20"],
    [["server/main.ts", "4000"], "Unexpected argument '4000'"],
    [["tests/support/run.ts", "tests/nowhere.test.ts"], "There is no tests/nowhere.test.ts"],
  ] as const)
    it(`[CO1] ${words.join(" ")}: "${first}"`, async () => {
      const { code, stdout, stderr } = await said(ROOT, ...words);
      assert.deepEqual([code, stdout], [2, ""]);
      assert.ok(stderr.startsWith(first) && stderr.includes("\n\nnpm "), stderr);
    });
});
