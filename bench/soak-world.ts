import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AccessTokens } from "../domain/ports.ts";
import { openDatabase } from "../server/adapters/database/open.ts";
import { rs256Tokens } from "../server/adapters/sessions/access-tokens.ts";
import { newPrivateKey, signingKeys } from "../server/adapters/sessions/signing-keys.ts";
import { Cluster, type ClusterNode } from "../tests/support/cluster.ts";
import { eventually } from "../tests/support/embedded.ts";
import { Entrance } from "../tests/support/entrance.ts";
import { hasRedis } from "../tests/support/redis.ts";
import { ServedPostgres } from "../tests/support/served-postgres.ts";
import { TcpProxy } from "../tests/support/tcp-proxy.ts";
import { populate, sessionOf, userId } from "./world.ts";

const PUBLIC_URL = "http://localhost:3000";
const NODES = 3;
const ROOMY_S = 86_400;

/** Shorter than a soak, so that sockets see their tokens expire. */
const TOKEN_S = 300;

const WHOLE_MS = 120_000;

/** A look at a node costs it a pause, so there are not many. */
export const SAMPLE_MS = 20_000;

const silent = { info: () => undefined, warn: () => undefined };

/** Three nodes with Redis, and a wire between them and everybody's phones. The first node is never killed. */
export class SoakWorld {
  readonly cluster: Cluster;
  readonly folder: string;
  /** All phones come by it: cut, they are all cut. */
  readonly wire: TcpProxy;
  readonly entrance: Entrance;
  readonly #tokens: AccessTokens;

  private constructor(of: { cluster: Cluster; folder: string; wire: TcpProxy; tokens: AccessTokens }) {
    this.cluster = of.cluster;
    this.folder = of.folder;
    this.wire = of.wire;
    this.entrance = new Entrance(of.wire.port);
    this.#tokens = of.tokens;
  }

  /** `crowd`: so many pairs are there already. */
  static async open(crowd: number): Promise<SoakWorld> {
    const folder = mkdtempSync(join(tmpdir(), "twinship-soak-"));
    chmodSync(folder, 0o755);
    const key = newPrivateKey();
    mkdirSync(temporaryIn(folder));
    const env = {
      DATA_DIR: folder,
      TMPDIR: temporaryIn(folder),
      JWT_PRIVATE_KEY: key,
      PUBLIC_URL,
      ACCESS_TOKEN_SECONDS: String(TOKEN_S),
    };
    const envOf = (n: number) => probed(samplesOf(folder, n));
    const postgres = await ServedPostgres.start();
    const opened = await openDatabase({ url: postgres.url, migrate: "auto", connections: 2, log: silent });
    await populate(opened, crowd);
    await opened.close();
    const cluster = await Cluster.make({ postgres, nodes: NODES, redis: hasRedis(), isWired: true, env, envOf });
    await started(cluster);
    const wire = await TcpProxy.open(() => cluster.balancer.port);
    const keys = await signingKeys([key]);
    const tokens = rs256Tokens({ keys, issuer: PUBLIC_URL, audience: "twinship", lifeSeconds: ROOMY_S });
    return new SoakWorld({ cluster, folder, wire, tokens });
  }

  /** Where the nodes put what they look at for a moment. */
  get temporary(): string {
    return temporaryIn(this.folder);
  }

  /** The one that lives from the beginning to the end. */
  get lasting(): ClusterNode {
    return this.cluster.node(0);
  }

  get mortal(): readonly ClusterNode[] {
    return this.cluster.others(this.lasting);
  }

  /** Of one of the two of a pair of the crowd. */
  tokenOf(pair: number, twin: 0 | 1): string {
    return this.#tokens.issue({ userId: userId(pair, twin), sessionId: sessionOf(pair, twin) }, Date.now()).token;
  }

  /** Nothing is wrong any more, and every node serves. */
  async mend(): Promise<void> {
    await this.cluster.heal();
    await whole(this.cluster);
  }

  samplesOf(n: number): string {
    return samplesOf(this.folder, n);
  }

  async close(): Promise<void> {
    await this.wire.close();
    await this.cluster.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** On a machine with much else to do that may take a while, and says nothing about the nodes. */
async function whole(cluster: Cluster): Promise<void> {
  await eventually(() => cluster.balancer.ready.length === cluster.nodes.length, WHOLE_MS);
}

async function started(cluster: Cluster): Promise<void> {
  try {
    for (const node of cluster.nodes) await cluster.revive(node);
    await whole(cluster);
  } catch (error) {
    await cluster.remove();
    throw error;
  }
}

const temporaryIn = (folder: string): string => join(folder, "tmp");

const samplesOf = (folder: string, n: number): string => join(folder, `samples-${n}.jsonl`);

const probed = (samples: string) => ({
  NODE_OPTIONS: `--expose-gc --import ${join(import.meta.dirname, "soak-probe.ts")}`,
  SOAK_SAMPLES: samples,
  SOAK_SAMPLE_MS: String(SAMPLE_MS),
});
