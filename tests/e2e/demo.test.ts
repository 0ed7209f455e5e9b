import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const DEMO = join(import.meta.dirname, "../../demo/main.ts");

it("[DE1] the demo comes to its end, through a kill, and finds nothing lost or doubled", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [DEMO], { timeout: 60_000 });
  assert.match(stdout, /12 messages on both phones and on the server: nothing lost, nothing doubled, one order/);
}).timeout(70_000);
