import { z } from "zod";
import type { StaffAudit } from "../../domain/staff-audit.ts";
import type { StaffDeliveries } from "../../domain/staff-deliveries.ts";
import type { StaffOperations } from "../../domain/staff-operations.ts";
import { PairId } from "../../schema/wire/ids.ts";
import {
  AskFigures,
  AuditPage,
  DeliveriesReport,
  JobId,
  JobPage,
  ListAudit,
  ListJobs,
  RoomFound,
  SuppressedAddress,
} from "../../schema/wire/staff-operations.ts";
import { SuppressionsFound } from "../../schema/wire/staff-people.ts";
import { nothing, type Route, staffRoute } from "../route.ts";

export interface DeskRoutesDeps {
  readonly staffDeliveries: StaffDeliveries;
  readonly staffOperations: StaffOperations;
  readonly staffAudit: StaffAudit;
}

/** How the product is doing, and what those who work here did. */
export const deskRoutes = (deps: DeskRoutesDeps): readonly Route[] => [
  ...deliveryRoutes(deps),
  ...operationRoutes(deps),
  staffRoute(
    {
      method: "get",
      path: "/staff/audit",
      summary: "Who of ours looked at whom, did what, and why, the newest first",
      asks: z.object({ query: ListAudit }),
      reply: AuditPage,
    },
    async ({ caller, query }) => {
      const { items: entries, nextCursor } = await deps.staffAudit.list(caller, query);
      return { entries, nextCursor };
    },
  ),
];

const Address = z.object({ params: z.object({ address: SuppressedAddress }) });

const deliveryRoutes = ({ staffDeliveries }: DeskRoutesDeps): readonly Route[] => [
  staffRoute(
    {
      method: "get",
      path: "/staff/deliveries",
      summary: "What became of what was sent: by template and channel, and day by day",
      asks: z.object({ query: AskFigures }),
      reply: DeliveriesReport,
    },
    ({ caller, query }) => staffDeliveries.report(caller, query.days),
  ),
  staffRoute(
    {
      method: "get",
      path: "/staff/suppressions/:address",
      summary: "Why an address or number gets nothing of us, or less",
      asks: Address,
      reply: SuppressionsFound,
    },
    async ({ caller, params }) => ({ suppressions: await staffDeliveries.suppressions(caller, params.address) }),
  ),
  staffRoute(
    {
      method: "delete",
      path: "/staff/suppressions/:address",
      summary: "Write to an address or number again",
      asks: Address,
      reply: nothing,
    },
    async ({ caller, params }) => {
      await staffDeliveries.lift(caller, params.address);
      return {};
    },
  ),
];

const operationRoutes = ({ staffOperations }: DeskRoutesDeps): readonly Route[] => [
  staffRoute(
    {
      method: "get",
      path: "/staff/jobs",
      summary: "Jobs of a state, the newest first, and how many there are of each",
      asks: z.object({ query: ListJobs }),
      reply: JobPage,
    },
    async ({ caller, query }) => {
      const { items: jobs, counts, nextCursor } = await staffOperations.jobs(caller, query);
      return { jobs, counts, nextCursor };
    },
  ),
  staffRoute(
    {
      method: "post",
      path: "/staff/jobs/:id/retry",
      summary: "Try a dead job again",
      asks: z.object({ params: z.object({ id: JobId }) }),
      reply: nothing,
      status: 202,
    },
    async ({ caller, params }) => {
      await staffOperations.retry(caller, params.id);
      return {};
    },
  ),
  staffRoute(
    {
      method: "get",
      path: "/staff/rooms/:pairId",
      summary: "Where a pair's room is, and how it stands",
      asks: z.object({ params: z.object({ pairId: PairId }) }),
      reply: RoomFound,
    },
    async ({ caller, params }) => ({ room: await staffOperations.room(caller, params.pairId) }),
  ),
];
