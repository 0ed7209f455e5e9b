import type { Letter } from "../../../schema/wire/letters.ts";

/** Every letter there is, as somebody of that name would get it: to look at, and to test. */
export function sampleLetters(
  name: string,
  link: string,
  at: string,
  news = { study: name, text: name },
): readonly Letter[] {
  return [
    { template: "verify_address", name, link },
    { template: "reset_password", name, link },
    { template: "password_changed", name, at },
    { template: "address_changed", name, newAddress: "new@example.org" },
    { template: "new_sign_in", name, deviceName: name, ip: "192.0.2.0/24", at },
    { template: "invitation", inviterName: name, accentColor: "neon-blue", code: "ABCDEFGH", link, expiresAt: at },
    { template: "invitation_accepted", name, twinName: name, accentColor: "neon-pink" },
    { template: "pair_ended", name, twinName: name },
    { template: "phone_code", code: "123456" },
    { template: "export_ready", name, link, expiresAt: at },
    { template: "account_deletion", name, until: at },
    { template: "report_answered", name },
    { template: "report_warning", name },
    { template: "message_removed", name },
    { template: "account_suspended", name, at },
    { template: "account_restored", name },
    { template: "research_update", name, ...news, unsubscribeLink: link },
  ];
}
