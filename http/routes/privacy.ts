import { z } from "zod";
import type { Deletion } from "../../domain/deletion.ts";
import type { Exports } from "../../domain/exports.ts";
import { DeleteAccount, ExportAsked, ExportId, ExportView, Leaving } from "../../schema/wire/privacy.ts";
import { nothing, type Route, route } from "../route.ts";

export interface PrivacyDeps {
  readonly exports: Pick<Exports, "ask" | "look">;
  readonly deletion: Pick<Deletion, "ask">;
}

/** What the law, and good manners, owe everybody: to have what we know of them, and to be gone. */
export const privacyRoutes = ({ exports, deletion }: PrivacyDeps): readonly Route[] => [
  route(
    {
      method: "post",
      path: "/users/export",
      summary: "Ask for a copy of all we have of oneself; while one is being made, it is that one",
      asks: nothing,
      reply: z.object({ export: ExportAsked }),
      status: 202,
    },
    async ({ caller }) => ({ export: await exports.ask(caller) }),
  ),
  route(
    {
      method: "get",
      path: "/users/export/:id",
      summary: "What became of it; once it is ready, with a link for one download, made anew each time",
      asks: z.object({ params: z.object({ id: ExportId }) }),
      reply: z.object({ export: ExportView }),
    },
    async ({ caller, params }) => ({ export: await exports.look(caller, params.id) }),
  ),
  route(
    {
      method: "delete",
      path: "/users/me",
      summary: "Delete one's account; for 14 days it comes back by signing in",
      asks: z.object({ body: DeleteAccount }),
      reply: Leaving,
      // A password is no part of what is kept, and whoever asks again is signed out by then.
      repeats: "none",
    },
    ({ caller, body, ip }) => deletion.ask(caller, body, { ip }),
  ),
];
