import { z } from "zod";
import type { Blocks } from "../../domain/blocks.ts";
import type { Reports } from "../../domain/reports.ts";
import { UserId } from "../../schema/wire/ids.ts";
import { BlockPerson, BlockView, FileReport, ReportView } from "../../schema/wire/twins.ts";
import { nothing, type Route, route } from "../route.ts";

export interface SafetyDeps {
  readonly blocks: Blocks;
  readonly reports: Pick<Reports, "file">;
}

/** Keeping away from somebody, and telling the people behind the product of them. */
export const safetyRoutes = ({ blocks, reports }: SafetyDeps): readonly Route[] => [
  route(
    {
      method: "post",
      path: "/twins/block",
      summary: "Block one's twin, or an earlier one: the pair ends, and cannot begin again until unblocked",
      asks: z.object({ body: BlockPerson }),
      reply: z.object({ message: z.string() }),
    },
    async ({ caller, body }) => {
      await blocks.block(caller, body.userId);
      return { message: "They are blocked" };
    },
  ),
  route(
    {
      method: "get",
      path: "/twins/blocks",
      summary: "Whom one has blocked, the last one first",
      asks: nothing,
      reply: z.object({ blocks: z.array(BlockView).readonly() }),
    },
    async ({ caller }) => ({ blocks: await blocks.list(caller) }),
  ),
  route(
    {
      method: "delete",
      path: "/twins/blocks/:userId",
      summary: "Unblock; nothing comes back by itself",
      asks: z.object({ params: z.object({ userId: UserId }) }),
      reply: nothing,
    },
    async ({ caller, params }) => {
      await blocks.unblock(caller, params.userId);
      return {};
    },
  ),
  route(
    {
      method: "post",
      path: "/twins/report",
      summary: "Report one's twin, with messages as they are; people look at it within a day",
      asks: z.object({ body: FileReport }),
      reply: z.object({ report: ReportView }),
      status: 201,
    },
    async ({ caller, body }) => ({ report: await reports.file(caller, body) }),
  ),
];
