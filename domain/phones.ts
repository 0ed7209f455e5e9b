import { type EntityManager, LockMode } from "@mikro-orm/core";
import { PhoneCode } from "../schema/entities/phone-code.ts";
import { User } from "../schema/entities/user.ts";
import type { UserId } from "../schema/wire/ids.ts";
import type { From } from "./accounts.ts";
import { addressKeyOf } from "./address-keys.ts";
import { auditing } from "./audit.ts";
import { breaksUnique } from "./constraint.ts";
import type { Caller, Chance, Clock, Database, Limits, Outbox } from "./ports.ts";
import { findPerson } from "./profiles.ts";
import { Refusal } from "./refusal.ts";
import type { Secrets } from "./secrets.ts";

const CODE_LIFE_MS = 10 * 60_000;

/** One in 200,000 to guess it. */
const MOST_TRIES = 5;

const CODE_DIGITS = 6;

/** Others may prove the same number meanwhile; each time one of them has it. */
const TRIES = 5;

export interface PhonesDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly limits: Pick<Limits, "take">;
  readonly outbox: Outbox;
  readonly secrets: Pick<Secrets, "sign" | "isSigned">;
  /** Whether there can be such a number, by the plans of the world's countries. */
  readonly isPossible: (phone: string) => boolean;
}

export type Phones = ReturnType<typeof phones>;

/** How a phone number is proved to be somebody's. */
export function phones(deps: PhonesDeps) {
  const { database, clock, chance, limits, outbox, secrets, isPossible } = deps;
  const note = auditing(deps);

  /** A number changes hands; whoever can read its messages now has it. */
  async function give(em: EntityManager, user: User, phone: string): Promise<void> {
    const before = await em.find(User, { phone, id: { $ne: user.id } }, { fields: ["id"] });
    await em.nativeUpdate(User, { phone, id: { $ne: user.id } }, { phone: null });
    user.phone = phone;
    for (const { id } of before) note(em, { action: "phone.changed", subject: id, actor: null });
    note(em, { action: "phone.changed", subject: user.id });
    await em.flush();
  }

  /** A refusal that comes back, and is not thrown, leaves something behind: that this try was counted. */
  const compare = (userId: UserId, code: string): Promise<string | Refusal> =>
    database.transaction(async (em) => {
      const user = await findPerson(em, userId, LockMode.PESSIMISTIC_WRITE);
      const asked = await em.findOne(PhoneCode, { userId }, { refresh: true });
      if (!asked || asked.tries >= MOST_TRIES || asked.expiresAt.getTime() <= clock.now())
        return new Refusal("GONE", "This code counts no more: ask for another");
      if (!secrets.isSigned("phone", said(userId, asked.phone, code), asked.mac)) {
        asked.tries++;
        return wrong("code", "is not the one that was sent");
      }
      em.remove(asked);
      await give(em, user, asked.phone);
      return asked.phone;
    });

  return {
    /** Sends a code there; a new one takes the place of the last. Messages cost money, so few are sent. */
    async ask({ userId }: Caller, phone: string, { ip }: From): Promise<void> {
      if (!isPossible(phone)) throw wrong("phone", "is no number that a message could be sent to");
      await limits.take("sms.person", userId);
      await limits.take("sms.number", addressKeyOf(secrets, "sms", phone));
      await limits.take("sms.ip", ip);
      await database.transaction(async (em) => {
        await findPerson(em, userId, LockMode.PESSIMISTIC_WRITE);
        const code = newCode(chance);
        const mac = secrets.sign("phone", said(userId, phone, code));
        const expiresAt = new Date(clock.now() + CODE_LIFE_MS);
        await em.upsert(PhoneCode, { userId, phone, mac, tries: 0, expiresAt });
        await outbox.send(em, { channel: "sms", to: phone, letter: { template: "phone_code", code } }, { userId });
      });
    },

    /** Throws GONE when there is no code to be told any more, VALIDATION_ERROR for a wrong one. */
    async prove({ userId }: Caller, code: string): Promise<string> {
      const answer = await again(TRIES, () => compare(userId, code));
      if (answer instanceof Refusal) throw answer;
      return answer;
    },

    /** Forgets codes that are over. */
    sweep: (): Promise<number> =>
      database.transaction((em) => em.nativeDelete(PhoneCode, { expiresAt: { $lt: new Date(clock.now()) } })),
  };
}

async function again<T>(tries: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (tries === 1 || !breaksUnique(error, "users_phone")) throw error;
    return again(tries - 1, work);
  }
}

/** Six figures, each as likely as any other. */
function newCode({ bytes }: Pick<Chance, "bytes">): string {
  let code = "";
  while (code.length < CODE_DIGITS) {
    for (const byte of bytes(CODE_DIGITS)) if (byte < 250 && code.length < CODE_DIGITS) code += String(byte % 10);
  }
  return code;
}

const said = (userId: string, phone: string, code: string): string => `${userId} ${phone} ${code}`;

const wrong = (path: string, message: string): Refusal =>
  new Refusal("VALIDATION_ERROR", `${path}: ${message}`, { details: [{ path, message }] });
