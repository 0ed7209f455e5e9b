const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export interface Limit {
  /** So many … */
  readonly points: number;
  /** … in so long, from the first one on. */
  readonly withinMs: number;
}

/** Every limit there is. Each counts for a person, unless its name says otherwise. */
export const LIMITS = {
  /** Wrong passwords, for an address whether or not it has an account. */
  "login.account": { points: 5, withinMs: 15 * MINUTE_MS },
  /** Wrong passwords, for a client's IP. */
  "login.ip": { points: 30, withinMs: 15 * MINUTE_MS },
  /** Failed staff sign-ins, for an address: signing in as a twin makes up for none of them. */
  "login.staff": { points: 5, withinMs: 15 * MINUTE_MS },
  /** Mails that were asked for, for an address whether or not it has an account; each kind for itself. */
  "mail.verify": { points: 3, withinMs: HOUR_MS },
  "mail.password": { points: 3, withinMs: HOUR_MS },
  "mail.change": { points: 3, withinMs: HOUR_MS },
  /** Other addresses that were asked for, for who asks: nobody mails strangers through us. */
  "mail.change.person": { points: 10, withinMs: HOUR_MS },
  /** Text messages cost money: for a person, for a number, and for a client's IP. */
  "sms.person": { points: 5, withinMs: HOUR_MS },
  "sms.number": { points: 5, withinMs: HOUR_MS },
  "sms.ip": { points: 20, withinMs: HOUR_MS },
  messages: { points: 100, withinMs: MINUTE_MS },
  invitations: { points: 5, withinMs: HOUR_MS },
  reports: { points: 20, withinMs: HOUR_MS },
  "codes.redeem": { points: 10, withinMs: HOUR_MS },
  /** Documents that take a moment of a processor each. */
  "reports.drawn": { points: 20, withinMs: HOUR_MS },
  /** Copies of all we have of somebody. */
  exports: { points: 3, withinMs: 24 * HOUR_MS },
  /** Events about the use of the app; a batch counts for all in it. */
  telemetry: { points: 10_000, withinMs: HOUR_MS },
  /** Presses and alerts: no thumb is quicker. */
  twintuition: { points: 120, withinMs: MINUTE_MS },
  requests: { points: 300, withinMs: MINUTE_MS },
  /** Before it is known who asks, for a client's IP: a household, or an office, behind one address. */
  "requests.ip": { points: 600, withinMs: MINUTE_MS },
} as const satisfies Record<string, Limit>;

export type LimitName = keyof typeof LIMITS;

export interface LimitOverrides {
  readonly messagesPerMinute: number;
  readonly requestsPerMinute: number;
}

/** The table, with what load tests change of it. */
export function limitTable({ messagesPerMinute, requestsPerMinute }: LimitOverrides): Record<LimitName, Limit> {
  return {
    ...LIMITS,
    messages: { points: messagesPerMinute, withinMs: MINUTE_MS },
    twintuition: { points: Math.ceil(0.4 * requestsPerMinute), withinMs: MINUTE_MS },
    requests: { points: requestsPerMinute, withinMs: MINUTE_MS },
    "requests.ip": { points: 2 * requestsPerMinute, withinMs: MINUTE_MS },
  };
}
