import { emailKey } from "../schema/wire/email.ts";
import type { Channel } from "../schema/wire/letters.ts";
import type { Secrets } from "./secrets.ts";

/** Stands for an address where it need not be readable: the same for every spelling of it. */
export const addressKeyOf = ({ sign }: Pick<Secrets, "sign">, channel: Channel, address: string): string =>
  sign("address", spelt(channel, address));

/** All that it may stand under, for what was written down before the secret was changed; today's comes first. */
export const addressKeysOf = (
  { signatures }: Pick<Secrets, "signatures">,
  channel: Channel,
  address: string,
): readonly string[] => signatures("address", spelt(channel, address));

function spelt(channel: Channel, address: string): string {
  const key = channel === "email" ? (emailKey(address) ?? address) : address;
  return `${channel}:${key}`;
}
