/** Where every link that we write leads: made of configuration, never of what a request says. */
export interface Links {
  verifyEmail(token: string): string;
  resetPassword(token: string): string;
  /** For anybody's browser. */
  invitation(token: string): string;
  /** For a phone that has the app. */
  invitationInApp(token: string): string;
  download(token: string): string;
  /** For a browser: what to do about an export that can be fetched. Whoever opens it learns nothing. */
  exportPage(exportId: string): string;
  /** For anybody's browser, and for mail programs that have a button for it. */
  unsubscribe(token: string): string;
}

/** The same for every server: the app knows which one is its own. */
export const invitationInApp = (token: string): string => `twinship://invitation/${token}`;

/** `publicUrl` is an origin: nothing after the host. */
export const linksUnder = (publicUrl: string): Links => ({
  verifyEmail: (token) => `${publicUrl}/verify-email?token=${token}`,
  resetPassword: (token) => `${publicUrl}/reset-password?token=${token}`,
  invitation: (token) => `${publicUrl}/i/${token}`,
  invitationInApp,
  download: (token) => `${publicUrl}/api/v1/downloads/${token}`,
  exportPage: (exportId) => `${publicUrl}/export/${exportId}`,
  unsubscribe: (token) => `${publicUrl}/u/${token}`,
});
