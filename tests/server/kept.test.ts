import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { kept } from "../../server/kept.ts";

const KEPT = join(import.meta.dirname, "../../server/kept.ts");

describe("what the server makes and keeps", () => {
  const folder = mkdtempSync(join(tmpdir(), "twinship-kept-"));
  after(() => rmSync(folder, { recursive: true }));

  it("[CF7] is made once, and read by nobody else on the machine", () => {
    assert.equal(
      kept(join(folder, "new"), "secret", () => "first"),
      "first",
    );
    assert.equal(
      kept(join(folder, "new"), "secret", () => "second"),
      "first",
    );
    assert.equal(statSync(join(folder, "new/secret")).mode & 0o077, 0);
  });

  it("[CF7] is the same for all who start at the same moment", async () => {
    const program = `import(${JSON.stringify(KEPT)}).then(({ kept }) => console.log(kept(${JSON.stringify(folder)}, "raced", () => String(process.pid))))`;
    const runs = await Promise.all(
      Array.from({ length: 6 }, () => promisify(execFile)(process.execPath, ["-e", program])),
    );
    assert.equal(new Set(runs.map(({ stdout }) => stdout)).size, 1);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith("raced")),
      ["raced"],
    );
  });
});
