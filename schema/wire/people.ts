import { z } from "zod";
import { MediaId, UserId } from "./ids.ts";
import { storable, writtenLine } from "./text.ts";

export const TwinType = z.enum(["identical", "fraternal", "other"]);
export type TwinType = z.infer<typeof TwinType>;

export const AccentColor = z.enum([
  "neon-pink",
  "neon-blue",
  "neon-green",
  "neon-yellow",
  "neon-purple",
  "neon-orange",
  "neon-cyan",
  "neon-red",
]);
export type AccentColor = z.infer<typeof AccentColor>;

/** Nobody alive was born before; it also keeps dates within what every database can hold. */
const FIRST_BIRTH_DATE = "1900-01-01";

/** A day of the calendar. That it lies in the past is for the domain to say, which knows the time. */
export const BirthDate = z.iso
  .date("must be a date like 1990-08-23")
  .refine((day) => day >= FIRST_BIRTH_DATE, `must be ${FIRST_BIRTH_DATE} or later`);

const TIME_24 = /^(?:[01]?\d|2[0-3]):[0-5]\d$/;
const TIME_12 = /^(?:0?[1-9]|1[0-2]):[0-5]\d ?[AP]M$/;

/** As a clock shows it: "14:30" or "3:45 PM". Phones put narrow spaces before the PM, which become plain ones. */
export const TimeOfBirth = z
  .string()
  .max(20)
  .transform((time) =>
    time
      .replace(/[\p{Zs}\t]+/gu, " ")
      .trim()
      .toUpperCase(),
  )
  .refine((time) => TIME_24.test(time) || TIME_12.test(time), 'must be a time like "14:30" or "3:45 PM"');

/** A zone of the IANA database. An offset is none: it would be wrong half of the year. */
export const TimeZone = z
  .string()
  .max(64)
  .refine((zone) => /^[A-Za-z]/.test(zone) && isKnownZone(zone), "must be a time zone like Europe/Berlin");

function isKnownZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone });
    return true;
  } catch {
    return false;
  }
}

export const Name = writtenLine(100);

/** What a person may write about themselves. */
const fields = {
  name: Name,
  gender: writtenLine(100).nullable(),
  sexualOrientation: writtenLine(100).nullable(),
  showSexualOrientation: z.boolean(),
  twinType: TwinType.nullable(),
  otherTwinTypeDescription: writtenLine(200).nullable(),
  twinDeceased: z.boolean(),
  birthDate: BirthDate.nullable(),
  placeOfBirth: writtenLine(200).nullable(),
  timeOfBirth: TimeOfBirth.nullable(),
  profilePicture: MediaId.nullable(),
  accentColor: AccentColor,
  timezone: TimeZone,
};

/** Everything but the name, and what it is as long as nobody has said. */
export const profileFields = {
  gender: fields.gender.default(null),
  sexualOrientation: fields.sexualOrientation.default(null),
  showSexualOrientation: fields.showSexualOrientation.default(false),
  twinType: fields.twinType.default(null),
  otherTwinTypeDescription: fields.otherTwinTypeDescription.default(null),
  twinDeceased: fields.twinDeceased.default(false),
  birthDate: fields.birthDate.default(null),
  placeOfBirth: fields.placeOfBirth.default(null),
  timeOfBirth: fields.timeOfBirth.default(null),
  profilePicture: fields.profilePicture.default(null),
  accentColor: fields.accentColor.default("neon-purple"),
  timezone: fields.timezone.default("UTC"),
};

/** Whoever signs up has no picture yet that could be theirs. */
export const noPictureYet = fields.profilePicture
  .refine((picture) => picture === null, "must be a picture of yours, or null")
  .default(null);

/** What a profile shows and nobody writes. */
const computed = {
  id: UserId,
  age: z.int().nullable(),
  zodiacSign: z.string().nullable(),
  isConnected: z.boolean(),
  lastSeen: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
};

const anything = z.unknown().optional();
const passedOver = {
  id: anything,
  age: anything,
  zodiacSign: anything,
  isConnected: anything,
  lastSeen: anything,
  createdAt: anything,
  updatedAt: anything,
} satisfies Record<keyof typeof computed, typeof anything>;

/** Only what is given changes. */
export const ChangeProfile = z.strictObject(fields).partial();
export type ChangeProfile = z.infer<typeof ChangeProfile>;

const Profile = z.object({ name: Name, ...profileFields });
/** All that a person says about themselves. */
export type Profile = z.infer<typeof Profile>;

/**
 * What is left out falls back. A client may send a profile as it was given one: what is computed is passed over, and
 * what nobody knows is refused.
 */
export const ReplaceProfile = z
  .strictObject({ name: Name, ...profileFields, ...passedOver })
  .transform((whole) => Profile.parse(whole));

/** A person's own profile. What was once taken is shown, also when the rules for taking it have become stricter. */
export const ProfileView = z.object({
  ...computed,
  name: z.string(),
  gender: z.string().nullable(),
  sexualOrientation: z.string().nullable(),
  showSexualOrientation: z.boolean(),
  twinType: TwinType.nullable(),
  otherTwinTypeDescription: z.string().nullable(),
  twinDeceased: z.boolean(),
  birthDate: z.string().nullable(),
  placeOfBirth: z.string().nullable(),
  timeOfBirth: z.string().nullable(),
  profilePicture: MediaId.nullable(),
  accentColor: AccentColor,
  timezone: z.string(),
});
export type ProfileView = z.infer<typeof ProfileView>;

/** A person as their twin sees them. */
export const TwinView = ProfileView.omit({ showSexualOrientation: true, updatedAt: true })
  .extend({
    timezone: z.string().nullable(),
  })
  .meta({ id: "Twin" });
export type TwinView = z.infer<typeof TwinView>;

export const Platform = z.enum(["ios", "android", "web"]);
export type Platform = z.infer<typeof Platform>;

export const DeviceId = storable(100).refine((id) => id !== "", "must not be empty");

/** As Expo gives it to the app. */
const ExpoToken = storable(200).refine(
  (token) => /^Expo(?:nent)?PushToken\[[^[\]\s]{1,150}\]$/.test(token),
  "must be an Expo push token",
);

/** The phone one holds is to ring. */
export const RegisterPush = z.strictObject({ token: ExpoToken, platform: Platform, deviceId: DeviceId });
export type RegisterPush = z.infer<typeof RegisterPush>;

const WALL_CLOCK = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'must be a time like "22:00"');

/** Two presses of the twins this close together make a moment, in seconds. */
const WindowSeconds = z.int().min(5).max(900);

const groups = {
  pushNotifications: {
    messages: z.boolean(),
    twintuition: z.boolean(),
    assessments: z.boolean(),
    research: z.boolean(),
  },
  privacy: {
    profileVisible: z.boolean(),
    shareUsageData: z.boolean(),
    allowResearchContact: z.boolean(),
    showLastSeen: z.boolean(),
    sendReadReceipts: z.boolean(),
  },
  quietHours: { enabled: z.boolean(), start: WALL_CLOCK, end: WALL_CLOCK },
  twintuition: { windowSeconds: WindowSeconds, keywordMoments: z.boolean() },
};

/** Nothing is shared with anybody but the twin until somebody says so; nights are quiet until somebody says otherwise. */
export const Settings = z.object({
  researchParticipation: z.boolean().default(false),
  notificationsEnabled: z.boolean().default(true),
  pushNotifications: z
    .object({
      messages: z.boolean().default(true),
      twintuition: z.boolean().default(true),
      assessments: z.boolean().default(true),
      research: z.boolean().default(false),
    })
    .prefault({}),
  privacy: z
    .object({
      profileVisible: z.boolean().default(true),
      shareUsageData: z.boolean().default(false),
      allowResearchContact: z.boolean().default(false),
      showLastSeen: z.boolean().default(true),
      sendReadReceipts: z.boolean().default(true),
    })
    .prefault({}),
  quietHours: z
    .object({
      enabled: z.boolean().default(true),
      start: WALL_CLOCK.default("22:00"),
      end: WALL_CLOCK.default("08:00"),
    })
    .prefault({}),
  twintuition: z
    .object({ windowSeconds: WindowSeconds.default(30), keywordMoments: z.boolean().default(true) })
    .prefault({}),
});
export type Settings = z.infer<typeof Settings>;

/** What somebody said, and for the rest what holds until they do, where the operator has another window in mind than we have. */
export function settingsIn(said: unknown, usualWindowSeconds: number | undefined): Settings {
  const settings = Settings.parse(said);
  if (usualWindowSeconds === undefined || OwnWindow.safeParse(said).success) return settings;
  return { ...settings, twintuition: { ...settings.twintuition, windowSeconds: usualWindowSeconds } };
}

const OwnWindow = z.object({ twintuition: z.object({ windowSeconds: z.number() }) });

/** What is left out stays as it is: an app that is older than a setting must not reset it. */
export const ChangeSettings = z
  .strictObject({
    researchParticipation: z.boolean(),
    notificationsEnabled: z.boolean(),
    pushNotifications: z.strictObject(groups.pushNotifications).partial(),
    privacy: z.strictObject(groups.privacy).partial(),
    quietHours: z.strictObject(groups.quietHours).partial(),
    twintuition: z.strictObject(groups.twintuition).partial(),
  })
  .partial();
export type ChangeSettings = z.infer<typeof ChangeSettings>;
