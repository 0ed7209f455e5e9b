import { blocks } from "../../domain/blocks.ts";
import { invitations } from "../../domain/invitations.ts";
import { LIMITS } from "../../domain/limits.ts";
import { linksUnder } from "../../domain/links.ts";
import type { TellByPush } from "../../domain/pair-changes.ts";
import { pairing } from "../../domain/pairing.ts";
import type { Caller, Database, Notices } from "../../domain/ports.ts";
import { secrets } from "../../domain/secrets.ts";
import { type PairId, SessionId, UserId } from "../../schema/wire/ids.ts";
import { memoryLimits } from "../../server/adapters/limits/memory.ts";
import { chance } from "../../server/chance.ts";
import { FakeClock } from "./accounts-world.ts";
import { RecordedOutbox } from "./outbox.ts";
import { type TemporaryDatabase, temporaryDatabase } from "./postgres.ts";

/** Nobody is to wait for a limit that another test is about. */
const MANY = { points: 1_000_000, withinMs: 60_000 };

/** Pairing on a real PostgreSQL, with time in the test's hands. */
export class PairingWorld {
  readonly clock = new FakeClock();
  readonly heard: string[] = [];
  readonly outbox = new RecordedOutbox();
  readonly opened: TemporaryDatabase;
  readonly pairing: ReturnType<typeof pairing>;
  readonly invitations: ReturnType<typeof invitations>;
  readonly blocks: ReturnType<typeof blocks>;
  readonly pushed: string[] = [];

  private constructor(opened: TemporaryDatabase) {
    this.opened = opened;
    this.pairing = this.on(opened.database);
    const { clock, outbox, pairing: paired } = this;
    const { database } = opened;
    const limits = memoryLimits(LIMITS);
    const links = linksUnder("https://twinship.test");
    const hidden = secrets(["for these tests only, and long enough"], chance);
    const notices = this.notices();
    const deps = { database, clock, chance, limits, notices, outbox, links, secrets: hidden, pairing: paired };
    this.invitations = invitations({ ...deps, isPossible: (phone) => !phone.startsWith("+999") });
    this.blocks = blocks(deps);
  }

  notices(): Notices {
    return {
      hear: (news) => {
        if (news.what === "pair.opened") this.heard.push(`opened ${news.pairId} ${[...news.between].sort()}`);
        if (news.what === "pair.closed") this.heard.push(`closed ${news.pairId} ${news.reason}`);
        if (news.what === "invitation.updated")
          this.heard.push(`${news.invitationId} ${news.status} to ${news.userId}`);
      },
    };
  }

  static async open(connections?: number): Promise<PairingWorld> {
    return new PairingWorld(await temporaryDatabase(connections));
  }

  on(database: Database, limits = memoryLimits({ ...LIMITS, "codes.redeem": MANY })): ReturnType<typeof pairing> {
    const { clock, outbox } = this;
    const tellByPush: TellByPush = async (_em, userId, what) => void this.pushed.push(`${what} ${userId}`);
    return pairing({ database, clock, chance, limits, notices: this.notices(), outbox, tellByPush });
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
