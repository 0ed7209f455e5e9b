import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { URI } from "otpauth";
import type { TestServer } from "./server.ts";

const COMMAND = join(import.meta.dirname, "../../server/staff.ts");

const PASSWORD = "Correct-horse-1";

/** Somebody new who works here, in that role of that study, signed in beside a running server: their staff token. */
export async function colleague(server: TestServer, role: string, studyId: string): Promise<string> {
  const { PATH, HOME } = process.env;
  const command = async (...asked: readonly string[]) => {
    const env = { PATH, HOME, DATA_DIR: server.dataDir };
    return (await promisify(execFile)(process.execPath, [COMMAND, ...asked], { env })).stdout;
  };
  const { email } = await server.signUp("Cleo");
  await command("grant", role, email, studyId);
  const [uri = ""] = /otpauth:\S+/.exec(await command("enrol", email)) ?? [];
  const totp = URI.parse(uri);
  assert.ok("period" in totp);
  const asked = { email, password: PASSWORD, totp: totp.generate() };
  const { status, body } = await server.call("POST", "/api/v1/staff/login", undefined, asked);
  assert.equal(status, 200, JSON.stringify(body));
  return body.token;
}
