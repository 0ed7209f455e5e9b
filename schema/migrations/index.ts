import type { Constructor } from "@mikro-orm/core";
import type { Migration } from "@mikro-orm/migrations";
import { M0001Accounts } from "./m0001-accounts.ts";
import { M0003Rooms } from "./m0003-rooms.ts";

/** In the order they are applied. A name that was released never changes: databases remember it. */
export const migrations: readonly { readonly name: string; readonly class: Constructor<Migration> }[] = [
  { name: "m0001-accounts", class: M0001Accounts },
  { name: "m0003-rooms", class: M0003Rooms },
];
