import { z } from "zod";
import type { ShownStory, Stories } from "../../domain/stories.ts";
import { nextCursor } from "../../schema/wire/lists.ts";
import { ChangeStory, ListStories, OneStory, StoryView, WriteStory } from "../../schema/wire/stories.ts";
import { Answer, nothing, type Route, route } from "../route.ts";

export interface StoryRoutesDeps {
  readonly stories: Stories;
}

const reply = z.object({ story: StoryView });
const oneStory = z.object({ params: OneStory });

const shown = ({ story, etag }: ShownStory) => new Answer({ story }, { headers: { ETag: etag } });

/** What twins tell. Each has an ETag, and changes with If-Match are made on that state only. */
export const storyRoutes = ({ stories }: StoryRoutesDeps): readonly Route[] => [
  route(
    {
      method: "get",
      path: "/stories",
      summary: "One's own stories and those one's twin shows, the newest first; q finds words",
      asks: z.object({ query: ListStories }),
      reply: z.object({ stories: z.array(StoryView).readonly(), nextCursor }),
    },
    ({ caller, query }) => stories.list(caller, query),
  ),
  route(
    {
      method: "post",
      path: "/stories",
      summary: "Tell a story, with photos that were made ready for one",
      asks: z.object({ body: WriteStory }),
      reply,
      status: 201,
    },
    async ({ caller, body }) => shown(await stories.write(caller, body)),
  ),
  route(
    { method: "get", path: "/stories/:id", summary: "A story", asks: oneStory, reply },
    async ({ caller, params }) => shown(await stories.read(caller, params.id)),
  ),
  route(
    {
      method: "patch",
      path: "/stories/:id",
      summary: "Change some of one's own story; photos that are left out of the new list go",
      asks: z.object({ params: OneStory, body: ChangeStory }),
      reply,
    },
    async ({ caller, params, body, ifMatch }) => shown(await stories.change(caller, params.id, body, ifMatch)),
  ),
  route(
    {
      method: "delete",
      path: "/stories/:id",
      summary: "Take one's own story back, and its photos",
      asks: oneStory,
      reply: nothing,
    },
    async ({ caller, params, ifMatch }) => {
      await stories.remove(caller, params.id, ifMatch);
      return {};
    },
  ),
];
