import assert from "node:assert/strict";
import fc from "fast-check";
import { figuresOf, recentOf } from "../../domain/invitation-analytics.ts";
import { sendingAfter, statusOf } from "../../domain/invitation-states.ts";
import type { Caller, DeliveryNews } from "../../domain/ports.ts";
import { parse } from "../../domain/refusal.ts";
import type { InvitationStatus } from "../../schema/entities/invitation.ts";
import { Listed } from "../../schema/wire/lists.ts";
import { Invite } from "../../schema/wire/twins.ts";
import { code } from "../support/accounts-world.ts";
import { PairingWorld } from "../support/pairing-world.ts";

const HOUR_MS = 60 * 60_000;

describe("invitations", () => {
  let world: PairingWorld;
  before(async () => {
    world = await PairingWorld.open(20);
  });
  after(() => world.close());
  beforeEach(() => {
    world.heard.length = 0;
    world.outbox.sent.length = 0;
    world.pushed.length = 0;
  });

  const invite = (of: Caller, how: object = { method: "email", email: "bea@example.org" }) =>
    world.invitations.invite(of, parse(Invite, how));
  const list = (of: Caller, query: object = {}) => world.invitations.list(of, parse(Listed, query));
  const statusOfMine = async (of: Caller, id: string) =>
    (await list(of)).invitations.find((invitation) => invitation.id === id)?.status;
  /** Of the newest of its mails, or messages. */
  const news = (about: string, state: DeliveryNews["state"], channel: "email" | "sms" = "email", attempts = 1) => {
    const sent = world.outbox.sent.findLast((one) => one.about === about && one.message.channel === channel);
    assert.ok(sent);
    const { deliveryId } = sent;
    return world.opened.database.transaction((em, after) =>
      world.invitations.follow(em, after, {
        ...{ deliveryId, about, channel, state, attempts, reason: null, at: world.clock.now() },
      }),
    );
  };
  const token = ({ token }: { token: string | null }) => {
    assert.ok(token && /^[0-9A-F]{64}$/.test(token));
    return token;
  };

  it("[IN1] go out by every way that was asked for, with a link and a code that lead to the same one", async () => {
    const [ada, bea] = await world.people(2);
    assert.ok(ada && bea);
    const made = await invite(ada, { method: "both", email: " Bea@example.org ", phone: "+49 30 123456" });
    assert.deepEqual(
      [made.recipientEmail, made.recipientPhone, made.status],
      ["Bea@example.org", "+4930123456", "pending"],
    );
    assert.equal(Date.parse(made.expiresAt) - Date.parse(made.createdAt), 168 * HOUR_MS);
    assert.equal(made.deepLink, `twinship://invitation/${made.token}`);
    assert.deepEqual(
      world.outbox.sent.map(({ message, about }) => [message.channel, message.to, about]),
      [
        ["email", "Bea@example.org", made.id],
        ["sms", "+4930123456", made.id],
      ],
    );
    const letter = world.outbox.sent[0]?.message.letter;
    assert.ok(letter?.template === "invitation");
    assert.deepEqual([letter.link, letter.code], [`https://twinship.test/i/${made.token}`, made.code]);
    const { pairId } = await world.pairing.redeem(bea, ` ${made.code.toLowerCase()} `);
    assert.equal((await world.invitations.accept(bea, token(made))).pairId, pairId);
    assert.equal((await world.pairing.redeem(bea, token(made))).pairId, pairId);
  });

  it("[IN2] whom it went to, and its link, stand nowhere in the open", async () => {
    const [ada] = await world.people(1);
    assert.ok(ada);
    const made = await invite(ada, { method: "email", email: "zirconium@example.org" });
    const rows = JSON.stringify(await world.sql("select * from invitations where inviter_id = $1", [ada.userId]));
    assert.ok(!rows.includes("zirconium") && !rows.includes(token(made)));
    world.clock.advance(168 * HOUR_MS + 30 * 24 * HOUR_MS + 1);
    await world.invitations.sweep();
    const { invitations } = await list(ada);
    const [old] = invitations;
    assert.deepEqual([old?.status, old?.recipientEmail, old?.token], ["expired", null, null]);
  });

  it("[IN3] looking changes nothing and tells nothing of whom it went to, and nobody of one that is not there", async () => {
    const [ada] = await world.people(1);
    assert.ok(ada);
    const made = await invite(ada);
    const first = await world.invitations.preview(token(made));
    assert.deepEqual(await world.invitations.preview(token(made)), first);
    assert.ok(!JSON.stringify(first).includes("example.org"));
    assert.equal(await statusOfMine(ada, made.id), "pending");
    await assert.rejects(world.invitations.preview("F".repeat(64)), code("NOT_FOUND"));
  });

  it("[IN4] accepted, both hear of it: where they wait, by push, and its maker by mail", async () => {
    const [ada, bea] = await world.people(2);
    assert.ok(ada && bea);
    const made = await invite(ada);
    const { pairId } = await world.invitations.accept(bea, token(made));
    assert.ok(world.heard.includes(`${made.id} accepted to ${ada.userId}`));
    assert.ok(world.heard.some((heard) => heard.startsWith(`opened ${pairId}`)));
    assert.deepEqual(world.pushed, [`paired ${ada.userId}`]);
    assert.equal(world.outbox.newestTo(`${ada.userId}@example.org`)?.letter.template, "invitation_accepted");
    assert.equal(await statusOfMine(ada, made.id), "accepted");
  });

  it("[IN5] two who race for one: one wins, and the other is told so", async () => {
    const [ada, bea, cleo] = await world.people(3);
    assert.ok(ada && bea && cleo);
    const made = await invite(ada);
    const tries = await Promise.allSettled([bea, cleo].map((one) => world.invitations.accept(one, token(made))));
    assert.deepEqual(tries.map(({ status }) => status).toSorted(), ["fulfilled", "rejected"]);
    const lost = tries.find(({ status }) => status === "rejected");
    assert.equal(lost?.status === "rejected" && lost.reason.code, "CONFLICT");
  });

  it("[IN5] two that cross make one pair, however they race", async () => {
    for (let n = 0; n < 5; n++) {
      const [ada, bea] = await world.people(2);
      assert.ok(ada && bea);
      const [hers, theirs] = [await invite(ada), await invite(bea)];
      const pairs = await Promise.all([
        world.invitations.accept(bea, token(hers)),
        world.invitations.accept(ada, token(theirs)),
      ]);
      assert.equal(pairs[0].pairId, pairs[1].pairId);
    }
  });

  it("[IN6] one's own is refused, one that is over is gone, and one nobody made is not there", async () => {
    const [ada, bea] = await world.people(2);
    assert.ok(ada && bea);
    const made = await invite(ada);
    await assert.rejects(world.invitations.accept(ada, token(made)), code("VALIDATION_ERROR"));
    await assert.rejects(world.invitations.accept(bea, "0".repeat(64)), code("NOT_FOUND"));
    await world.invitations.cancel(ada, made.id);
    await world.invitations.cancel(ada, made.id);
    await assert.rejects(world.invitations.accept(bea, token(made)), code("GONE"));
    const late = await invite(ada);
    world.clock.advance(168 * HOUR_MS);
    assert.equal(await statusOfMine(ada, late.id), "expired");
    await assert.rejects(world.invitations.accept(bea, token(late)), code("GONE"));
    await world.invitations.sweep();
    assert.ok(world.heard.includes(`${late.id} expired to ${ada.userId}`));
  });

  it("[IN7] declined by whoever has the link, signed in or not; once, and its maker hears of it", async () => {
    const [ada, bea] = await world.people(2);
    assert.ok(ada && bea);
    const made = await invite(ada);
    await assert.rejects(world.invitations.decline(ada, token(made)), code("FORBIDDEN"));
    await world.invitations.decline(undefined, token(made));
    await world.invitations.decline(undefined, token(made));
    assert.deepEqual(world.heard, [`${made.id} declined to ${ada.userId}`]);
    await assert.rejects(world.invitations.accept(bea, token(made)), code("GONE"));
    const other = await invite(ada);
    await world.invitations.accept(bea, token(other));
    await assert.rejects(world.invitations.decline(undefined, token(other)), code("CONFLICT"));
  });

  it("[IN8] somebody else's is not there, whatever is asked of it", async () => {
    const [ada, bea] = await world.people(2);
    assert.ok(ada && bea);
    const made = await invite(ada);
    await assert.rejects(world.invitations.cancel(bea, made.id), code("NOT_FOUND"));
    await assert.rejects(world.invitations.resend(bea, made.id), code("NOT_FOUND"));
    assert.deepEqual((await list(bea)).invitations, []);
  });

  it("[IN9] five an hour, sending again counted", async () => {
    const [ada] = await world.people(1);
    assert.ok(ada);
    const made = await invite(ada);
    for (let n = 0; n < 3; n++) await invite(ada);
    world.outbox.sent.length = 0;
    const again = await world.invitations.resend(ada, made.id);
    assert.equal(again.token, made.token);
    assert.equal(world.outbox.sent.length, 1);
    await assert.rejects(invite(ada), code("RATE_LIMIT_EXCEEDED"));
    await assert.rejects(world.invitations.resend(ada, made.id), code("RATE_LIMIT_EXCEEDED"));
  });

  it("[IN10] goes as far as its mail did: forward only, by the better of two ways, lost when both are", async () => {
    const [ada] = await world.people(1);
    assert.ok(ada);
    const made = await invite(ada, { method: "both", email: "bea@example.org", phone: "+4930123456" });
    await news(made.id, "failed", "sms", 4);
    assert.equal(await statusOfMine(ada, made.id), "pending");
    await news(made.id, "sent");
    const sentAt = new Date(world.clock.now()).toISOString();
    world.clock.advance(60_000);
    await news(made.id, "delivered");
    await news(made.id, "sent");
    await news(made.id, "failed");
    assert.equal(await statusOfMine(ada, made.id), "delivered");
    const [shown] = (await list(ada)).invitations;
    assert.deepEqual([shown?.attemptCount, shown?.lastAttemptAt], [5, sentAt]);
    const lost = await invite(ada);
    await news(lost.id, "failed", "email", 4);
    assert.equal(await statusOfMine(ada, lost.id), "failed");
    assert.ok(world.heard.includes(`${lost.id} failed to ${ada.userId}`));
  });

  it("[IN10] a mail that left and came back has failed, until it is sent once more", async () => {
    const [ada] = await world.people(1);
    assert.ok(ada);
    const made = await invite(ada);
    await news(made.id, "sent");
    await news(made.id, "failed");
    await news(made.id, "sent");
    assert.equal(await statusOfMine(ada, made.id), "failed");
    world.clock.advance(60_000);
    assert.equal((await world.invitations.resend(ada, made.id)).status, "failed");
    await news(made.id, "sent");
    const [shown] = (await list(ada)).invitations;
    const at = new Date(world.clock.now()).toISOString();
    assert.deepEqual([shown?.status, shown?.attemptCount, shown?.lastAttemptAt], ["sent", 2, at]);
    assert.deepEqual(
      world.heard,
      ["sent", "failed", "sent"].map((status) => `${made.id} ${status} to ${ada.userId}`),
    );
  });

  it("[IN10] no order of reports, however long, takes an answer or a step back, and all come to one end", () => {
    const states = fc.constantFrom<DeliveryNews["state"]>("sent", "delivered", "failed");
    const word = (id: fc.Arbitrary<string>) =>
      fc.record({ id, state: states, attempts: fc.integer({ min: 1, max: 4 }), at: fc.integer({ min: 1, max: 9 }) });
    const ways = ["mail", "text", "mail again"];
    // Of each something is heard in the end.
    const told = fc
      .tuple(fc.tuple(...ways.map((way) => word(fc.constant(way)))), fc.array(word(fc.constantFrom(...ways))))
      .map(([first, more]) => [...first, ...more]);
    const orders = told.chain((all) => {
      const order = fc.shuffledSubarray(all, { minLength: all.length });
      return fc.tuple(order, order);
    });
    const first = fc.constantFrom<InvitationStatus>("pending", "accepted", "declined", "cancelled", "expired");
    const begun = Object.fromEntries(ways.map((way) => [way, { state: "pending", attempts: 0, at: null } as const]));
    fc.assert(
      fc.property(orders, first, (each, before) => {
        const ends = each.map((order) => {
          let [status, sendings]: [InvitationStatus, Parameters<typeof statusOf>[0]["sendings"]] = [before, begun];
          for (const { id, ...news } of order) {
            sendings = { ...sendings, [id]: sendingAfter(sendings[id], news) };
            const next = statusOf({ status, sendings });
            const isFar = status !== "pending" && status !== "sent" && status !== "failed";
            assert.ok(next === status || (next !== "pending" && !isFar), `${status} -> ${next}`);
            status = next;
          }
          return { status, sendings };
        });
        assert.deepEqual(ends[0], ends[1]);
        if (before !== "pending") assert.equal(ends[0]?.status, before);
      }),
    );
  });

  it("[IN11] its figures are of those that left, with one decimal, and nothing is divided by nothing", () => {
    const one = (status: InvitationStatus, sentAt: number | null = null, respondedAt: number | null = null) => ({
      status,
      createdAt: 0,
      sentAt,
      respondedAt,
    });
    assert.deepEqual(figuresOf([]), {
      ...{
        totalSent: 0,
        totalAccepted: 0,
        totalDeclined: 0,
        totalExpired: 0,
        acceptanceRate: 0,
        averageResponseTime: 0,
      },
    });
    const all = [
      ...[one("pending"), one("failed"), one("cancelled", 5), one("sent", 5), one("delivered", 5)],
      ...[one("accepted", 1000, 3000), one("declined", 1000, 2000), one("expired", 5)],
    ];
    assert.deepEqual(figuresOf(all), {
      ...{
        totalSent: 5,
        totalAccepted: 1,
        totalDeclined: 1,
        totalExpired: 1,
        acceptanceRate: 20,
        averageResponseTime: 1500,
      },
    });
    const thirds = [one("accepted"), one("accepted"), one("sent")];
    assert.equal(figuresOf(thirds).acceptanceRate, 66.7);
    const week = 7 * 86_400_000;
    const recent = recentOf(
      Array.from({ length: 14 }, (_, n) => ({ createdAt: 2 * week - n * 86_400_000 })),
      2 * week,
    );
    assert.equal(recent.length, 7);
    assert.equal(
      recentOf(
        Array.from({ length: 14 }, () => ({ createdAt: week })),
        week,
      ).length,
      10,
    );
  });

  it("[IN12] are listed page by page, each once", async () => {
    const [ada] = await world.people(1);
    assert.ok(ada);
    const made = [];
    for (let n = 0; n < 5; n++) {
      world.clock.advance(1);
      made.push((await invite(ada)).id);
    }
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof list>> = await list(ada, { limit: "1", ...(cursor && { cursor }) });
      seen.push(...page.invitations.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor);
    assert.deepEqual(seen, made.toReversed());
  });

  it("[IN13] ask for where they can go, by name", async () => {
    for (const [how, path] of [
      [{ method: "email" }, "email"],
      [{ method: "sms", email: "a@example.org" }, "phone"],
      [{ method: "both", email: "a@example.org" }, "phone"],
      [{ method: "pigeon", email: "a@example.org" }, "method"],
      [{ method: "email", email: "not an address" }, "email"],
      [{ method: "email", email: "a@example.org\r\nBcc: x@example.org" }, "email"],
      [{ method: "email", email: "a@example.org", status: "accepted" }, ""],
    ] as const)
      assert.throws(
        () => parse(Invite, how),
        (error: unknown) => JSON.stringify(Object(error).details).includes(`"path":"${path}"`),
        JSON.stringify(how),
      );
    const [ada] = await world.people(1);
    assert.ok(ada);
    await assert.rejects(invite(ada, { method: "sms", phone: "+9991234567" }), code("VALIDATION_ERROR"));
  });

  it("[IN14] are withdrawn when their maker finds a twin or parts, and say so to who comes later", async () => {
    const [ada, bea, cleo] = await world.people(3);
    assert.ok(ada && bea && cleo);
    const [made, theirs, other] = [await invite(ada), await invite(bea), await invite(cleo)];
    world.clock.advance(1);
    const { pairId } = await world.invitations.accept(bea, token(made));
    assert.equal(await statusOfMine(ada, made.id), "accepted");
    assert.equal(await statusOfMine(bea, theirs.id), "cancelled");
    assert.equal(await statusOfMine(cleo, other.id), "pending");
    assert.ok(world.heard.includes(`${theirs.id} cancelled to ${bea.userId}`));
    assert.equal((await world.invitations.accept(ada, token(theirs))).pairId, pairId);
    await assert.rejects(world.invitations.accept(cleo, token(theirs)), code("CONFLICT"));
    await assert.rejects(world.invitations.resend(bea, theirs.id), code("GONE"));
    const late = await invite(ada);
    await assert.rejects(world.invitations.accept(cleo, token(late)), code("CONFLICT"));
    await world.pairing.unpair(bea);
    assert.ok(world.heard.includes(`${late.id} cancelled to ${ada.userId}`));
    for (const one of [late, theirs]) await assert.rejects(world.invitations.accept(cleo, token(one)), code("GONE"));
    assert.equal(world.outbox.newestTo(`${ada.userId}@example.org`)?.letter.template, "pair_ended");
    assert.ok(world.pushed.includes(`unpaired ${ada.userId}`));
  });
});

describe("blocks", () => {
  let world: PairingWorld;
  before(async () => {
    world = await PairingWorld.open(20);
  });
  after(() => world.close());

  it("[BL1] end the pair at once; the blocked hears no more than that it ended, and finds nothing of the other", async () => {
    const [ada, bea] = await world.people(2);
    assert.ok(ada && bea);
    const pairId = await world.pairUp(ada, bea);
    world.heard.length = 0;
    await world.blocks.block(ada);
    assert.deepEqual(world.heard, [`closed ${pairId} unpaired`]);
    const { code: hers } = await world.pairing.newCode(ada);
    await assert.rejects(world.pairing.redeem(bea, hers), code("NOT_FOUND"));
    const { code: theirs } = await world.pairing.newCode(bea);
    await assert.rejects(world.pairing.redeem(ada, theirs), code("CONFLICT"));
    const { id, token } = await world.invitations.invite(ada, { method: "email", email: "bea@example.org" });
    assert.ok(token);
    await assert.rejects(world.invitations.accept(bea, token), code("NOT_FOUND"));
    await assert.rejects(world.invitations.decline(bea, token), code("NOT_FOUND"));
    const { invitations } = await world.invitations.list(ada, { limit: 50 });
    assert.equal(invitations.find((one) => one.id === id)?.status, "pending");
  });

  it("[BL2] last until they are lifted, and lifting brings nothing back by itself", async () => {
    const [ada, bea] = await world.people(2);
    assert.ok(ada && bea);
    const pairId = await world.pairUp(ada, bea);
    await world.blocks.block(ada);
    await world.blocks.block(ada, bea.userId);
    assert.deepEqual(
      (await world.blocks.list(ada)).map(({ userId }) => userId),
      [bea.userId],
    );
    assert.deepEqual(await world.blocks.list(bea), []);
    await assert.rejects(world.blocks.unblock(bea, ada.userId), code("NOT_FOUND"));
    await world.blocks.unblock(ada, bea.userId);
    await assert.rejects(world.blocks.unblock(ada, bea.userId), code("NOT_FOUND"));
    assert.equal(await world.pairing.activePair(ada.userId), null);
    assert.equal(await world.pairUp(ada, bea), pairId);
  });

  it("[BL3] are of twins, present or former: a stranger is not there, and without a twin one says whom", async () => {
    const [ada, bea] = await world.people(2);
    assert.ok(ada && bea);
    await assert.rejects(world.blocks.block(ada), code("NOT_PAIRED"));
    await assert.rejects(world.blocks.block(ada, bea.userId), code("NOT_FOUND"));
  });

  it("[BL4] however they race with a code, no two are twins of whom one has blocked the other", async () => {
    for (let n = 0; n < 8; n++) {
      const [ada, bea] = await world.people(2);
      assert.ok(ada && bea);
      await world.pairUp(ada, bea);
      await world.pairing.unpair(ada);
      const { code: hers } = await world.pairing.newCode(ada);
      await Promise.allSettled([world.pairing.redeem(bea, hers), world.blocks.block(ada, bea.userId)]);
      assert.equal(await world.pairing.activePair(ada.userId), null);
      assert.equal(await world.pairing.activePair(bea.userId), null);
    }
  });
});
