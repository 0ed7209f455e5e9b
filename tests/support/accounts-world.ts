import { accounts } from "../../domain/accounts.ts";
import { addresses } from "../../domain/addresses.ts";
import { LIMITS } from "../../domain/limits.ts";
import { linksUnder } from "../../domain/links.ts";
import { passwordProof } from "../../domain/password-proof.ts";
import { passwords } from "../../domain/passwords.ts";
import { phones } from "../../domain/phones.ts";
import type { Chance, Notices, PasswordHasher } from "../../domain/ports.ts";
import { profiles } from "../../domain/profiles.ts";
import { parse, Refusal } from "../../domain/refusal.ts";
import { secrets } from "../../domain/secrets.ts";
import { sessions } from "../../domain/sessions.ts";
import { signIns } from "../../domain/sign-ins.ts";
import { Login, type PublicKeys, Register } from "../../schema/wire/accounts.ts";
import type { SessionId, UserId } from "../../schema/wire/ids.ts";
import { memoryLimits } from "../../server/adapters/limits/memory.ts";
import { rs256Tokens } from "../../server/adapters/sessions/access-tokens.ts";
import {
  newPrivateKey,
  publicKeys,
  type SigningKeys,
  signingKeys,
} from "../../server/adapters/sessions/signing-keys.ts";
import { chance } from "../../server/chance.ts";
import { RecordedJobs, RecordedOutbox } from "./outbox.ts";
import { type TemporaryDatabase, temporaryDatabase } from "./postgres.ts";

/** A noon, so that a few hours more or less are the same day. */
export const noon = Date.UTC(2026, 5, 15, 12);

export const PASSWORD = "Correct-horse-1";

/** Time that moves when a test says so. */
export class FakeClock {
  time = noon;
  now = (): number => this.time;
  advance(ms: number): void {
    this.time += ms;
  }
}

/** A hasher that costs nothing, and counts. */
export class QuickHasher implements PasswordHasher {
  looks = 0;
  /** Told before each look is answered. */
  onLook: (password: string) => Promise<void> = async () => undefined;
  hash = async (password: string): Promise<string> => `hash of ${password}`;
  async matches(hash: string | null, password: string): Promise<boolean> {
    this.looks++;
    await this.onLook(password);
    return hash === `hash of ${password}`;
  }
}

/** Accounts, sessions and profiles on a real PostgreSQL, with time in the test's hands. */
export class AccountsWorld {
  readonly clock = new FakeClock();
  readonly hasher = new QuickHasher();
  readonly limits = memoryLimits(LIMITS);
  readonly ended: SessionId[] = [];
  readonly changed: UserId[] = [];
  readonly notices: Notices = {
    hear: (news) => {
      if (news.what === "sessions.ended") this.ended.push(...news.sessionIds);
      if (news.what === "person.changed") this.changed.push(news.userId);
    },
  };
  readonly opened: TemporaryDatabase;
  readonly accessTokens: ReturnType<typeof rs256Tokens>;
  readonly publicKeys: PublicKeys;
  readonly outbox = new RecordedOutbox();
  readonly jobs = new RecordedJobs();
  readonly secrets = secrets(["for these tests only, and long enough"], chance);
  readonly links = linksUnder("https://twinship.test");
  readonly sessions: ReturnType<typeof sessions>;
  readonly signIns: ReturnType<typeof signIns>;
  readonly addresses: ReturnType<typeof addresses>;
  readonly passwords: ReturnType<typeof passwords>;
  readonly phones: ReturnType<typeof phones>;
  readonly accounts: ReturnType<typeof accounts>;
  readonly profiles: ReturnType<typeof profiles>;
  #people = 0;

  private constructor(opened: TemporaryDatabase, keys: SigningKeys, published: PublicKeys) {
    this.opened = opened;
    this.publicKeys = published;
    this.accessTokens = rs256Tokens({ keys, issuer: "https://twinship.test", audience: "twinship", lifeSeconds: 3600 });
    this.sessions = this.node();
    const { database } = opened;
    const { clock, hasher, limits, notices, outbox, jobs, links, sessions } = this;
    const deps = { database, clock, chance, hasher, limits, notices, outbox, jobs, links, sessions };
    const prove = passwordProof(deps);
    this.signIns = signIns({ ...deps, secrets: this.secrets });
    this.addresses = addresses({ ...deps, secrets: this.secrets, prove });
    this.passwords = passwords({ ...deps, prove });
    this.phones = phones({ ...deps, secrets: this.secrets, isPossible: (phone) => !phone.startsWith("+999") });
    this.accounts = accounts({ ...deps, signIns: this.signIns, addresses: this.addresses });
    this.profiles = profiles(deps);
  }

  static async open(): Promise<AccountsWorld> {
    const keys = await signingKeys([newPrivateKey()]);
    return new AccountsWorld(await temporaryDatabase(), keys, await publicKeys(keys));
  }

  /** Sessions as another process on the same database has them. */
  node(by: Chance = chance, notices = this.notices): ReturnType<typeof sessions> {
    const { clock, accessTokens } = this;
    const { database } = this.opened;
    return sessions({ database, clock, chance: by, accessTokens, notices, refreshTokenDays: 30 });
  }

  register(form: object = {}, ip = "192.0.2.1") {
    const email = `person-${++this.#people}@example.org`;
    return this.accounts.register(parse(Register, { email, password: PASSWORD, name: "Ada", ...form }), { ip });
  }

  login(form: object, ip = "192.0.2.1") {
    return this.accounts.login(parse(Login, { password: PASSWORD, ...form }), { ip });
  }

  async callerOf({ tokens }: { readonly tokens: { readonly accessToken: string } }) {
    return this.sessions.authenticate(tokens.accessToken);
  }

  async sql(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    return (await this.opened.pool.query(text, values)).rows;
  }

  /** Does the work while somebody else holds that row, until as many as that wait for it. */
  async whileHeld<T>(table: "users" | "sessions", id: string, waiting: number, work: () => Promise<T>): Promise<T> {
    const holder = await this.opened.pool.connect();
    try {
      await holder.query("begin");
      await holder.query(`select from ${table} where id = $1 for update`, [id]);
      const done = work();
      // Asked elsewhere: within a transaction the view stays as it was first seen.
      const stuck = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
      while ((await this.sql(stuck)).length < waiting) await new Promise(setImmediate);
      await holder.query("commit");
      return await done;
    } finally {
      // Whatever happened: nobody is to wait for it any more.
      holder.release(true);
    }
  }

  close(): Promise<void> {
    return this.opened.close();
  }
}

/** The code of the refusal that comes, for assert.rejects. */
export const code = (expected: string) => (error: unknown) => {
  if (error instanceof Refusal && error.code === expected) return true;
  throw error;
};
