import { z } from "zod";
import { EmailAddress } from "./email.ts";
import { SessionId } from "./ids.ts";
import { Name, noPictureYet, ProfileView, profileFields } from "./people.ts";
import { PhoneCode, PhoneNumber } from "./phone.ts";
import { isStorable, lengthOf, storable, writtenLine } from "./text.ts";

const SHORTEST_PASSWORD = 8;
const LONGEST_PASSWORD = 128;

/** The same word typed on another keyboard is other bytes; one normal form makes it the same password. */
const normalised = (password: string) => password.normalize("NFKC");

/** A password somebody chooses, in its normal form. Spaces count, at its ends too. */
export const NewPassword = z
  .string()
  .max(LONGEST_PASSWORD * 8, "is too long")
  .refine(isStorable, "contains characters that cannot be used")
  .transform(normalised)
  .refine((password) => lengthOf(password) >= SHORTEST_PASSWORD, `must have at least ${SHORTEST_PASSWORD} characters`)
  .refine((password) => lengthOf(password) <= LONGEST_PASSWORD, `must have at most ${LONGEST_PASSWORD} characters`)
  .refine((password) => /\p{Lu}/u.test(password), "must have an upper-case letter")
  .refine((password) => /\p{Ll}/u.test(password), "must have a lower-case letter")
  .refine((password) => /\p{Nd}/u.test(password), "must have a digit");

/** A password somebody claims to have, in its normal form. */
export const GivenPassword = z
  .string()
  .min(1, "is required")
  .max(LONGEST_PASSWORD * 8, "is too long")
  .refine(isStorable, "contains characters that cannot be used")
  .transform(normalised);

/** The device somebody signs in on: its own id of itself, and what its owner calls it. */
const device = {
  deviceId: storable(100)
    .refine((id) => id !== "", "must not be empty")
    .nullish(),
  deviceName: writtenLine(100).nullish(),
};

export const Register = z
  .strictObject({
    email: EmailAddress,
    password: NewPassword,
    name: Name.optional(),
    displayName: Name.optional(),
    ...device,
    ...profileFields,
    profilePicture: noPictureYet,
  })
  .refine(({ name, displayName }) => (name ?? displayName) !== undefined, {
    path: ["name"],
    error: "is required",
    // Whatever else is wrong: who brings nothing is told all that is lacking at once.
    when: ({ value }) => typeof value === "object" && value !== null,
  })
  .transform(({ name, displayName, ...form }) => ({ ...form, name: name ?? displayName ?? "" }));
export type Register = z.infer<typeof Register>;

export const Login = z.strictObject({ email: EmailAddress, password: GivenPassword, ...device });
export type Login = z.infer<typeof Login>;

/** As it was handed out. Whether we know it is another question. */
const RefreshToken = storable(512);

export const Refresh = z.strictObject({ refreshToken: RefreshToken, deviceId: device.deviceId });
export type Refresh = z.infer<typeof Refresh>;

export const Logout = z.strictObject({ refreshToken: RefreshToken.nullish(), everywhere: z.boolean().default(false) });
export type Logout = z.infer<typeof Logout>;

export const TokensView = z
  .object({
    accessToken: z.string(),
    refreshToken: z.string(),
    tokenType: z.literal("Bearer"),
    /** The life of the access token, in seconds. */
    expiresIn: z.int(),
    accessTokenExpires: z.iso.datetime(),
    refreshTokenExpires: z.iso.datetime(),
  })
  .meta({ id: "Tokens" });
export type TokensView = z.infer<typeof TokensView>;

/** A person, to themselves. */
export const UserView = ProfileView.extend({
  email: z.string(),
  emailVerified: z.boolean(),
  displayName: z.string(),
}).meta({ id: "User" });
export type UserView = z.infer<typeof UserView>;

export const SessionView = z.object({
  id: SessionId,
  deviceId: z.string().nullable(),
  deviceName: z.string().nullable(),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime(),
  /** The one that asks. */
  current: z.boolean(),
});
export type SessionView = z.infer<typeof SessionView>;

/** Of a mailed link: letters, figures, - and _; what else it may hold, we never made. */
const LinkToken = storable(200)
  .trim()
  .refine((token) => token !== "", "is required");

export const VerifyEmail = z.strictObject({ token: LinkToken });

/** For whoever may have that address. */
export const NameAddress = z.strictObject({ email: EmailAddress });

export const ResetPassword = z.strictObject({ token: LinkToken, password: NewPassword });
export type ResetPassword = z.infer<typeof ResetPassword>;

export const ChangePassword = z.strictObject({ currentPassword: GivenPassword, newPassword: NewPassword });
export type ChangePassword = z.infer<typeof ChangePassword>;

export const ChangeEmail = z.strictObject({ email: EmailAddress, password: GivenPassword });
export type ChangeEmail = z.infer<typeof ChangeEmail>;

export const NamePhone = z.strictObject({ phone: PhoneNumber });
export const ProvePhone = z.strictObject({ code: PhoneCode });

/** A sign-in as its own person looks at it. */
export const SignInView = z.object({
  id: z.uuid(),
  at: z.iso.datetime(),
  deviceId: z.string().nullable(),
  deviceName: z.string().nullable(),
  /** Where from, without the part of the address that names one house. */
  network: z.string(),
  /** From a device that was not known before. */
  isNew: z.boolean(),
});
export type SignInView = z.infer<typeof SignInView>;

/** A public key as RFC 7517 has it. */
const PublicKey = z.object({
  kty: z.literal("RSA"),
  use: z.literal("sig"),
  alg: z.literal("RS256"),
  kid: z.string(),
  n: z.string(),
  e: z.string(),
});
export const PublicKeys = z.object({ keys: z.array(PublicKey).readonly() });
export type PublicKeys = z.infer<typeof PublicKeys>;
