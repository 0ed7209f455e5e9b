import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Goes with whoever made it. */
export class TemporaryFolder {
  readonly path: string;

  constructor(name: string) {
    this.path = mkdtempSync(join(tmpdir(), name));
    // Started by root, PostgreSQL runs as somebody else, who must get in.
    chmodSync(this.path, 0o755);
  }

  async stop(): Promise<void> {
    rmSync(this.path, { recursive: true, force: true });
  }
}
