import { Suppression } from "../schema/entities/suppression.ts";
import { User } from "../schema/entities/user.ts";
import { emailKey } from "../schema/wire/email.ts";
import type { Channel } from "../schema/wire/letters.ts";
import { PhoneNumber } from "../schema/wire/phone.ts";
import type { DeliveriesReport } from "../schema/wire/staff-operations.ts";
import type { SuppressionView } from "../schema/wire/staff-people.ts";
import { findByKey } from "./accounts.ts";
import { addressKeysOf } from "./address-keys.ts";
import { type Audited, auditing } from "./audit.ts";
import { deliveryDays, deliveryFigures } from "./delivery-figures.ts";
import { suppressionView } from "./person-cases.ts";
import type { Chance, Clock, Database } from "./ports.ts";
import { Refusal } from "./refusal.ts";
import type { Secrets } from "./secrets.ts";
import { roleFor, type StaffCaller } from "./staff-permissions.ts";
import { lift } from "./suppressions.ts";

const DAY_MS = 86_400_000;

export interface StaffDeliveriesDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: Pick<Chance, "newId">;
  readonly secrets: Pick<Secrets, "signatures">;
}

export type StaffDeliveries = ReturnType<typeof staffDeliveries>;

type Em = Parameters<Parameters<Database["read"]>[0]>[0];

/** What becomes of what we send, and who gets nothing of it. */
export function staffDeliveries(deps: StaffDeliveriesDeps) {
  const { database, clock, secrets } = deps;
  const note = auditing(deps);

  /** Whoever has the address may know that it was looked up. */
  async function noteAbout(em: Em, caller: StaffCaller, action: Audited["action"], address: string): Promise<void> {
    const role = roleFor(caller, "suppressions");
    const key = emailKey(address);
    const user = key === undefined ? await em.findOne(User, { phone: address }) : await findByKey(em, key);
    note(em, { action, subject: user?.id ?? null, actor: caller.userId, role, reason: "why nothing arrives" });
  }

  const noted = (em: Em, { channel, addressKeys }: AddressKeys): Promise<Suppression[]> =>
    em.find(Suppression, { channel, addressKey: { $in: [...addressKeys] } }, { orderBy: { at: "desc" } });

  return {
    /** Of the last so many days. Throws FORBIDDEN. */
    async report(caller: StaffCaller, days: number): Promise<DeliveriesReport> {
      roleFor(caller, "deliveries");
      const since = clock.now() - days * DAY_MS;
      const [deliveries, perDay] = [await deliveryFigures(database, since), await deliveryDays(database, since)];
      return { deliveries, perDay };
    },

    /** Why an address gets nothing, or less; nothing if it gets everything. */
    async suppressions(caller: StaffCaller, address: string): Promise<readonly SuppressionView[]> {
      roleFor(caller, "suppressions");
      const of = keysOf(secrets, address);
      return database.transaction(async (em) => {
        await noteAbout(em, caller, "staff.suppression_read", address);
        return (await noted(em, of)).map(suppressionView);
      });
    },

    /** It is written to again. Throws NOT_FOUND if it was all along. */
    async lift(caller: StaffCaller, address: string): Promise<void> {
      roleFor(caller, "suppressions");
      const of = keysOf(secrets, address);
      await database.transaction(async (em) => {
        const standing = (await noted(em, of)).map(suppressionView).filter(({ liftedAt }) => liftedAt === null);
        if (standing.length === 0) throw new Refusal("NOT_FOUND", "Nothing is held back from this address");
        await lift(em, of, clock.now());
        await noteAbout(em, caller, "staff.suppression_lifted", address);
      });
    },
  };
}

interface AddressKeys {
  readonly channel: Channel;
  readonly addressKeys: readonly string[];
}

function keysOf(secrets: Pick<Secrets, "signatures">, address: string): AddressKeys {
  const channel = emailKey(address) === undefined ? "sms" : "email";
  if (channel === "sms" && !PhoneNumber.safeParse(address).success) {
    const message = "must be an e-mail address, or a number with its country's code";
    throw new Refusal("VALIDATION_ERROR", `address: ${message}`, { details: [{ path: "address", message }] });
  }
  return { channel, addressKeys: addressKeysOf(secrets, channel, address) };
}
