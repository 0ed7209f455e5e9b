import { type Request, type Response, Router } from "express";
import { z } from "zod";
import type { MediaDesk } from "../../domain/media.ts";
import { parse, Refusal } from "../../domain/refusal.ts";
import { AnnounceMedia, MediaView, OneMedia, UploadView } from "../../schema/wire/media.ts";
import type { Admit } from "../admission.ts";
import { notStored } from "../middleware.ts";
import { countedAs } from "../observe.ts";
import { sendParted } from "../parts.ts";
import { Answer, type Route, route } from "../route.ts";
import { notAllowed } from "../serve.ts";

export interface MediaRoutesDeps {
  readonly media: MediaDesk;
}

const oneMedia = z.object({ params: OneMedia });

/** Pictures and recordings: announced, sent to where they are kept, completed, and looked at. */
export const mediaRoutes = ({ media }: MediaRoutesDeps): readonly Route[] => [
  route(
    {
      method: "post",
      path: "/media",
      summary: "Announce a picture or a recording; it is sent to where the answer says, and then completed",
      asks: z.object({ body: AnnounceMedia }),
      reply: z.object({ media: MediaView, upload: UploadView }),
      status: 201,
    },
    ({ caller, body }) => media.announce(caller, body),
  ),
  route(
    {
      method: "post",
      path: "/media/:id/complete",
      summary: "It was sent: answers when it was checked, or with 202 when that takes longer",
      asks: oneMedia,
      reply: z.object({ media: MediaView }),
      // Asked again it answers with what is so by then, and that is what one asks for.
      repeats: "none",
    },
    async ({ caller, params }) => checked(await media.complete(caller, params.id)),
  ),
  route(
    {
      method: "get",
      path: "/media/:id",
      summary: "What it is, with links that are good for some minutes",
      asks: oneMedia,
      reply: z.object({ media: MediaView }),
    },
    async ({ caller, params }) => ({ media: await media.look(caller, params.id) }),
  ),
];

const checked = (view: z.infer<typeof MediaView>) =>
  new Answer({ media: view }, { status: view.status === "checking" ? 202 : 200 });

export interface ContentDeps extends MediaRoutesDeps {
  readonly admit: Admit;
}

/** Below /api/v1: what lies behind a media, for who shows a token instead of a link. */
export function contentRoutes({ media, admit }: ContentDeps): Router {
  const get = async (request: Request, response: Response) => {
    const caller = await admit("required", request, response);
    if (!caller) throw new Refusal("AUTH_REQUIRED", "Sign in first");
    const { id } = parse(OneMedia, request.params);
    const { variant } = request.query;
    const file = await media.open(caller, id, typeof variant === "string" ? variant : undefined);
    const headers = {
      "Content-Type": file.contentType,
      "Content-Disposition": `inline; filename="${file.fileName}"`,
      "X-Content-Type-Options": "nosniff",
      // Whose it is is asked again after five minutes; what it is never changes.
      "Cache-Control": "private, max-age=300, immutable",
      Vary: "Authorization, Origin",
    };
    await sendParted(file, headers, request, response);
  };
  const path = "/media/:id/content";
  return Router({ caseSensitive: true })
    .use(path, notStored, countedAs(`/api/v1${path}`))
    .get(path, get)
    .all(path, notAllowed(["GET"]));
}
