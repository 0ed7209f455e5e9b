import type { Invitation } from "../schema/entities/invitation.ts";
import type { User } from "../schema/entities/user.ts";
import { InvitationContact, InvitationId, type InvitationView } from "../schema/wire/twins.ts";
import { statusAt } from "./invitation-analytics.ts";
import type { Links } from "./links.ts";
import type { Clock } from "./ports.ts";
import { parse } from "./refusal.ts";
import type { Secrets } from "./secrets.ts";

export interface InvitationViewsDeps {
  readonly clock: Clock;
  readonly links: Pick<Links, "invitationInApp">;
  readonly secrets: Pick<Secrets, "seal" | "open">;
}

/** An invitation as who made it sees it: with whom it went to, and its link, which are sealed in its row. */
export function invitationViews({ clock, links, secrets }: InvitationViewsDeps) {
  const seal = (contact: InvitationContact): string => secrets.seal("address", JSON.stringify(contact));

  /** Undefined once it is forgotten. */
  function contactOf({ sealed }: Pick<Invitation, "sealed">): InvitationContact | undefined {
    const text = sealed === null ? undefined : secrets.open("address", sealed);
    return text === undefined ? undefined : parse(InvitationContact, JSON.parse(text));
  }

  function viewOf(of: Invitation, { name, twinType, accentColor }: User): InvitationView {
    const contact = contactOf(of);
    const sendings = Object.values(of.sendings);
    const last = Math.max(0, ...sendings.map(({ at }) => at ?? 0));
    return {
      id: InvitationId.parse(of.id),
      inviterName: name,
      recipientEmail: contact?.email ?? null,
      recipientPhone: contact?.phone ?? null,
      token: contact?.token ?? null,
      code: of.code,
      status: statusAt(of, clock.now()),
      createdAt: of.createdAt.toISOString(),
      expiresAt: of.expiresAt.toISOString(),
      ...{ twinType, accentColor },
      deepLink: contact ? links.invitationInApp(contact.token) : null,
      attemptCount: sendings.reduce((sum, { attempts }) => sum + attempts, 0),
      lastAttemptAt: last === 0 ? null : new Date(last).toISOString(),
    };
  }

  return { seal, contactOf, viewOf };
}
