import type { Pool } from "pg";
import type { MediaStore } from "../domain/media-store.ts";
import { moderation } from "../domain/moderation.ts";
import type { Chance, Clock, Database } from "../domain/ports.ts";
import { reportedMedia } from "../domain/reported-media.ts";
import type { Secrets } from "../domain/secrets.ts";
import { staffAudit } from "../domain/staff-audit.ts";
import { staffDeliveries } from "../domain/staff-deliveries.ts";
import { type JobDesk, type StaffOperationsDeps, staffOperations } from "../domain/staff-operations.ts";
import { staffPeople } from "../domain/staff-people.ts";
import type { RoomHealth } from "../rooms/neighbours.ts";
import type { RoomCase } from "../schema/wire/staff-operations.ts";
import { databaseClaims } from "./adapters/database/claims.ts";
import { roomRow } from "./adapters/database/room-rows.ts";
import type { Rooms } from "./rooms.ts";
import type { UseCases } from "./use-cases.ts";

export interface StaffUseCasesDeps {
  readonly database: Database;
  readonly pool: Pool;
  readonly clock: Clock;
  readonly chance: Pick<Chance, "newId">;
  readonly secrets: Secrets;
  readonly rooms: Pick<Rooms, "door" | "seats">;
  readonly desk: JobDesk;
  readonly store: Pick<MediaStore, "read" | "sizeOf">;
  readonly useCases: UseCases;
}

/** What those who work here can do; only where there are rooms, for it reaches into them. */
export function createStaffUseCases({ useCases, rooms, pool, ...given }: StaffUseCasesDeps) {
  const deps = { ...given, ...useCases, outbox: useCases.deliveries, door: rooms.door };
  return {
    moderation: moderation(deps),
    reportedMedia: reportedMedia(deps),
    staffPeople: staffPeople(deps),
    staffDeliveries: staffDeliveries(deps),
    staffOperations: staffOperations({ ...deps, roomOf: roomLook(pool, rooms.seats) }),
    staffAudit: staffAudit(deps),
  };
}

/** A room that is not open may have gone wrong all the same. An older version tells neither whether it is open nor how it went. */
function shownOf(health: RoomHealth | undefined): Pick<RoomCase, "live" | "lastError"> {
  const { isOpen = true, devices, queue, lastError } = health ?? { isOpen: false, devices: 0, queue: 0 };
  return {
    live: isOpen ? { devices, queue } : null,
    lastError: lastError ? { ...lastError, at: new Date(lastError.at).toISOString() } : null,
  };
}

/** The row says where it is; whoever runs it, how it does. */
function roomLook(pool: Pool, seats: Rooms["seats"]): StaffOperationsDeps["roomOf"] {
  const claims = databaseClaims(pool);
  return async (pairId) => {
    const row = await roomRow(pool, pairId);
    if (!row) return undefined;
    const { owner = null } = (await claims.look(pairId)) ?? {};
    const health = await seats.inspect(pairId, owner);
    return { ...row, ...shownOf(health) };
  };
}
