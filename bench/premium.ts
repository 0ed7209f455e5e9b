import { timeline } from "../domain/subscriptions/timeline.ts";
import type { UserId } from "../schema/wire/ids.ts";
import { Phone } from "../tests/support/phone.ts";
import { DAY_MS, PremiumWorld } from "../tests/support/premium-world.ts";
import { TestServer } from "../tests/support/server.ts";
import { person, StoreLife } from "../tests/support/store-life.ts";
import { type Figures, figuresOf } from "./figures.ts";

const PEOPLE = 200;
const AT_ONCE = 8;
const RENEWALS = 11;
const SWITCHES = 30;
const FOLDED = 1000;

export interface PremiumFigures {
  /** From RevenueCat's event to its answer, without an API key: written, counted, told. */
  readonly events: Figures;
  /** What every gate asks. */
  readonly entitlements: Figures;
  /** From the order at /dev/store to the phone, over a real server. */
  readonly switches: Figures;
  /** What a thousand events of one person come to, in milliseconds. */
  readonly foldMs: number;
}

export async function measurePremium(seconds: number): Promise<PremiumFigures> {
  const { events, entitlements } = await told(seconds);
  return { events, entitlements, switches: await switched(), foldMs: folded() };
}

/** People who have subscribed for a year each are told of once more, several at a time. */
async function told(seconds: number): Promise<Pick<PremiumFigures, "events" | "entitlements">> {
  const world = await PremiumWorld.open();
  try {
    const { subscriptions, entitlements } = world.selling();
    const people: UserId[] = [];
    for (let n = 0; n < PEOPLE; n++) people.push((await world.person()).userId);
    const events = people.flatMap((userId) => [
      world.event(userId, "INITIAL_PURCHASE"),
      ...Array.from({ length: RENEWALS }, () => world.event(userId, "RENEWAL")),
    ]);
    const eventTimes = await timed(events, (event) => subscriptions.hear(event));
    const asked = Array.from({ length: seconds * 1000 }, (_, n) => people[n % people.length] ?? person(1));
    const askTimes = await timed(asked, (userId) => entitlements.of(userId));
    return { events: eventTimes, entitlements: askTimes };
  } finally {
    await world.close();
  }
}

async function timed<One>(all: readonly One[], work: (one: One) => Promise<unknown>): Promise<Figures> {
  const times: number[] = [];
  const waiting = [...all];
  const began = performance.now();
  const worker = async () => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      const start = performance.now();
      await work(one);
      times.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return figuresOf(times, (performance.now() - began) / 1000);
}

async function switched(): Promise<Figures> {
  const server = await TestServer.create();
  try {
    await server.start();
    const { ada } = await server.pairUp();
    const phone = await Phone.join(server, ada);
    const told = () => phone.heard.filter(({ event }) => event === "subscription.changed").length;
    const times: number[] = [];
    const began = performance.now();
    for (let n = 0; n < SWITCHES; n++) {
      const [before, start] = [told(), performance.now()];
      const body = new URLSearchParams({
        ...{ userId: ada.userId, deed: n % 2 ? "expire" : "buy", productId: "twinship_monthly" },
      });
      await fetch(`${server.url}/dev/store`, { method: "POST", redirect: "manual", body });
      while (told() === before) await new Promise(setImmediate);
      times.push(performance.now() - start);
    }
    const figures = figuresOf(times, (performance.now() - began) / 1000);
    await phone.room.leave();
    return figures;
  } finally {
    await server.end("SIGKILL");
    await server.remove();
  }
}

function folded(): number {
  const life = new StoreLife(0);
  while (life.events.length < FOLDED)
    life.do(life.events.length === 0 ? "buy" : "renew", 30 * DAY_MS, person(1), "twinship_monthly");
  timeline(life.events);
  const began = performance.now();
  timeline(life.events);
  return performance.now() - began;
}
