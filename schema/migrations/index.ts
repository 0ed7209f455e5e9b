import type { Constructor } from "@mikro-orm/core";
import type { Migration } from "@mikro-orm/migrations";
import { M0001Accounts } from "./m0001-accounts.ts";
import { M0002Pairs } from "./m0002-pairs.ts";
import { M0003Rooms } from "./m0003-rooms.ts";
import { M0004Idempotency } from "./m0004-idempotency.ts";
import { M0005Notices } from "./m0005-notices.ts";

/** In the order they are applied. A name that was released never changes: databases remember it. */
export const migrations: readonly { readonly name: string; readonly class: Constructor<Migration> }[] = [
  { name: "m0001-accounts", class: M0001Accounts },
  { name: "m0002-pairs", class: M0002Pairs },
  { name: "m0003-rooms", class: M0003Rooms },
  { name: "m0004-idempotency", class: M0004Idempotency },
  { name: "m0005-notices", class: M0005Notices },
];
