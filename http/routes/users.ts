import { z } from "zod";
import type { Profiles, ShownProfile, ShownSettings } from "../../domain/profiles.ts";
import type { PushTokens } from "../../domain/push-tokens.ts";
import {
  ChangeProfile,
  ChangeSettings,
  DeviceId,
  ProfileView,
  RegisterPush,
  ReplaceProfile,
  Settings,
} from "../../schema/wire/people.ts";
import { Answer, nothing, type Route, route } from "../route.ts";

const profile = { path: "/users/profile", reply: z.object({ profile: ProfileView }) } as const;
const settings = { path: "/users/settings", reply: z.object({ settings: Settings }) } as const;

const withTag = <Reply>(reply: Reply, ETag: string) => new Answer(reply, { headers: { ETag } });
const shownProfile = ({ profile, etag }: ShownProfile) => withTag({ profile }, etag);
const shownSettings = ({ settings, etag }: ShownSettings) => withTag({ settings }, etag);

export type RingingDevices = Pick<PushTokens, "register" | "remove">;

/** Which of one's phones ring. */
export const pushTokenRoutes = (pushTokens: RingingDevices): readonly Route[] => [
  route(
    {
      method: "put",
      path: "/users/push-tokens",
      summary: "This device rings from now on; again it replaces its token",
      asks: z.object({ body: RegisterPush }),
      reply: nothing,
    },
    async ({ caller, body }) => {
      await pushTokens.register(caller, body);
      return {};
    },
  ),
  route(
    {
      method: "delete",
      path: "/users/push-tokens/:deviceId",
      summary: "This device rings no more",
      asks: z.object({ params: z.object({ deviceId: DeviceId }) }),
      reply: nothing,
    },
    async ({ caller, params }) => {
      await pushTokens.remove(caller, params.deviceId);
      return {};
    },
  ),
];

/** One's own profile and settings. Each has an ETag, and changes with If-Match are made on that state only. */
export const userRoutes = (profiles: Profiles): readonly Route[] => [
  route({ ...profile, method: "get", summary: "One's own profile", asks: nothing }, async ({ caller }) =>
    shownProfile(await profiles.read(caller)),
  ),
  route(
    {
      ...profile,
      method: "put",
      summary: "Replace one's profile; what is left out falls back to its first value",
      asks: z.object({ body: ReplaceProfile }),
    },
    async ({ caller, body, ifMatch }) => shownProfile(await profiles.replace(caller, body, ifMatch)),
  ),
  route(
    {
      ...profile,
      method: "patch",
      summary: "Change some of one's profile",
      asks: z.object({ body: ChangeProfile }),
    },
    async ({ caller, body, ifMatch }) => shownProfile(await profiles.change(caller, body, ifMatch)),
  ),
  route({ ...settings, method: "get", summary: "One's own settings", asks: nothing }, async ({ caller }) =>
    shownSettings(await profiles.settings(caller)),
  ),
  route(
    {
      ...settings,
      method: "put",
      summary: "Change one's settings; what is left out stays as it is",
      asks: z.object({ body: ChangeSettings }),
    },
    async ({ caller, body, ifMatch }) => shownSettings(await profiles.changeSettings(caller, body, ifMatch)),
  ),
];
