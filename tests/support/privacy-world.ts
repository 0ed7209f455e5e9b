import { auditing } from "../../domain/audit.ts";
import { comeBack, deletion } from "../../domain/deletion.ts";
import { erasure, type MessageEraser } from "../../domain/erasure.ts";
import { type ExportShelf, exports } from "../../domain/exports.ts";
import { linksUnder } from "../../domain/links.ts";
import { pairHistory } from "../../domain/pair-history.ts";
import { pairing } from "../../domain/pairing.ts";
import { passwordProof } from "../../domain/password-proof.ts";
import type { Caller, Database, History, Notices, Twin } from "../../domain/ports.ts";
import { findPerson } from "../../domain/profiles.ts";
import {
  type RoomCommand,
  type RoomEvent,
  type RoomFact,
  type RoomState,
  roomCommand,
  roomRules,
} from "../../domain/room/rules.ts";
import { secrets } from "../../domain/secrets.ts";
import { studyPeople } from "../../domain/study-people.ts";
import { studyWithdrawals } from "../../domain/study-withdrawals.ts";
import { Committer } from "../../rooms/durable/committer.ts";
import { DurableRoom } from "../../rooms/durable/durable-room.ts";
import type { Entry } from "../../rooms/durable/journal.ts";
import { type PairId, UserId } from "../../schema/wire/ids.ts";
import type { News } from "../../schema/wire/news.ts";
import { DeleteAccount } from "../../schema/wire/privacy.ts";
import { databaseArchive } from "../../server/adapters/database/archive.ts";
import { databaseClaims } from "../../server/adapters/database/claims.ts";
import { databaseJournal } from "../../server/adapters/database/journal.ts";
import { messageEraser } from "../../server/adapters/database/message-eraser.ts";
import { databasePeople } from "../../server/adapters/database/people.ts";
import { personArchives } from "../../server/adapters/exports/archive.ts";
import { exportShelf } from "../../server/adapters/exports/shelf.ts";
import { ownFolders } from "../../server/adapters/media/own-folders.ts";
import { chance } from "../../server/chance.ts";
import { AccountsWorld, PASSWORD } from "./accounts-world.ts";
import { type CopiedFiles, noFiles } from "./copied-files.ts";
import { RecordedJobs, RecordedOutbox } from "./outbox.ts";
import { plainSeal } from "./twins.ts";

export interface Member {
  readonly caller: Caller;
  readonly userId: UserId;
  readonly email: string;
  readonly accessToken: string;
}

type PairsRoom = DurableRoom<RoomState, RoomCommand, RoomEvent, RoomFact>;

/** Exports, departures and erasures on a real PostgreSQL with what people said in it, and time in the test's hands. */
export class PrivacyWorld {
  readonly world: AccountsWorld;
  readonly outbox = new RecordedOutbox();
  readonly jobs = new RecordedJobs();
  readonly news: News[] = [];
  readonly notices: Notices = { hear: (news) => void this.news.push(news) };
  readonly pairing: ReturnType<typeof pairing>;
  readonly exports: ReturnType<typeof exports>;
  readonly shelf: ExportShelf;
  readonly shelfOf: (archiveOf?: ReturnType<typeof personArchives>) => ExportShelf;
  readonly exportsOn: (shelf: ExportShelf) => ReturnType<typeof exports>;
  readonly deletion: ReturnType<typeof deletion>;
  readonly erasure: ReturnType<typeof erasure>;
  readonly messages: MessageEraser;
  readonly history: History;
  readonly secrets = secrets(["s".repeat(64)], chance);
  readonly note: ReturnType<typeof auditing>;

  private constructor(world: AccountsWorld, store: CopiedFiles) {
    this.world = world;
    const { clock, limits, hasher, sessions } = world;
    const { database, pool } = world.opened;
    const { outbox, jobs, notices } = this;
    const links = linksUnder("https://twinship.test");
    const archive = databaseArchive(pool);
    this.history = pairHistory({ archive, lookup: archive, people: databasePeople(pool), line: () => "line" });
    this.messages = messageEraser(database);
    this.note = auditing({ clock, chance });
    this.pairing = pairing({ database, clock, chance, limits, notices, outbox });
    const files = { store, pause: async () => undefined, newFolder: ownFolders() };
    const sources = { pool, database, history: this.history, secrets: this.secrets, now: clock.now };
    this.shelfOf = (archiveOf = personArchives({ ...sources, ...files })) =>
      exportShelf({ pool, archiveOf, pieces: store.pieces, pause: files.pause });
    this.shelf = this.shelfOf();
    const deps = { database, clock, chance, limits, outbox, jobs, notices, secrets: this.secrets, links };
    this.exportsOn = (shelf) => exports({ ...deps, shelf });
    this.exports = this.exportsOn(this.shelf);
    const prove = passwordProof({ database, hasher, limits });
    this.deletion = deletion({ ...deps, sessions, pairing: this.pairing, prove });
    this.erasure = this.erasureOn(database);
  }

  /** Pictures and recordings, where there are any, are that store's. */
  static async open(store = noFiles()): Promise<PrivacyWorld> {
    const world = await AccountsWorld.open();
    await world.sql("select make_message_months('2026-06-01', 24)");
    return new PrivacyWorld(world, store);
  }

  erasureOn(
    database: Database,
    messages = this.messages,
    copies: Pick<PrivacyWorld["exports"], "forget"> = this.exports,
  ): ReturnType<typeof erasure> {
    const { notices, jobs } = this;
    const deps = { database, clock: this.world.clock, chance, notices, jobs };
    const research = studyWithdrawals({ ...deps, people: studyPeople({ secrets: this.secrets, chance }) });
    return erasure({ ...deps, messages, exports: copies, research });
  }

  sql = (text: string, values: unknown[] = []) => this.world.sql(text, values);

  async member(name = "Ada", form: object = {}): Promise<Member> {
    const { user, tokens } = await this.world.register({ name, ...form });
    const caller = await this.world.callerOf({ tokens });
    return { caller, userId: user.id, email: user.email, accessToken: tokens.accessToken };
  }

  async pairUp(ada: Member, bea: Member): Promise<PairId> {
    const { code } = await this.pairing.newCode(ada.caller);
    return (await this.pairing.redeem(bea.caller, code)).pairId;
  }

  async twins(): Promise<{ ada: Member; bea: Member; pairId: PairId }> {
    const [ada, bea] = [await this.member("Ada"), await this.member("Bea")];
    return { ada, bea, pairId: await this.pairUp(ada, bea) };
  }

  ask = (who: Member, eraseMessages = false, password = PASSWORD, ip = "192.0.2.1") =>
    this.deletion.ask(who.caller, DeleteAccount.parse({ password, eraseMessages }), { ip });

  /** As signing in does it, under the lock of the person's row. */
  comeBack(who: Member): Promise<void> {
    const { database } = this.world.opened;
    const means = { clock: this.world.clock, chance };
    return database.transaction(async (em) => comeBack(means, em, await findPerson(em, who.userId)));
  }

  /** The pair's room, claimed anew: what others have of it writes nothing any more. */
  async room(pairId: PairId, announce: (entry: Entry<RoomEvent>) => void = () => undefined): Promise<PairsRoom> {
    const { pool } = this.world.opened;
    const claims = databaseClaims(pool);
    const { epoch = 0 } = (await claims.look(pairId)) ?? {};
    const mine = (await claims.claim(pairId, epoch, "test")) ?? 0;
    const journal = databaseJournal(pool);
    const report = (error: unknown) => {
      throw error;
    };
    const committer = new Committer<RoomEvent, RoomFact>({ journal, report });
    const rules = roomRules({ now: this.world.clock.now, newId: chance.newId, newSalt: chance.newSalt, ...plainSeal });
    const superseded = () => undefined;
    return DurableRoom.open({ pairId, epoch: mine, rules, journal, committer, announce, superseded });
  }

  /** What people do in a pair's room, one after the other; answers with the messages' ids. */
  async talk(pairId: PairId, ...said: readonly (readonly [Member, string, object])[]): Promise<string[]> {
    const room = await this.room(pairId);
    const ids: string[] = [];
    for (const [who, name, payload] of said) {
      const twin: Twin = { pairId, userId: UserId.parse(who.userId) };
      const command = roomCommand(twin, name, { key: crypto.randomUUID(), ...payload }, null);
      const { id } = await room.execute(command);
      ids.push(id);
    }
    return ids;
  }

  close(): Promise<void> {
    return this.world.close();
  }
}
