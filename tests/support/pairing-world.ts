import { LIMITS } from "../../domain/limits.ts";
import { pairing } from "../../domain/pairing.ts";
import type { Caller, Database, Notices } from "../../domain/ports.ts";
import { type PairId, SessionId, UserId } from "../../schema/wire/ids.ts";
import { memoryLimits } from "../../server/adapters/limits/memory.ts";
import { chance } from "../../server/chance.ts";
import { FakeClock } from "./accounts-world.ts";
import { type TemporaryDatabase, temporaryDatabase } from "./postgres.ts";

/** Nobody is to wait for a limit that another test is about. */
const MANY = { points: 1_000_000, withinMs: 60_000 };

/** Pairing on a real PostgreSQL, with time in the test's hands. */
export class PairingWorld {
  readonly clock = new FakeClock();
  readonly heard: string[] = [];
  readonly opened: TemporaryDatabase;
  readonly pairing: ReturnType<typeof pairing>;

  private constructor(opened: TemporaryDatabase) {
    this.opened = opened;
    this.pairing = this.on(opened.database);
  }

  static async open(connections?: number): Promise<PairingWorld> {
    return new PairingWorld(await temporaryDatabase(connections));
  }

  on(database: Database, limits = memoryLimits({ ...LIMITS, "codes.redeem": MANY })): ReturnType<typeof pairing> {
    const notices: Notices = {
      hear: (news) => {
        if (news.what === "pair.opened") this.heard.push(`opened ${news.pairId} ${[...news.between].sort()}`);
        if (news.what === "pair.closed") this.heard.push(`closed ${news.pairId} ${news.reason}`);
      },
    };
    return pairing({ database, clock: this.clock, chance, limits, notices });
  }

  /** Somebody who has an account. */
  async person(name = "Ada", userId = UserId.parse(chance.newId(this.clock.now()))): Promise<Caller> {
    const at = new Date(this.clock.now());
    await this.sql(
      `insert into users (id, email, email_key, password_hash, name, created_at, updated_at)
       values ($1, $2, $2, '', $3, $4, $4)`,
      [userId, `${userId}@example.org`, name, at],
    );
    return { userId, sessionId: SessionId.parse(userId), expiresAt: 0 };
  }

  people(count: number): Promise<Caller[]> {
    return Promise.all(Array.from({ length: count }, () => this.person()));
  }

  async pairUp(ada: Caller, bea: Caller): Promise<PairId> {
    const { code } = await this.pairing.newCode(ada);
    return (await this.pairing.redeem(bea, code)).pairId;
  }

  async sql(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    return (await this.opened.pool.query(text, values)).rows;
  }

  close(): Promise<void> {
    return this.opened.close();
  }
}
