import { type EntityManager, LockMode } from "@mikro-orm/core";
import { User } from "../schema/entities/user.ts";
import type { UserId } from "../schema/wire/ids.ts";
import {
  type ChangeProfile,
  type ChangeSettings,
  type Profile,
  type ProfileView,
  type Settings,
  settingsIn,
} from "../schema/wire/people.ts";
import { ageOn, dayOf } from "./birthdays.ts";
import { changePicture } from "./media-uses.ts";
import { noticing } from "./notices.ts";
import { lookAtPerson, type Person } from "./person-look.ts";
import type { Caller, Chance, Clock, Database, Notices } from "./ports.ts";
import { profileView } from "./profile-views.ts";
import { Refusal } from "./refusal.ts";

const YOUNGEST = 13;

export interface ProfilesDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: Pick<Chance, "newId">;
  readonly notices: Notices;
  /** Whether somebody is in a room right now, as far as we can see. */
  readonly isConnected?: (userId: UserId) => boolean;
  /** Of who has not set one. */
  readonly usualWindowSeconds?: number | undefined;
}

/** `etag` names the state of what is shown; a change may ask to be made on that state only. */
export interface ShownProfile {
  readonly profile: ProfileView;
  readonly etag: string;
}

export interface ShownSettings {
  readonly settings: Settings;
  readonly etag: string;
}

export type Profiles = ReturnType<typeof profiles>;

/** What people say about themselves, and how they want things. */
export function profiles({ database, clock, chance, notices, isConnected = () => false, ...usual }: ProfilesDeps) {
  const settingsOf = ({ settings }: Person): Settings => settingsIn(settings, usual.usualWindowSeconds);
  const showSettings = (user: Person): ShownSettings => ({ settings: settingsOf(user), etag: settingsTag(user) });
  const tell = noticing({ clock, chance, notices });
  const show = (user: Person): ShownProfile => ({
    profile: profileView(user, clock.now(), isConnected(user.id)),
    etag: profileTag(user),
  });

  /** Writes to the caller's own row, one change after the other. */
  function write<T>({ userId }: Caller, work: (user: User) => T): Promise<T> {
    return database.transaction(async (em, afterCommit) => {
      const user = await findPerson(em, userId, LockMode.PESSIMISTIC_WRITE);
      const at = new Date(clock.now());
      const { profilePicture: from } = user;
      user.updatedAt = at;
      const written = work(user);
      await changePicture(em, userId, { from, to: user.profilePicture, at });
      tell(em, afterCommit, { what: "person.changed", userId });
      await em.flush();
      return written;
    });
  }

  function writeProfile(caller: Caller, change: ChangeProfile, ifMatch: string | undefined): Promise<ShownProfile> {
    return write(caller, (user) => {
      demand(ifMatch, profileTag(user));
      Object.assign(user, change);
      refuseImpossible(user, clock.now());
      if (user.twinType !== "other") user.otherTwinTypeDescription = null;
      user.profileVersion++;
      return show(user);
    });
  }

  return {
    read: ({ userId }: Caller): Promise<ShownProfile> =>
      database.read(async (em) => show(await lookAtPerson(em, userId))),

    /** Only what is given changes. `ifMatch` is the header as it came. */
    change: (caller: Caller, change: ChangeProfile, ifMatch?: string) => writeProfile(caller, change, ifMatch),

    /** All of it; what was left out has its first value again. */
    replace: (caller: Caller, profile: Profile, ifMatch?: string) => writeProfile(caller, profile, ifMatch),

    settings: ({ userId }: Caller): Promise<ShownSettings> =>
      database.read(async (em) => showSettings(await lookAtPerson(em, userId))),

    /** What is left out stays as it is. */
    changeSettings: (caller: Caller, change: ChangeSettings, ifMatch?: string): Promise<ShownSettings> =>
      write(caller, (user) => {
        demand(ifMatch, settingsTag(user));
        user.settings = merged(settingsOf(user), change);
        user.settingsVersion++;
        return showSettings(user);
      }),
  };
}

const profileTag = ({ profileVersion }: Person): string => `"p-${profileVersion}"`;
const settingsTag = ({ settingsVersion }: Person): string => `"s-${settingsVersion}"`;

/** Whoever holds a token is somebody; if the row is gone since, so is the session. */
export async function findPerson(em: EntityManager, id: UserId, lockMode = LockMode.NONE): Promise<User> {
  const user = await em.findOne(User, { id }, { lockMode, refresh: true });
  if (!user) throw new Refusal("AUTH_TOKEN_REVOKED", "This account is gone");
  return user;
}

/** A proxy that compresses marks a tag as weak on its way; it still names the state it was made for. */
export function demand(ifMatch: string | undefined, etag: string): void {
  if (ifMatch === undefined) return;
  const tags = ifMatch.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  if (tags.includes("*") || tags.includes(etag)) return;
  throw new Refusal("PRECONDITION_FAILED", "It was changed meanwhile: read it again");
}

/** What no schema can know: today, and what fields mean together. */
export function refuseImpossible(
  profile: Pick<Profile, "birthDate" | "twinType" | "otherTwinTypeDescription">,
  now: number,
): void {
  const { birthDate, twinType, otherTwinTypeDescription } = profile;
  const today = dayOf(now);
  if (birthDate !== null && birthDate > today) throw wrong("birthDate", "must not lie in the future");
  if (birthDate !== null && ageOn(today, birthDate) < YOUNGEST)
    throw wrong("birthDate", `must be at least ${YOUNGEST} years ago`);
  if (twinType === "other" && otherTwinTypeDescription === null)
    throw wrong("otherTwinTypeDescription", "is required with other");
}

const wrong = (path: string, message: string): Refusal =>
  new Refusal("VALIDATION_ERROR", `${path}: ${message}`, { details: [{ path, message }] });

function merged(
  settings: Settings,
  { pushNotifications, privacy, quietHours, twintuition, ...top }: ChangeSettings,
): object {
  return {
    ...settings,
    ...top,
    pushNotifications: { ...settings.pushNotifications, ...pushNotifications },
    privacy: { ...settings.privacy, ...privacy },
    quietHours: { ...settings.quietHours, ...quietHours },
    twintuition: { ...settings.twintuition, ...twintuition },
  };
}
