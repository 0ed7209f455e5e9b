import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

describe("the page about security", () => {
  it("[AT9] names rules that tests prove, one at least for each threat", () => {
    const page = readFileSync(join(root, "docs/security.md"), "utf8");
    const tests = globSync("tests/**/*.{test,contract}.ts", { cwd: root })
      .map((file) => readFileSync(join(root, file), "utf8"))
      .join("\n");
    const rows = page.split("\n").filter((line) => line.startsWith("| ") && !/^\| (?:threat|---)/.test(line));
    assert.ok(rows.length > 25);
    for (const row of rows) {
      const rules = [...row.matchAll(/\[([A-Z]{1,2}\d+)\]/g)].map(([, rule]) => rule);
      assert.ok(rules.length > 0, row);
      for (const rule of rules)
        assert.match(tests, new RegExp(`["\`](?:\\[[A-Z]{1,2}\\d+\\] )*\\[${rule}\\]`), `${rule} in ${row}`);
    }
  });
});
