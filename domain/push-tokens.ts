import { type EntityManager, LockMode } from "@mikro-orm/core";
import { Delivery } from "../schema/entities/delivery.ts";
import { PushToken } from "../schema/entities/push-token.ts";
import type { UserId } from "../schema/wire/ids.ts";
import type { RegisterPush } from "../schema/wire/people.ts";
import { addressKeyOf } from "./address-keys.ts";
import { breaksUnique } from "./constraint.ts";
import { noticing } from "./notices.ts";
import type { Caller, Chance, Clock, Database, DeliveryNews, Notices } from "./ports.ts";
import { Refusal } from "./refusal.ts";
import type { Secrets } from "./secrets.ts";

/** The provider's word for an app that was deleted, or a token that was replaced. */
export const NOT_REGISTERED = "DeviceNotRegistered";

/** More phones than anybody has; what is left behind of old ones gives way. */
const MOST_PHONES = 20;

const FORGOTTEN_AT_ONCE = 500;

/** Of sign-ins that live. */
const ofLiving = (now: number) => ({ session: { revokedAt: null, expiresAt: { $gt: new Date(now) } } });

export interface PushTokensDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: Pick<Chance, "newId">;
  readonly notices: Notices;
  readonly secrets: Pick<Secrets, "sign">;
}

export type PushTokens = ReturnType<typeof pushTokens>;

/** Which phones ring for whom. */
export function pushTokens(deps: PushTokensDeps) {
  const { database, clock, secrets } = deps;
  const tell = noticing(deps);

  const take = ({ userId, sessionId }: Caller, { token, platform, deviceId }: RegisterPush): Promise<void> =>
    database.transaction(async (em, afterCommit) => {
      // Whoever is at it is waited for, so that what they leave is seen by what follows.
      const known = await em.findOne(PushToken, { token }, { lockMode: LockMode.PESSIMISTIC_WRITE });
      await em.nativeDelete(PushToken, { token, $not: { userId, deviceId } });
      const others = { userId, deviceId: { $ne: deviceId } };
      const tooMany = await em.find(PushToken, others, { orderBy: { updatedAt: "desc" }, offset: MOST_PHONES - 1 });
      for (const old of tooMany) em.remove(old);
      await em.flush();
      const updatedAt = new Date(clock.now());
      await em.upsert(PushToken, { userId, deviceId, session: sessionId, token, platform, updatedAt });
      // An app tells its token at each start: mostly there is no news in it for anybody's room.
      const changed = known === null ? [userId] : known.userId === userId ? [] : [known.userId, userId];
      for (const one of changed) tell(em, afterCommit, { what: "person.changed", userId: one });
    });

  return {
    /** A token is one phone's: whoever has it now is the one it rings for. The same device again replaces its token. */
    register: (caller: Caller, phone: RegisterPush): Promise<void> =>
      take(caller, phone).catch((error) => {
        // Somebody else took it in this very moment: whoever comes last has it.
        if (breaksUnique(error, "push_tokens_token")) return take(caller, phone);
        throw error;
      }),

    /** Throws NOT_FOUND for a device of which none is known. */
    remove: ({ userId }: Caller, deviceId: string): Promise<void> =>
      database.transaction(async (em, afterCommit) => {
        const removed = await em.nativeDelete(PushToken, { userId, deviceId });
        if (removed === 0) throw new Refusal("NOT_FOUND", "This device does not ring");
        tell(em, afterCommit, { what: "person.changed", userId });
      }),

    /** A phone that the provider does not know any more does not ring any more. */
    async follow(em: EntityManager, news: DeliveryNews): Promise<void> {
      if (news.channel !== "push" || news.state !== "failed" || news.reason !== NOT_REGISTERED) return;
      const delivery = await em.findOne(Delivery, { id: news.deliveryId });
      if (!delivery?.userId) return;
      const own = await em.find(PushToken, { userId: delivery.userId });
      const dead = own.filter(({ token }) => addressKeyOf(secrets, "push", token) === delivery.addressKey);
      for (const token of dead) em.remove(token);
      await em.flush();
    },

    /** Forgets phones whose sign-in is over; to be called now and then. They were silent from its end on. */
    sweep: (): Promise<number> =>
      database.transaction(async (em) => {
        const over = { $or: [{ revokedAt: { $ne: null } }, { expiresAt: { $lte: new Date(clock.now()) } }] };
        const next = () => em.find(PushToken, { session: over }, { limit: FORGOTTEN_AT_ONCE });
        let forgotten = 0;
        for (let silent = await next(); silent.length > 0; silent = await next()) {
          for (const token of silent) em.remove(token);
          await em.flush();
          forgotten += silent.length;
        }
        return forgotten;
      }),
  };
}

/** Those that ring: of sign-ins that live. */
export const ringing = (em: EntityManager, userId: UserId, now: number): Promise<PushToken[]> =>
  em.find(PushToken, { userId, ...ofLiving(now) });
