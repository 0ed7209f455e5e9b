import type { EntityManager } from "@mikro-orm/core";
import { User } from "../schema/entities/user.ts";
import { PairId, type UserId } from "../schema/wire/ids.ts";
import type { Outgoing, PushText } from "../schema/wire/letters.ts";
import type { TellByPush } from "./pair-changes.ts";
import type { Clock, Database, Outbox } from "./ports.ts";
import { settingsOf } from "./profile-views.ts";
import { ringing } from "./push-tokens.ts";
import { quietUntil } from "./quiet-hours.ts";

/** People of one look; there is another look soon, and who stops the process does not wait long. */
const AT_ONCE = 200;

/** A phone rings for a pair, and then not for so long: whoever writes by the line rings once for many. */
const PAUSE_MS = 3000;

/** Whose push failed in a way nobody foresaw is not in the way of all others meanwhile. */
const TROUBLED_MS = 60_000;

/** Nobody counts further on a locked screen. */
const MOST_COUNTED = 100;

/** Somebody, as one of a pair. */
export interface Whose {
  readonly pairId: PairId;
  readonly userId: UserId;
}

/** A row of a pair's history that somebody may not have heard of. */
export interface DueRow {
  readonly revision: number;
  /** Milliseconds since 1970. */
  readonly dueAt: number;
  /** Whether there is anything left to tell: they have not received it, and it was neither deleted nor hidden since. */
  readonly isNews: boolean;
  /** Which of their settings it goes by. */
  readonly about: "messages" | "twintuition";
}

export interface News {
  /** What type a message is, or an alert of which kind; or that it is a moment. */
  readonly kind: string;
  readonly senderId: UserId;
}

export interface Taken {
  /** All there are, due or not yet, the newest first. */
  readonly rows: readonly DueRow[];
  /** Of those that are news, by what they are about. */
  readonly newest: Readonly<Record<DueRow["about"], News | undefined>>;
  /** Their phones have just rung for this pair (milliseconds since 1970). */
  readonly pausedUntil: number | undefined;
}

/** What is due to people, in the tables of the rooms. Everything happens in the transaction of `em`. */
export interface DueRows {
  /** Who has something due by now, whoever waits longest first. */
  whose(em: EntityManager, now: number, limit: number): Promise<readonly Whose[]>;
  /** Theirs, for this transaction alone; undefined if another process is at it. */
  take(em: EntityManager, whose: Whose): Promise<Taken | undefined>;
  /** How many messages of their twin they have not received, and could still; no further than `most`. */
  notReceived(em: EntityManager, whose: Whose, most: number): Promise<number>;
  forget(em: EntityManager, whose: Whose, rows: readonly DueRow[]): Promise<unknown>;
  forgetUpTo(em: EntityManager, whose: Whose, revision: number): Promise<unknown>;
  putOffUpTo(em: EntityManager, whose: Whose, revision: number, until: number): Promise<unknown>;
  pause(em: EntityManager, whose: Whose, until: number): Promise<unknown>;
}

export interface PushesDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly outbox: Outbox;
  readonly due: DueRows;
}

export type Pushes = ReturnType<typeof pushes>;

/** What is said on locked screens: that there is something, from whom, and never what. */
export function pushes({ database, clock, outbox, due }: PushesDeps) {
  async function ring(em: EntityManager, userId: UserId, letter: PushText): Promise<void> {
    for (const { token: to } of await ringing(em, userId, clock.now()))
      await outbox.send(em, { channel: "push", to, letter }, { userId });
  }

  /** All that is due to one person of one pair is one push a phone: also what would have been due a little later. */
  async function tell(em: EntityManager, whose: Whose): Promise<void> {
    const taken = await due.take(em, whose);
    if (!taken) return;
    const { rows, newest, pausedUntil } = taken;
    const now = clock.now();
    const ripe = rows.filter(({ dueAt }) => dueAt <= now);
    if (!ripe.some(({ isNews }) => isNews)) return void (await due.forget(em, whose, ripe));
    const upTo = lastOf(rows);
    const person = await em.findOne(User, { id: whose.userId });
    const isWanted = ({ isNews, about }: DueRow) => isNews && person !== null && wants(person, about);
    const about = rows.find(isWanted)?.about ?? "messages";
    const told = newest[about];
    const twin = told ? await em.findOne(User, { id: told.senderId }) : null;
    if (!person || !told || !twin || !ripe.some(isWanted)) return void (await due.forget(em, whose, ripe));
    const until = quietUntil(settingsOf(person), person.timezone, now) ?? pausedUntil ?? now;
    if (until > now) return void (await due.putOffUpTo(em, whose, upTo, until));
    const letter =
      about === "messages"
        ? messagePush(twin.name, whose.pairId, await due.notReceived(em, whose, MOST_COUNTED), told.kind)
        : feltPush(twin.name, whose.pairId, told.kind);
    await ring(em, person.id, letter);
    await due.forgetUpTo(em, whose, upTo);
    await due.pause(em, whose, now + PAUSE_MS);
  }

  /** One that fails is put off and takes nobody along; throws what it failed with. */
  async function tryToTell(whose: Whose): Promise<void> {
    try {
      await database.transaction((em) => tell(em, whose));
    } catch (error) {
      await database.transaction(async (em) => {
        const taken = await due.take(em, whose);
        if (taken) await due.putOffUpTo(em, whose, lastOf(taken.rows), clock.now() + TROUBLED_MS);
      });
      throw error;
    }
  }

  return {
    /** Sends what is due by now; to be called every second or so. Returns to how many people something was due. */
    async round(): Promise<number> {
      const people = await database.read((em) => due.whose(em, clock.now(), AT_ONCE));
      const failures: unknown[] = [];
      for (const whose of people) await tryToTell(whose).catch((error: unknown) => failures.push(error));
      if (failures.length > 0) throw failures[0];
      return people.length;
    },

    /** Whether a push that was written a while ago still has somebody to tell something: its phone may be signed out. */
    async isTimely(em: EntityManager, { channel, to, letter }: Outgoing, userId: UserId | null): Promise<boolean> {
      if (channel !== "push" || userId === null) return true;
      const phones = await ringing(em, userId, clock.now());
      if (!phones.some(({ token }) => token === to)) return false;
      if (letter.template !== "message") return true;
      const pairId = PairId.parse(letter.data["pairId"]);
      return (await due.notReceived(em, { pairId, userId }, MOST_COUNTED)) > 0;
    },

    /** Somebody has a twin, or has one no more. Of a night it is not told by push: there is a letter as well. */
    tellByPush: (async (em, userId, what, twinName) => {
      const person = await em.findOne(User, { id: userId });
      if (!person || !settingsOf(person).notificationsEnabled) return;
      if (quietUntil(settingsOf(person), person.timezone, clock.now()) !== undefined) return;
      const body = what === "paired" ? "You are twins here now" : "You are not paired any more";
      await ring(em, userId, { template: what, title: twinName, body, data: { kind: what }, collapse: "pair" });
    }) satisfies TellByPush,
  };
}

const lastOf = (rows: readonly DueRow[]): number => Math.max(0, ...rows.map(({ revision }) => revision));

function wants(person: User, about: DueRow["about"]): boolean {
  const { notificationsEnabled, pushNotifications } = settingsOf(person);
  return (
    person.status === "active" && person.deletionDueAt === null && notificationsEnabled && pushNotifications[about]
  );
}

/** The kind of an alert was chosen, not written; whoever reads over a shoulder learns that there is a twin. */
const FELT: Readonly<Record<string, string>> = {
  moment: "felt it at the same time as you",
  need_support: "would like to hear from you",
  sharing_joy: "has something to share with you",
  random_check_in: "wonders how you are",
};

function feltPush(title: string, pairId: string, kind: string): PushText {
  const body = FELT[kind] ?? "is thinking of you";
  return { template: "twintuition", title, body, data: { kind: "twintuition", pairId }, collapse: `pair-${pairId}` };
}

/** What kinds of messages are called, where nobody may read over a shoulder. */
const CALLED: Readonly<Record<string, string>> = {
  image: "sent you a photo",
  voice: "sent you a voice message",
  location: "shared a place with you",
};

/** It takes the place of the one before on the screen, so it counts what that one counted, too. */
function messagePush(title: string, pairId: PairId, count: number, kind: string): PushText {
  const many = count < MOST_COUNTED ? `${count} new messages` : `${MOST_COUNTED - 1}+ new messages`;
  const body = count > 1 ? many : (CALLED[kind] ?? "sent you a message");
  return { template: "message", title, body, data: { kind: "message", pairId }, collapse: `pair-${pairId}` };
}
