import { LIMITS } from "../../domain/limits.ts";
import { type Moderation, moderation } from "../../domain/moderation.ts";
import type { PairDoor, Receipt, Twin } from "../../domain/ports.ts";
import { parse } from "../../domain/refusal.ts";
import { type ReportedMediaDeps, type ReportedMediaDesk, reportedMedia } from "../../domain/reported-media.ts";
import { type Reports, type ReportsDeps, reports } from "../../domain/reports.ts";
import { roomCommand } from "../../domain/room/rules.ts";
import { type Staff, staff } from "../../domain/staff.ts";
import type { StaffCaller } from "../../domain/staff-permissions.ts";
import { type StaffRoster, staffRoster } from "../../domain/staff-roster.ts";
import { type Suspensions, suspensions } from "../../domain/suspensions.ts";
import { MediaId, MessageId } from "../../schema/wire/ids.ts";
import { StaffLogin, type StaffRole } from "../../schema/wire/staff.ts";
import { FileReport } from "../../schema/wire/twins.ts";
import { messagesById } from "../../server/adapters/database/journal.ts";
import { memoryLimits } from "../../server/adapters/limits/memory.ts";
import { rs256Tokens } from "../../server/adapters/sessions/access-tokens.ts";
import { totpAuthenticators } from "../../server/adapters/sessions/authenticators.ts";
import { newPrivateKey, signingKeys } from "../../server/adapters/sessions/signing-keys.ts";
import { chance } from "../../server/chance.ts";
import { PASSWORD } from "./accounts-world.ts";
import { type Member, PrivacyWorld } from "./privacy-world.ts";

/** How long a code of an authenticator is the one it shows. */
export const STEP_MS = 30_000;

/** Those who work here, among people on a real PostgreSQL, with time in the test's hands. */
export class StaffWorld {
  readonly people: PrivacyWorld;
  readonly staff: Staff;
  readonly roster: StaffRoster;
  readonly suspensions: Suspensions;
  readonly moderation: Moderation;
  readonly reportedMedia: ReportedMediaDesk;
  /** What lies in the store, by its key. */
  readonly files = new Map<string, Buffer>();
  /** With no limit, so that a test may tell of much. */
  readonly reports: Reports;
  readonly limitedReports: Reports;
  readonly limits = memoryLimits(LIMITS);
  /** Told before each command reaches a room; may throw, as a room that cannot be reached does. */
  onCommand: (payload: unknown) => Promise<void> = async () => undefined;
  readonly authenticators = totpAuthenticators(chance.bytes);

  private constructor(people: PrivacyWorld, staffTokens: ReturnType<typeof rs256Tokens>) {
    this.people = people;
    const { clock, hasher } = people.world;
    const { database } = people.world.opened;
    const { authenticators, limits } = this;
    const deps = { database, clock, chance, secrets: people.secrets, authenticators };
    this.roster = staffRoster(deps);
    this.staff = staff({ ...deps, hasher, limits, staffTokens });
    const { outbox } = people;
    this.suspensions = suspensions({ ...deps, outbox, sessions: people.world.sessions });
    const door = { execute: (...command: Parameters<PairDoor["execute"]>) => this.#execute(...command) };
    const { files } = this;
    const store: ReportedMediaDeps["store"] = {
      sizeOf: async (key) => files.get(key)?.length,
      read: async function* (this: void, key, from, to) {
        yield files.get(key)?.subarray(from, to + 1) ?? Buffer.of();
      },
    };
    this.reportedMedia = reportedMedia({ ...deps, store });
    this.moderation = moderation({ ...deps, outbox, door, suspensions: this.suspensions });
    const { pool } = people.world.opened;
    const messagesOf: ReportsDeps["messagesOf"] = async (pairId, ids) => [
      ...(await messagesById(pool, pairId, ids)).values(),
    ];
    const generous = memoryLimits({ ...LIMITS, reports: { points: 1_000_000, withinMs: 1000 } });
    this.reports = reports({ ...deps, limits: generous, messagesOf });
    this.limitedReports = reports({ ...deps, limits, messagesOf });
  }

  static async open(): Promise<StaffWorld> {
    const keys = await signingKeys([newPrivateKey()]);
    const how = { issuer: "https://twinship.test", audience: "twinship-staff", lifeSeconds: 900 };
    return new StaffWorld(await PrivacyWorld.open(), rs256Tokens({ keys, ...how }));
  }

  get clock() {
    return this.people.world.clock;
  }

  sql = (text: string, values: unknown[] = []) => this.people.sql(text, values);

  /** Somebody with that role and an authenticator. */
  async colleague(role: StaffRole, name = "Cleo"): Promise<Member & { readonly secret: string }> {
    const who = await this.people.member(name);
    await this.roster.grant(who.email, { role, studyId: null });
    const { secret } = await this.roster.enrol(who.email);
    return { ...who, secret };
  }

  /** What their authenticator shows so many steps from now. */
  async code(secret: string, steps = 0): Promise<string> {
    const { TOTP } = await import("otpauth");
    return new TOTP({ secret }).generate({ timestamp: this.clock.now() + steps * STEP_MS });
  }

  login(email: string, totp: string, password = PASSWORD, ip = "192.0.2.7") {
    return this.staff.login(parse(StaffLogin, { email, password, totp }), { ip });
  }

  /** Signed in, by the next code there is. */
  async signedIn({ email, secret }: { readonly email: string; readonly secret: string }): Promise<StaffCaller> {
    this.clock.advance(STEP_MS);
    const { token } = await this.login(email, await this.code(secret));
    return this.staff.authenticate(token);
  }

  async signedInAs(role: StaffRole): Promise<StaffCaller> {
    return this.signedIn(await this.colleague(role));
  }

  async #execute(twin: Twin, name: string, payload: unknown): Promise<Receipt> {
    await this.onCommand(payload);
    const room = await this.people.room(twin.pairId);
    return room.execute(roomCommand(twin, name, payload, null));
  }

  /** What of a pair is reported by the one of the other: two messages of hers between her twin's. */
  async quarrel() {
    const { ada, bea, pairId } = await this.people.twins();
    const ids = await this.people.talk(
      pairId,
      [ada, "chat.send", { text: "what is it?" }],
      [bea, "chat.send", { text: "go away" }],
      [bea, "chat.send", { text: "or else" }],
      [ada, "chat.send", { text: "please stop" }],
    );
    return { ada, bea, pairId, ids: ids.map((id) => MessageId.parse(id)) };
  }

  /** From then on this message of theirs bears a picture, in two sizes. */
  async illustrate(pairId: string, { userId }: Member, messageId: string): Promise<MediaId> {
    const id = MediaId.parse(crypto.randomUUID());
    const variants = ["256", "1024", "2048"].map((name) => {
      const bytes = Buffer.from(`as large as ${name}`);
      this.files.set(`ready/${id}/${name}.webp`, bytes);
      return { name, contentType: "image/webp", bytes: bytes.length, width: 4, height: 3 };
    });
    await this.sql(
      `insert into media (id, owner_id, pair_id, purpose, status, content_type, bytes, variants, stored_bytes, width, height, created_at, sent_at)
      values ($1, $2, $3, 'chat', 'ready', 'image/webp', 17, $4, 50, 4, 3, now(), now())`,
      [id, userId, pairId, JSON.stringify(variants)],
    );
    await this.sql("update messages set type = 'image', media_id = $1, text = null where id = $2", [id, messageId]);
    return id;
  }

  report(by: Member, form: object = {}) {
    return this.reports.file(by.caller, parse(FileReport, { reason: "harassment", ...form }));
  }

  close(): Promise<void> {
    return this.people.close();
  }
}
