import { type EntityManager, LockMode } from "@mikro-orm/core";
import { Delivery, type DeliveryStatus } from "../schema/entities/delivery.ts";
import { type Channel, Outgoing } from "../schema/wire/letters.ts";
import { addressKeyOf } from "./address-keys.ts";
import type {
  AfterCommit,
  Chance,
  Clock,
  Database,
  DeliveryPurpose,
  FollowDelivery,
  Jobs,
  Outbox,
  Sent,
} from "./ports.ts";
import type { Secrets } from "./secrets.ts";
import { Undeliverable } from "./undeliverable.ts";

const DAY_MS = 86_400_000;

/** After each attempt that failed, so long until the next; then no more. */
const AGAIN_MS = [5_000, 30_000, 300_000] as const;

const MOST_ATTEMPTS = AGAIN_MS.length + 1;

/** Whoever began to send so long ago is not at it any more. */
const SENDING_MS = 60_000;

/** How long it is remembered what became of a message. */
const KEPT_MS = 90 * DAY_MS;

/** The provider is known to be away: this attempt was none. */
export class Away extends Error {
  override readonly name = "Away";
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super("The provider is away");
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * What providers tell later. `sent` may be told by the provider before we know it from
 * its answer.
 */
export type DeliveryReport = "sent" | "delivered" | "bounced" | "failed" | "opened" | "clicked";

export interface Reported {
  readonly state: DeliveryReport;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly reason?: string;
}

/** By our own id, which a provider was given to bring back, or by the provider's. */
export type Which = { readonly deliveryId: string } | { readonly providerId: string };

export interface DeliveriesDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: Pick<Chance, "newId">;
  readonly jobs: Jobs;
  readonly secrets: Pick<Secrets, "seal" | "open" | "sign">;
  /** Renders and sends. Throws Undeliverable, Away, or anything else if it may work another time. */
  readonly post: (message: Outgoing, deliveryId: string) => Promise<Sent>;
  /** Whether they want nothing of this kind from us. */
  readonly isSuppressed: (
    em: EntityManager,
    message: Outgoing,
    addressKey: string,
    userId: DeliveryPurpose["userId"],
  ) => Promise<boolean>;
  readonly followers: readonly FollowDelivery[];
  /** Whether what was said is kept after it was sent, to be looked at: what never leaves the machine. */
  readonly keepsContents: (channel: Channel) => boolean;
}

export type Deliveries = ReturnType<typeof deliveries>;

/** Everything that leaves for a person, from being asked for to whatever becomes of it. */
export function deliveries(deps: DeliveriesDeps): Outbox & {
  deliver(of: { readonly deliveryId: string }): Promise<void>;
  reported(em: EntityManager, afterCommit: AfterCommit, which: Which, report: Reported): Promise<boolean>;
  sweep(): Promise<number>;
} {
  const { database, clock, chance, jobs, secrets, keepsContents } = deps;
  const now = () => new Date(clock.now());

  async function tell(em: EntityManager, afterCommit: AfterCommit, row: Delivery): Promise<void> {
    const state = row.status === "bounced" ? "failed" : row.status;
    if (state !== "sent" && state !== "delivered" && state !== "failed") return;
    const { id: deliveryId, about, channel, attempts, reason, updatedAt } = row;
    const news = { deliveryId, about, channel, state, attempts, reason, at: updatedAt.getTime() };
    for (const follow of deps.followers) await follow(em, afterCommit, news);
  }

  /** Forward only. Nothing is kept of what was said once it has left, or never will. */
  async function move(
    em: EntityManager,
    afterCommit: AfterCommit,
    row: Delivery,
    to: DeliveryStatus,
    more: { readonly reason?: string | undefined; readonly at?: Date } = {},
  ): Promise<boolean> {
    if (!isForward(row.status, to)) return false;
    const { reason, at = now() } = more;
    Object.assign(row, { status: to, updatedAt: at, reason: reason?.slice(0, 200) ?? row.reason });
    if (to === "sent" || to === "delivered" || to === "bounced") row.sentAt ??= at;
    if (to === "delivered") row.deliveredAt ??= at;
    if (!keepsContents(row.channel) && to !== "queued" && to !== "sending") row.sealed = null;
    await em.flush();
    await tell(em, afterCommit, row);
    return true;
  }

  /** What is to be sent now, if it is ours to send: noted before it is done, so that a crash leaves a trace. */
  const begin = (id: string): Promise<Outgoing | undefined> =>
    database.transaction(async (em, afterCommit) => {
      const row = await locked(em, { id });
      if (!row || (row.status !== "queued" && row.status !== "sending")) return undefined;
      const left = row.updatedAt.getTime() + SENDING_MS - clock.now();
      if (row.status === "sending" && left > 0) {
        await jobs.put(em, { what: "deliver", deliveryId: id }, { afterMs: left });
        return undefined;
      }
      // Every attempt ended with the process that made it, or in our own books.
      if (row.attempts >= MOST_ATTEMPTS) {
        await move(em, afterCommit, row, "failed", { reason: "nobody knows whether it left" });
        return undefined;
      }
      const message = readable(secrets, row);
      if (!message) {
        await move(em, afterCommit, row, "failed", { reason: "sealed under a secret that is gone" });
        return undefined;
      }
      if (await deps.isSuppressed(em, message, row.addressKey, row.userId)) {
        await move(em, afterCommit, row, "suppressed");
        return undefined;
      }
      Object.assign(row, { status: "sending", attempts: row.attempts + 1, updatedAt: now() });
      return message;
    });

  const took = (id: string, { providerId }: Sent): Promise<void> =>
    database.transaction(async (em, afterCommit) => {
      const row = await locked(em, { id });
      if (!row) return;
      row.providerId = providerId;
      await move(em, afterCommit, row, "sent");
      await em.flush();
    });

  /** What left has left, whatever goes wrong here once it is told on: it is not sent again for that. */
  async function noted(id: string, sent: Sent, channel: Channel): Promise<void> {
    try {
      await took(id, sent);
    } catch (error) {
      const at = now();
      const left = { status: "sent", providerId: sent.providerId, sentAt: at, updatedAt: at } as const;
      const forgotten = keepsContents(channel) ? {} : { sealed: null };
      await database.transaction((em) =>
        em.nativeUpdate(Delivery, { id, status: "sending" }, { ...left, ...forgotten }),
      );
      throw error;
    }
  }

  const refused = (id: string, error: unknown): Promise<void> =>
    database.transaction(async (em, afterCommit) => {
      const row = await locked(em, { id });
      if (row?.status !== "sending") return;
      if (error instanceof Undeliverable) return void (await move(em, afterCommit, row, "failed", error));
      const isAway = error instanceof Away;
      const afterMs = isAway ? error.retryAfterMs : AGAIN_MS[row.attempts - 1];
      if (afterMs === undefined) return void (await move(em, afterCommit, row, "failed", { reason: nameOf(error) }));
      Object.assign(row, { status: "queued", updatedAt: now(), attempts: isAway ? row.attempts - 1 : row.attempts });
      await jobs.put(em, { what: "deliver", deliveryId: id }, { afterMs });
    });

  return {
    async send(em, message, { userId, about: subject }: DeliveryPurpose) {
      const about = subject ?? null;
      const at = now();
      const id = chance.newId(at.getTime());
      const sealed = secrets.seal("delivery", JSON.stringify(message));
      const addressKey = addressKeyOf(secrets, message.channel, message.to);
      const { channel } = message;
      const { template } = message.letter;
      const times = { createdAt: at, updatedAt: at, ...UNTOLD };
      em.create(Delivery, { id, channel, template, userId, about, addressKey, sealed, ...BEGUN, ...times });
      await jobs.put(em, { what: "deliver", deliveryId: id });
      return id;
    },

    async answered(em, about) {
      await em.nativeUpdate(Delivery, { about, answeredAt: null }, { answeredAt: now() });
    },

    /** Sends it, or tries. Done again, it sends again only what nobody knows to have left. */
    async deliver({ deliveryId }) {
      const message = await begin(deliveryId);
      if (!message) return;
      const answer = await deps.post(message, deliveryId).then(
        (sent) => ({ sent }),
        (error: unknown) => ({ error }),
      );
      if ("error" in answer) await refused(deliveryId, answer.error);
      else await noted(deliveryId, answer.sent, message.channel);
    },

    /** Notes what somebody else says of a message; whether it was news. The message need not be known any more. */
    async reported(em, afterCommit, which, { state, at, reason }) {
      const row = await locked(em, keyed(which));
      if (!row) return false;
      const when = new Date(at);
      if (state !== "opened" && state !== "clicked") return move(em, afterCommit, row, state, { reason, at: when });
      const field = TOLD[state];
      if (row[field] !== null) return false;
      row[field] = when;
      // Who opens it has got it.
      await move(em, afterCommit, row, "delivered", { at: when });
      await em.flush();
      return true;
    },

    sweep: () =>
      database.transaction((em) => em.nativeDelete(Delivery, { createdAt: { $lt: new Date(clock.now() - KEPT_MS) } })),
  };
}

const TOLD = { opened: "openedAt", clicked: "clickedAt" } as const;

const BEGUN = { status: "queued", attempts: 0, providerId: null, reason: null } as const;

/** Nobody has said anything of it yet. */
const UNTOLD = { sentAt: null, deliveredAt: null, openedAt: null, clickedAt: null, answeredAt: null };

/** A row that somebody else is at is waited for. */
const locked = (em: EntityManager, which: { id: string } | { providerId: string }) =>
  em.findOne(Delivery, which, {
    lockMode: LockMode.PESSIMISTIC_WRITE,
    refresh: true,
    orderBy: { createdAt: "desc" },
  });

function keyed(which: Which): { id: string } | { providerId: string } {
  return "deliveryId" in which ? { id: which.deliveryId } : which;
}

/** How far along each is. A bounce may come after it was said to be delivered, and then counts. */
const RANK = { queued: 0, sending: 1, sent: 2, delivered: 3, bounced: 4, failed: 4, suppressed: 4 } as const;

const isForward = (from: DeliveryStatus, to: DeliveryStatus): boolean =>
  to === "failed" ? RANK[from] < RANK.delivered : RANK[to] > RANK[from];

function readable({ open }: Pick<Secrets, "open">, { sealed }: Delivery): Outgoing | undefined {
  const text = sealed === null ? undefined : open("delivery", sealed);
  return text === undefined ? undefined : Outgoing.parse(JSON.parse(text));
}

/** Never its words: they may hold an address. */
const nameOf = (error: unknown): string => (error instanceof Error ? error.name : "unknown");
