import type { AuthContext, Client } from "@colyseus/core";
import type { Authenticate } from "../domain/ports.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Seated } from "./device.ts";

/** Once it sits, `userData` is its room. */
export type SeatedClient = Client<{ auth: Seated; userData: object }>;

/**
 * Who sits down, asked on the socket itself: a seat is taken by the token of the person it was given to, not by whoever
 * saw its number. Throws FORBIDDEN, or what the token is refused with.
 */
export async function seatedBy(
  authenticate: Authenticate,
  { auth }: SeatedClient,
  { token }: AuthContext,
): Promise<Seated> {
  const { userId, sessionId: sid, expiresAt } = await authenticate(token);
  if (auth?.userId !== userId) throw new Refusal("FORBIDDEN", "This is not your seat");
  return { userId, sid, expiresAt, deviceId: auth.deviceId, deviceName: auth.deviceName };
}
