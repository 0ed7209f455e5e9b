import type { EntityManager } from "@mikro-orm/core";
import { SignIn } from "../schema/entities/sign-in.ts";
import type { User } from "../schema/entities/user.ts";
import type { SignInView } from "../schema/wire/accounts.ts";
import type { Listed } from "../schema/wire/lists.ts";
import type { From } from "./accounts.ts";
import { cursors, type Page } from "./cursors.ts";
import { sweepLinks } from "./one-time-links.ts";
import type { Caller, Chance, Clock, Database, Outbox } from "./ports.ts";
import type { Secrets } from "./secrets.ts";
import type { DeviceNames } from "./sessions.ts";

/** A device that was not seen for longer than that is new again. */
const KEPT_MS = 90 * 86_400_000;

export interface SignInsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: Pick<Chance, "newId">;
  readonly outbox: Outbox;
  readonly secrets: Pick<Secrets, "sign" | "isSigned">;
}

export type SignIns = ReturnType<typeof signIns>;

/** Where and when somebody signed in, for them to look at; and a word to them when it was somewhere new. */
export function signIns({ database, clock, chance, outbox, secrets }: SignInsDeps) {
  const pages = cursors(secrets);

  /** The same device by its own id; one that gives none, by its name and the network it comes from. */
  const isKnown = async (em: EntityManager, user: User, { deviceId, deviceName }: DeviceNames, network: string) => {
    const since = { userId: user.id, at: { $gte: new Date(clock.now() - KEPT_MS) } };
    const same = deviceId === null ? { deviceId, deviceName, network } : { deviceId };
    return (await em.findOne(SignIn, { ...since, ...same }, { fields: ["id"] })) !== null;
  };

  return {
    /** Part of signing in, under the lock of their row. Signing up is no news to who does it. */
    async note(em: EntityManager, user: User, device: DeviceNames, { ip }: From, isFirst: boolean): Promise<void> {
      const network = networkOf(ip);
      const isNew = !isFirst && !(await isKnown(em, user, device, network));
      const now = clock.now();
      const at = new Date(now);
      const { deviceId, deviceName } = device;
      em.create(SignIn, { id: chance.newId(now), userId: user.id, at, deviceId, deviceName, network, isNew });
      if (!isNew) return;
      const { name, email: to, id: userId } = user;
      const letter = { template: "new_sign_in", name, deviceName, ip: network, at: at.toISOString() } as const;
      await outbox.send(em, { channel: "email", to, letter }, { userId });
    },

    /** The last one first. */
    list: ({ userId }: Caller, query: Listed): Promise<Page<SignInView>> =>
      pages.page({ list: "sign-ins", userId }, query, {
        find: (limit, after) =>
          database.read(async (em) => {
            const where = { userId, ...(after === undefined ? {} : { id: { $lt: after } }) };
            return (await em.find(SignIn, where, { orderBy: { id: "desc" }, limit })).map(viewOf);
          }),
        placeOf: ({ id }) => id,
      }),

    /** Forgets what nobody looks at any more, and links that are over. */
    sweep: (): Promise<number> =>
      database.transaction(async (em) => {
        await sweepLinks(em, clock.now());
        return em.nativeDelete(SignIn, { at: { $lt: new Date(clock.now() - KEPT_MS) } });
      }),
  };
}

function viewOf({ id, at, deviceId, deviceName, network, isNew }: SignIn): SignInView {
  return { id, at: at.toISOString(), deviceId, deviceName, network, isNew };
}

/** Tells a person enough to know their own town's provider, and keeps no address of a house. */
export function networkOf(ip: string): string {
  const v4 = /^(\d+\.\d+\.\d+)\.\d+$/.exec(ip)?.[1];
  if (v4) return `${v4}.0/24`;
  if (!ip.includes(":")) return "unknown";
  const [start = ""] = ip.split("::");
  return `${start.split(":").slice(0, 3).join(":")}::/48`;
}
