import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { TestServer } from "../tests/support/server.ts";
import { type Figures, figuresOf } from "./figures.ts";

const PASSWORD = "Correct-horse-1";
const CONNECTIONS = 16;
const LOGINS_AT_ONCE = 20;
const PROBE_MS = 10;

/** Linux counts a process' time in hundredths of a second. */
const TICKS = 100;

export interface AccountFigures {
  readonly profile: Figures;
  /** For each second of CPU that the server's process took. */
  readonly profilesPerCpuSecond: number;
  /** How long the smallest answer there is takes while nobody signs in, and while twenty do at once, again and again. */
  readonly quiet: Figures;
  readonly duringLogins: Figures;
  readonly loginsPerSecond: number;
}

/** A server with everything embedded, and a load beside it on the same machine. */
export async function measureAccounts(seconds: number): Promise<AccountFigures> {
  const many = { RATE_LIMIT_REQUESTS_PER_MINUTE: "100000000" };
  const server = await TestServer.create(many);
  const agent = new Agent({ keepAlive: true, maxSockets: 2 * CONNECTIONS + LOGINS_AT_ONCE });
  try {
    await server.start();
    const { accessToken, email } = await server.signUp("Ada");
    const get = (path: string, token?: string) => answered(server.port, agent, { method: "GET", path, token });
    const login = () =>
      answered(server.port, agent, {
        method: "POST",
        path: "/api/v1/auth/login",
        body: { email, password: PASSWORD, deviceId: "d" },
      });
    await during(1, CONNECTIONS, () => get("/api/v1/users/profile", accessToken));

    const before = cpuSeconds(server.pid);
    const profile = await during(seconds, CONNECTIONS, () => get("/api/v1/users/profile", accessToken));
    const profilesPerCpuSecond = profile.count / (cpuSeconds(server.pid) - before);
    const probe = () => probed(seconds, () => get("/.well-known/jwks.json"));
    const quiet = await probe();
    const [duringLogins, logins] = await Promise.all([probe(), during(seconds, LOGINS_AT_ONCE, login)]);
    return { profile, profilesPerCpuSecond, quiet, duringLogins, loginsPerSecond: logins.perSecond };
  } finally {
    agent.destroy();
    await server.end("SIGKILL");
    await server.remove();
  }
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly token?: string | undefined;
  readonly body?: object;
}

function answered(port: number, agent: Agent, { method, path, token, body }: Asked): Promise<void> {
  const text = body && JSON.stringify(body);
  const headers = {
    ...(token && { authorization: `Bearer ${token}` }),
    ...(text && { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
  };
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, method, path, agent, headers }, (answer) => {
      answer.resume();
      answer.on("end", () =>
        answer.statusCode === 200 ? resolve() : reject(new Error(`${path}: ${answer.statusCode}`)),
      );
    });
    asked.on("error", reject);
    asked.end(text);
  });
}

async function during(seconds: number, atOnce: number, work: () => Promise<void>): Promise<Figures> {
  const times: number[] = [];
  const end = performance.now() + seconds * 1000;
  const one = async () => {
    while (performance.now() < end) {
      const began = performance.now();
      await work();
      times.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return figuresOf(times, seconds);
}

async function probed(seconds: number, work: () => Promise<void>): Promise<Figures> {
  const times: number[] = [];
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const began = performance.now();
    await work();
    times.push(performance.now() - began);
    await wait(PROBE_MS);
  }
  return figuresOf(times, seconds);
}

function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}
