import type { Caller } from "../../domain/ports.ts";
import { pushTokens } from "../../domain/push-tokens.ts";
import { type PushesDeps, pushes } from "../../domain/pushes.ts";
import { parse } from "../../domain/refusal.ts";
import { PairId, type UserId } from "../../schema/wire/ids.ts";
import type { PushText } from "../../schema/wire/letters.ts";
import { RegisterPush } from "../../schema/wire/people.ts";
import { databaseDueRows } from "../../server/adapters/database/push-due.ts";
import { chance } from "../../server/chance.ts";
import { AccountsWorld, noon } from "./accounts-world.ts";

export interface Person {
  readonly id: UserId;
  readonly email: string;
  readonly caller: Caller;
}

interface Said {
  /** Milliseconds; at once by default. */
  readonly dueIn?: number;
  readonly type?: string;
}

/** Two people of a pair, and messages between them as an append leaves them. */
export interface TwinsOfPushes {
  readonly ada: Person;
  readonly bea: Person;
  readonly pairId: PairId;
  /** Somebody says something to the other; the id of it. */
  say(of: Person, more?: Said): Promise<string>;
  /** Bea's phone says how far it has received. */
  received(upTo: number): Promise<void>;
}

/** People whose phones can ring, on a PostgreSQL of their own, at whatever time it is to be. */
export class PushWorld {
  readonly world: AccountsWorld;
  readonly tokens: ReturnType<typeof pushTokens>;
  #phones = 0;

  private constructor(world: AccountsWorld) {
    this.world = world;
    const { clock, notices, secrets } = world;
    this.tokens = pushTokens({ database: world.opened.database, clock, chance, notices, secrets });
  }

  static async open(): Promise<PushWorld> {
    const world = await AccountsWorld.open();
    await world.sql("select make_message_months('2026-06-01'::date, 1)");
    return new PushWorld(world);
  }

  close(): Promise<void> {
    return this.world.close();
  }

  /** Nothing was sent, nothing is due, and it is noon. */
  async clear(): Promise<void> {
    this.world.outbox.sent.length = 0;
    this.world.clock.time = noon;
    await this.world.sql("delete from push_due");
  }

  pushes(more: Partial<PushesDeps> = {}): ReturnType<typeof pushes> {
    const { opened, clock, outbox } = this.world;
    return pushes({ database: opened.database, clock, outbox, due: databaseDueRows, ...more });
  }

  async person(name: string): Promise<Person> {
    const signedIn = await this.world.register({ name, deviceId: "d1" });
    const { id, email } = signedIn.user;
    return { id, email, caller: await this.world.callerOf(signedIn) };
  }

  /** Another sign-in of the same person. */
  async signedIn({ email }: Person, deviceId: string): Promise<Caller> {
    return this.world.callerOf(await this.world.login({ email, deviceId }));
  }

  async phone({ caller }: Pick<Person, "caller">, deviceId = "d1", given?: string): Promise<string> {
    const token = given ?? `ExponentPushToken[${++this.#phones}]`;
    await this.tokens.register(caller, parse(RegisterPush, { token, platform: "ios", deviceId }));
    return token;
  }

  async twins(): Promise<TwinsOfPushes> {
    const { world } = this;
    const [ada, bea] = [await this.person("Ada"), await this.person("Bea")];
    const [low, high] = [ada.id, bea.id].toSorted();
    const pairId = PairId.parse(crypto.randomUUID());
    await world.sql("insert into pairs values ($1, $2, $3, 'open', now(), null)", [pairId, low, high]);
    for (const { id } of [ada, bea]) await world.sql("insert into pair_members values ($1, $2, true)", [pairId, id]);
    let revision = 0;
    const say = async (of: Person, { dueIn = 0, type = "text" }: Said = {}): Promise<string> => {
      revision++;
      const at = world.clock.now();
      const id = chance.newId(at + revision);
      await world.sql(
        `insert into journal (pair_id, revision, version, seq, type, subject_id, actor_id, key, at)
         values ($1, $2::bigint, $2::bigint, $2::bigint, 'chat.message_sent', $3, $4, $5, $6)`,
        [pairId, revision, id, of.id, `k${revision}`, new Date(at)],
      );
      await world.sql(
        `insert into messages (pair_id, id, seq, version, sender_id, key, type, text, reactions, hides, pinned, sent_at)
         values ($1, $2, $3, $3, $4, $5, $6, 'secretword', '[]', '[]', false, $7)`,
        [pairId, id, revision, of.id, `k${revision}`, type, new Date(at)],
      );
      const to = of === ada ? bea.id : ada.id;
      await world.sql("insert into push_due values ($1, $2, $3, $4)", [pairId, revision, to, new Date(at + dueIn)]);
      return id;
    };
    const received = async (upTo: number): Promise<void> => {
      const mark = "insert into watermarks (pair_id, user_id, delivered_seq, read_seq, shown_read_seq)";
      await world.sql(`${mark} values ($1, $2, $3, 0, 0)`, [pairId, bea.id, upTo]);
    };
    return { ada, bea, pairId, say, received };
  }

  /** What was handed over for that phone, the oldest first. */
  rungOn(token: string): readonly PushText[] {
    return this.world.outbox.sent.flatMap(({ message }) =>
      message.channel === "push" && message.to === token ? message.letter : [],
    );
  }

  /** How many rows of messages are due still. */
  async dueLeft(): Promise<number> {
    const [row] = await this.world.sql("select count(*)::int as n from push_due where revision > 0");
    return Number(row?.["n"]);
  }
}
