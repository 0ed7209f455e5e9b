import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { Balancer } from "../../demo/balancer.ts";
import { newPrivateKey } from "../../server/adapters/sessions/signing-keys.ts";
import { eventually } from "./embedded.ts";
import { Entrance, type PairedUp } from "./entrance.ts";
import type { JournalRow, Stored, Truth } from "./history-checker.ts";
import { type NodeWires, through, wiresIn, wiresOf } from "./network.ts";
import { startRedis, type TestRedis } from "./redis.ts";
import { ServedPostgres } from "./served-postgres.ts";
import { TestServer } from "./server.ts";

export interface ClusterOptions {
  readonly nodes?: number;
  readonly redis?: boolean;
  readonly redisSettings?: readonly string[];
  readonly postgres?: ServedPostgres;
  /** They reach each other by wires that can be hurt. */
  readonly isWired?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** What a node is told otherwise than the others. */
  readonly envOf?: (n: number) => Readonly<Record<string, string>>;
}

/** One process of a cluster, and its wires. */
export interface ClusterNode {
  readonly name: string;
  readonly server: TestServer;
  readonly wires: NodeWires;
}

/** A row of the list of processes. */
export interface Listed {
  readonly processId: string;
  readonly port: number;
}

/** Real processes on a real PostgreSQL, with or without a real Redis, behind a plain balancer; everything can be hurt. */
export class Cluster {
  readonly postgres: ServedPostgres;
  readonly redis: TestRedis | undefined;
  readonly nodes: readonly ClusterNode[];
  readonly balancer: Balancer;
  /** By way of the balancer. */
  readonly entrance: Entrance;

  private constructor(of: {
    postgres: ServedPostgres;
    redis: TestRedis | undefined;
    nodes: readonly ClusterNode[];
    balancer: Balancer;
  }) {
    this.postgres = of.postgres;
    this.redis = of.redis;
    this.nodes = of.nodes;
    this.balancer = of.balancer;
    this.entrance = new Entrance(of.balancer.port);
  }

  /** Made, and nothing started but PostgreSQL, Redis and the balancer. */
  static async make(options: ClusterOptions = {}): Promise<Cluster> {
    const [postgres, redis] = await Promise.all([
      options.postgres ?? ServedPostgres.start(),
      options.redis ? startRedis({ settings: options.redisSettings ?? [] }) : undefined,
    ]);
    const wires = await Promise.all(
      Array.from({ length: options.nodes ?? 3 }, () => {
        const self: { port: number } = { port: 0 };
        const redisPort = redis && (() => redis.port);
        return wiresOf({ postgres: () => postgres.port, redis: redisPort, self: () => self.port }).then((made) => ({
          made,
          self,
        }));
      }),
    );
    const shared = { ...SECRETS(), ...options.env };
    const nodes: ClusterNode[] = [];
    for (const [n, { made, self }] of wires.entries()) {
      const server = await TestServer.create({
        ...shared,
        DATABASE_URL: through(made.toPostgres, postgres.url),
        ...(redis && made.toRedis ? { REDIS_URL: through(made.toRedis, redis.url) } : {}),
        ...(options.isWired ? { NODE_ADDRESS: `127.0.0.1:${made.fromOthers.port}` } : {}),
        ...options.envOf?.(n),
      });
      self.port = server.port;
      nodes.push({ name: "ABCDEFGH"[n] ?? String(n), server, wires: made });
    }
    const balancer = await Balancer.open({ backends: nodes.map(({ server }) => server.port) });
    return new Cluster({ postgres, redis, nodes, balancer });
  }

  /** All nodes ready, and known to the balancer as such. */
  static async create(options: ClusterOptions = {}): Promise<Cluster> {
    const cluster = await Cluster.make(options);
    try {
      await cluster.start();
    } catch (error) {
      await cluster.remove();
      throw error;
    }
    return cluster;
  }

  async start(): Promise<void> {
    await Promise.all(this.nodes.map((node) => (node.server.isRunning ? undefined : this.revive(node))));
    await this.whole();
  }

  /** kill -9; nobody listens at its address any more. */
  async kill({ server, wires }: ClusterNode): Promise<void> {
    await Promise.all([server.end("SIGKILL"), wires.fromOthers.refuse()]);
  }

  async revive({ server, wires }: ClusterNode): Promise<void> {
    await wires.fromOthers.heal();
    await server.start();
  }

  /** Until every node serves. */
  async whole(): Promise<void> {
    await eventually(() => this.balancer.ready.length === this.nodes.length, 30_000);
  }

  node(n: number): ClusterNode {
    const node = this.nodes[n];
    assert.ok(node, `there is a node ${n}`);
    return node;
  }

  others(than: ClusterNode): readonly ClusterNode[] {
    return this.nodes.filter((node) => node !== than);
  }

  /** The node that runs the pair's room, as PostgreSQL has it. */
  async ownerOf(pairId: string): Promise<ClusterNode | undefined> {
    const rows = await this.postgres.query<{ address: string }>(
      "select address from pair_rooms join processes on process_id = owner where pair_id = $1",
      [pairId],
    );
    const port = Number(rows[0]?.address.split(":").at(-1));
    return this.nodes.find(({ server, wires }) => server.port === port || wires.fromOthers.port === port);
  }

  /** Waits for it. */
  async settledOwnerOf(pairId: string): Promise<ClusterNode> {
    let owner: ClusterNode | undefined;
    await eventually(async () => {
      owner = await this.ownerOf(pairId);
      return owner !== undefined;
    });
    assert.ok(owner);
    return owner;
  }

  async processes(): Promise<Listed[]> {
    const rows = await this.postgres.query<{ process_id: string; address: string }>(
      "select process_id, address from processes",
    );
    return rows.map(({ process_id, address }) => ({ processId: process_id, port: Number(address.split(":").at(-1)) }));
  }

  /** All of a pair's history: its words as the server tells them, and its journal as it lies in PostgreSQL. */
  async truthOf({ pairId, ada }: PairedUp): Promise<Truth> {
    const { status, body } = await this.entrance.call("GET", "/api/v1/messages/export", ada.accessToken);
    assert.equal(status, 200, JSON.stringify(body));
    const messages: Stored[] = body.messages.map((message: Stored) => ({ ...message, hides: [] }));
    const journal = await this.postgres.query<JournalRow & Record<string, unknown>>(
      `select actor_id as actor, key, subject_id as id, seq::int, version::int from journal
       where pair_id = $1 and key is not null order by revision`,
      [pairId],
    );
    return { firstSeq: 1, messages, journal };
  }

  /** Nothing is wrong any more: every wire whole, everybody awake. */
  async heal(): Promise<void> {
    await Promise.all(this.nodes.flatMap(({ wires }) => wiresIn(wires).map((wire) => wire.heal())));
  }

  async remove(): Promise<void> {
    await this.heal();
    await this.balancer.close();
    await Promise.all(
      this.nodes.map(async ({ server, wires }) => {
        // How they go in good order is for other tests to see.
        await server.end("SIGKILL");
        await server.remove();
        await Promise.all(wiresIn(wires).map((wire) => wire.close()));
      }),
    );
    await Promise.all([this.postgres.remove(), this.redis?.stop()]);
  }
}

/** What every node of a cluster has in common. */
const SECRETS = (): Readonly<Record<string, string>> => ({
  PUBLIC_URL: "http://localhost:3000",
  CLUSTER_KEY: randomBytes(32).toString("hex"),
  APP_SECRET: randomBytes(32).toString("hex"),
  JWT_PRIVATE_KEY: newPrivateKey(),
  ACCESS_TOKEN_SECONDS: "36000",
  DB_MAX_CONNECTIONS: "12",
});
