import type { UserView } from "../schema/wire/accounts.ts";
import { type ProfileView, Settings, type TwinView } from "../schema/wire/people.ts";
import { ageOn, dayOf, zodiacSign } from "./birthdays.ts";
import type { Person } from "./person-look.ts";

/** What the person said, and for the rest what holds until they do. */
export const settingsOf = (user: Person): Settings => Settings.parse(user.settings);

/** A person, to themselves. `now` in milliseconds since 1970; who is connected is for the rooms to know. */
export function profileView(user: Person, now: number, isConnected = false): ProfileView {
  const { birthDate, lastSeenAt, createdAt, updatedAt } = user;
  return {
    id: user.id,
    name: user.name,
    age: birthDate === null ? null : ageOn(dayOf(now), birthDate),
    gender: user.gender,
    sexualOrientation: user.sexualOrientation,
    showSexualOrientation: user.showSexualOrientation,
    twinType: user.twinType,
    otherTwinTypeDescription: user.otherTwinTypeDescription,
    twinDeceased: user.twinDeceased,
    birthDate,
    zodiacSign: birthDate === null ? null : zodiacSign(birthDate),
    placeOfBirth: user.placeOfBirth,
    timeOfBirth: user.timeOfBirth,
    profilePicture: user.profilePicture,
    accentColor: user.accentColor,
    timezone: user.timezone,
    isConnected,
    lastSeen: lastSeenAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

export function userView(user: Person, now: number, isConnected = false): UserView {
  const { email, emailVerified, name } = user;
  return { ...profileView(user, now, isConnected), email, emailVerified, displayName: name };
}

/** What a profile that is not visible keeps to itself: everything that one does not need to know whom one talks to. */
const HIDDEN = {
  age: null,
  gender: null,
  sexualOrientation: null,
  birthDate: null,
  zodiacSign: null,
  placeOfBirth: null,
  timeOfBirth: null,
  timezone: null,
} as const;

/**
 * A person, to their twin: the one place that decides what a twin sees. Neither address nor, unless shown, orientation;
 * and no time that would tell when somebody was there who does not want it known, so none of a change either.
 */
export function twinView(user: Person, now: number, isConnected = false): TwinView {
  const { privacy } = settingsOf(user);
  const {
    showSexualOrientation,
    updatedAt: _,
    sexualOrientation,
    lastSeen,
    ...shown
  } = profileView(user, now, isConnected);
  return {
    ...shown,
    sexualOrientation: showSexualOrientation ? sexualOrientation : null,
    ...(privacy.profileVisible ? {} : HIDDEN),
    lastSeen: privacy.showLastSeen ? lastSeen : null,
  };
}
