import type { z } from "zod";
import type { PairId, UserId } from "../schema/wire/ids.ts";
import type { Listed } from "../schema/wire/lists.ts";
import {
  AlertId,
  type AlertSent,
  type AlertsPage,
  type AlertView,
  type ChanceView,
  type MomentsPage,
  type MomentView,
  type Pressed,
  type TwintuitionStats,
} from "../schema/wire/twintuition.ts";
import { cursors } from "./cursors.ts";
import type { Clock, PairPeople, Twin } from "./ports.ts";
import { Refusal } from "./refusal.ts";
import { agreedBy } from "./room/agreed.ts";
import { chanceInterval, expectedMoments, roundedPresses } from "./room/chance-moments.ts";
import { runsOf, SCORED_DAYS, syncScore } from "./room/moment-stats.ts";
import { alertView, momentView } from "./room/moment-views.ts";
import { DAY_MS, dayOfPair } from "./room/pair-day.ts";
import type { Alert, Press, TwinMoment } from "./room/twintuition-history.ts";
import type { Secrets } from "./secrets.ts";

/** An alert, and whether whom it was sent to has seen it (milliseconds since 1970). */
export interface KeptAlert extends Alert {
  readonly seenAt: number | null;
}

/** What the last days' moments come to. */
export interface Tally {
  readonly moments: number;
  /** Those whose confidence is above 0.8. */
  readonly sure: number;
  /** Of two presses. */
  readonly met: number;
}

/** What was felt, as it stands. Of a moment of words, the words are there while the message is as it was. */
export interface TwintuitionArchive {
  press(pairId: PairId, id: string): Promise<Press | undefined>;
  alert(pairId: PairId, id: string): Promise<KeptAlert | undefined>;
  moment(pairId: PairId, id: string): Promise<TwinMoment | undefined>;
  /** The newest first, those before that id. */
  alerts(pairId: PairId, limit: number, before: string | undefined): Promise<readonly KeptAlert[]>;
  /** The newest first, those before that number. */
  moments(pairId: PairId, limit: number, before: number | undefined): Promise<readonly TwinMoment[]>;
  /** Alerts to that person that they have not seen. */
  unseen(pairId: PairId, userId: UserId): Promise<number>;
  /** Seen by that person; what they sent themselves is left alone. Tells whether there is such an alert. */
  see(pairId: PairId, userId: UserId, id: AlertId, at: number): Promise<boolean>;
  /** Days with moments, the oldest first, and how many. */
  days(pairId: PairId): Promise<readonly { readonly day: string; readonly count: number }[]>;
  tally(pairId: PairId, since: number): Promise<Tally>;
  /** How often each of the two pressed since then; what met nothing only if it was before `until`. */
  presses(pairId: PairId, since: number, until: number): Promise<readonly [number, number]>;
  /** When the two became a pair (milliseconds since 1970). */
  pairedAt(pairId: PairId): Promise<number>;
  /** Takes the word and the salt from presses that met no other and never will; so many at once. Returns how many. */
  forget(limit: number): Promise<number>;
}

export interface TwintuitionDeps {
  readonly archive: TwintuitionArchive;
  readonly people: Pick<PairPeople, "of">;
  readonly clock: Clock;
  readonly secrets: Pick<Secrets, "sign" | "isSigned">;
}

export type TwintuitionReader = ReturnType<typeof twintuition>;

/** So many presses are forgotten in one go. */
const FORGOTTEN_AT_ONCE = 1000;

/** What the two of a pair felt at once, and what it comes to. */
export function twintuition({ archive, people, clock, secrets }: TwintuitionDeps) {
  const { page } = cursors(secrets);

  const momentOf = async (pairId: PairId, id: string | null): Promise<{ moment?: MomentView }> => {
    const moment = id === null ? undefined : await archive.moment(pairId, id);
    return moment ? { moment: momentView(moment) } : {};
  };

  async function chanceOf(pairId: PairId, windowMs: number, met: number, now: number): Promise<ChanceView> {
    const since = now - SCORED_DAYS * DAY_MS;
    const days = Math.min(SCORED_DAYS, Math.max(1, Math.ceil((now - (await archive.pairedAt(pairId))) / DAY_MS)));
    const [a, b] = await archive.presses(pairId, since, now - DAY_MS);
    const presses = [roundedPresses(a), roundedPresses(b)] as const;
    const expected = expectedMoments({ presses, days, windowMs });
    const interval = chanceInterval(expected);
    const beyondChance = met > interval.high;
    return { days, windowSeconds: windowMs / 1000, observed: met, expected, interval, beyondChance };
  }

  return {
    /** What came of a press, for whoever pressed. Throws UNAVAILABLE if it is not to be found. */
    async pressed(pairId: PairId, id: string): Promise<Pressed> {
      const press = await archive.press(pairId, id);
      if (!press) throw gone();
      const { at, uncertaintyMs, momentId } = press;
      return { id: press.id, at: iso(at), uncertaintyMs, ...(await momentOf(pairId, momentId)) };
    },

    async alerted(pairId: PairId, id: string): Promise<AlertSent> {
      const alert = await archive.alert(pairId, id);
      if (!alert) throw gone();
      return { id: alert.id, sentAt: iso(alert.at), ...(await momentOf(pairId, alert.momentId)) };
    },

    async alert(pairId: PairId, id: string): Promise<AlertView> {
      const alert = await archive.alert(pairId, id);
      if (!alert) throw gone();
      return alertView(alert, alert.seenAt);
    },

    async see({ pairId, userId }: Twin, alertId: string): Promise<void> {
      const id = AlertId.safeParse(alertId);
      const isThere = id.success && (await archive.see(pairId, userId, id.data, clock.now()));
      if (!isThere) throw new Refusal("NOT_FOUND", "There is no such alert");
    },

    async alerts({ pairId, userId }: Twin, listed: Listed): Promise<z.input<typeof AlertsPage>> {
      const [{ items, nextCursor }, unseen] = await Promise.all([
        page({ list: `alerts ${pairId}`, userId }, listed, {
          find: (limit, after) => archive.alerts(pairId, limit, after),
          placeOf: ({ id }) => id,
        }),
        archive.unseen(pairId, userId),
      ]);
      return { alerts: items.map((alert) => alertView(alert, alert.seenAt)), unseen, nextCursor };
    },

    async moments({ pairId, userId }: Twin, listed: Listed): Promise<z.input<typeof MomentsPage>> {
      const { items, nextCursor } = await page({ list: `moments ${pairId}`, userId }, listed, {
        find: (limit, after) => archive.moments(pairId, limit, after === undefined ? undefined : Number(after)),
        placeOf: ({ number }) => String(number),
      });
      return { moments: items.map(momentView), nextCursor };
    },

    async stats({ pairId }: Twin): Promise<TwintuitionStats> {
      const now = clock.now();
      const [both, days, tally] = await Promise.all([
        people.of(pairId),
        archive.days(pairId),
        archive.tally(pairId, now - SCORED_DAYS * DAY_MS),
      ]);
      const { windowMs, zones } = agreedBy(both);
      const day = dayOfPair(now, zones);
      const { longest: longestRun, current: currentRun } = runsOf(
        days.map((one) => one.day),
        day,
      );
      return {
        day,
        today: days.filter((one) => one.day >= day).reduce((sum, { count }) => sum + count, 0),
        total: days.reduce((sum, { count }) => sum + count, 0),
        ...{ longestRun, currentRun },
        syncScore: syncScore(tally.moments, tally.sure),
        chance: await chanceOf(pairId, windowMs, tally.met, now),
      };
    },

    /** 0 to 100. */
    async syncScore(pairId: PairId): Promise<number> {
      const { moments, sure } = await archive.tally(pairId, clock.now() - SCORED_DAYS * DAY_MS);
      return syncScore(moments, sure);
    },

    /** To be called now and then. Returns how many presses were forgotten. */
    async sweep(): Promise<number> {
      let sum = 0;
      for (let count = FORGOTTEN_AT_ONCE; count === FORGOTTEN_AT_ONCE; sum += count)
        count = await archive.forget(FORGOTTEN_AT_ONCE);
      return sum;
    },
  };
}

/** Erased while it was being answered; or the database we ask has not heard of it yet. */
const gone = () => new Refusal("UNAVAILABLE", "Try again with the same key", { retryAfterMs: 1000 });

const iso = (ms: number): string => new Date(ms).toISOString();
