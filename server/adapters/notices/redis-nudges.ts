import { RedisPresence } from "@colyseus/redis-presence";
import type { OpenedRedis } from "../redis/open.ts";
import type { Nudges } from "./nudges.ts";
import { Rounds } from "./rounds.ts";

const CHANNEL = "twinship:news";

/** Much happens at once, at times; one nudge says as much as a hundred. */
const APART_MS = 50;

/** While Redis is away nothing is sent and nothing comes, and everybody looks by themselves. */
export function redisNudges({ connection }: Pick<OpenedRedis, "connection">): Nudges {
  const presence = new QuietPresence(connection());
  const sending = new Rounds({ apartMs: APART_MS, round: () => presence.publish(CHANNEL, "").catch(() => undefined) });
  sending.start();
  return {
    send: () => sending.hurry(),
    listen(nudged) {
      const heard = () => nudged();
      // If Redis cannot be asked now, the presence asks as soon as it is back.
      presence.subscribe(CHANNEL, heard).catch(() => undefined);
      return () => void presence.unsubscribe(CHANNEL, heard).catch(() => undefined);
    },
  };
}

/**
 * Colyseus' presence prints a line for each failed attempt, and one for each message that is no JSON, which is as often
 * as whoever reaches Redis likes. Whoever opened Redis tells of its outages; and what a message says, nobody reads.
 */
class QuietPresence extends RedisPresence {
  constructor(own: ReturnType<OpenedRedis["connection"]>) {
    super(own);
    for (const connection of [this.pub, this.sub]) {
      connection.removeAllListeners("error");
      // With nobody listening the client prints them itself.
      connection.on("error", () => undefined);
    }
  }

  protected override handleSubscription = (channel: string): void => {
    this.subscriptions.emit(channel);
  };

  protected override resubscribeAll(): void {
    if (this.subscriptions.listenerCount(CHANNEL) > 0) this.sub.subscribe(CHANNEL).catch(() => undefined);
  }
}
