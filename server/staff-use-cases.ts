import { type ModerationDeps, moderation } from "../domain/moderation.ts";
import type { UseCases } from "./use-cases.ts";

export interface StaffUseCasesDeps extends Omit<ModerationDeps, "outbox" | "suspensions"> {
  readonly useCases: UseCases;
}

/** What those who work here can do; only where there are rooms, for it reaches into them. */
export function createStaffUseCases({ useCases, ...given }: StaffUseCasesDeps) {
  const deps = { ...given, ...useCases, outbox: useCases.deliveries };
  return { moderation: moderation(deps) };
}
