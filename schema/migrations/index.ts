import type { Constructor } from "@mikro-orm/core";
import type { Migration } from "@mikro-orm/migrations";

/** In the order they are applied. A name that was released never changes: databases remember it. */
export const migrations: readonly { readonly name: string; readonly class: Constructor<Migration> }[] = [];
