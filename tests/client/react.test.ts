import assert from "node:assert/strict";
import {
  useAssessment,
  useMessages,
  usePair,
  usePresence,
  useSession,
  useTwinship,
  useTwintuition,
} from "../../client/react.ts";
import { NoAnswer, Refused } from "../../client/retry.ts";
import { settled } from "./support/fake-platform.ts";
import { Hooked, openDocument } from "./support/hooked.ts";
import { ada, bea, hidden, idOf, message, messages, PAIR } from "./support/messages.ts";
import { stateOf, World } from "./support/world.ts";

const person = (userId: string, more: object = {}) => ({
  ...{ userId, name: userId === ada ? "Ada" : "Bea", accentColor: "neon-blue", status: "online" },
  ...{ deliveredSeq: 0, readSeq: 0, ...more },
});

describe("the hooks for React", () => {
  let page: ReturnType<typeof openDocument>;
  before(() => {
    page = openDocument();
  });
  after(() => page.close());

  it("[RX1] useSession says who is signed in, and that nobody is any more", async () => {
    const world = await World.open();
    const session = await Hooked.use(world.twinship, useSession);
    const nameNow = () => session.now.account?.name;
    assert.equal(nameNow(), undefined);
    await session.after(() => world.twinship.login("ada@example.org", "Correct-horse-1"));
    assert.equal(nameNow(), "Ada");
    await session.after(() => world.twinship.logout());
    assert.equal(nameNow(), undefined);
    await session.leave();
  });

  it("[RX2] usePair goes from the door to the room, and tells when the line is lost", async () => {
    const world = await World.open();
    const pair = await Hooked.use(world.twinship, usePair);
    assert.equal(pair.now.room, undefined);
    await pair.after(() => world.twinship.login("ada@example.org", "Correct-horse-1"));
    assert.equal(pair.now.room, world.room);
    await pair.after(() => world.twinship.connect());
    assert.equal(pair.now.status, "joining");
    await pair.after(() => {
      world.rooms.last.show(stateOf({ version: 2 }));
      world.rooms.last.window(messages(1, 2));
    });
    const { status, version, view, isWaiting } = pair.now;
    assert.deepEqual([status, version, view?.pairId, isWaiting], ["live", 2, PAIR, false]);
    await pair.after(() => world.rooms.last.close(1006));
    assert.equal(pair.now.status, "joining");
    let key = "";
    await pair.after(async () => {
      ({ key } = await world.room.send("later"));
    });
    assert.equal(pair.now.waiting, 1);
    await pair.after(() => world.room.discard(key));
    assert.equal(pair.now.waiting, 0);
    await pair.leave();
  });

  it("[RX2] usePair says that there is no twin yet, and that there is one", async () => {
    const world = await World.open();
    await world.twinship.login("ada@example.org", "Correct-horse-1");
    world.rooms.refusals.push(new Refused("NOT_PAIRED", "You have no twin here yet"));
    const pair = await Hooked.use(world.twinship, usePair);
    await pair.after(() => world.twinship.connect());
    assert.equal(pair.now.isWaiting, true);
    await pair.after(() => world.rooms.last.say("pair.opened", { pairId: PAIR, twinProfile: {} }));
    assert.equal(pair.now.isWaiting, false);
    await pair.leave();
  });

  it("[RX2] usePair says why it no longer tries, until somebody asks it to", async () => {
    const { world, socket } = await World.opened();
    const pair = await Hooked.use(world.twinship, usePair);
    await pair.after(() => socket.close(4409));
    assert.deepEqual(pair.now.ending, { why: "replaced" });
    await pair.after(() => world.twinship.connect());
    assert.equal(pair.now.ending, undefined);
    await pair.leave();
  });

  it("[RX3] useMessages has them in order, each once, and leaves out what was hidden", async () => {
    const { world, socket } = await World.opened();
    const said = await Hooked.use(world.twinship, useMessages);
    await said.after(() => {
      socket.tell(message(1));
      socket.tell(hidden(2));
      socket.tell(message(3));
    });
    assert.deepEqual(
      said.now.messages.map(({ seq, isMine, tick }) => [seq, isMine, tick]),
      [
        [1, false, undefined],
        [3, false, undefined],
      ],
    );
    await said.leave();
  });

  it("[RX3] what is sent shows at once as waiting, and then in its place, in one piece", async () => {
    const { world, socket } = await World.opened();
    const said = await Hooked.use(world.twinship, useMessages);
    await said.after(() => world.room.send("hello"));
    const [waiting] = said.now.messages;
    assert.deepEqual([waiting?.text, waiting?.tick, waiting?.isMine], ["hello", "waiting", true]);
    assert.equal(waiting?.messageId, undefined);
    const { key } = socket.all("chat.send")[0] ?? {};
    assert.equal(waiting?.key, key);
    said.drawn.length = 0;
    world.rooms.on("chat.send", () => ({
      ...{ id: idOf(1), seq: 1, version: 1, duplicate: false },
      sentAt: "2026-01-01T00:00:00.000Z",
    }));
    await said.after(async () => {
      socket.close(1006);
      await world.platform.pass(1000);
      world.rooms.last.show(stateOf());
      world.rooms.last.resume(0, 0);
    });
    assert.ok(
      said.drawn.every(({ messages: all }) => all.filter((one) => one.key === key).length === 1),
      "never twice, and never gone",
    );
    const [sent, ...more] = said.now.messages;
    assert.deepEqual([sent?.tick, sent?.messageId, more.length], ["sent", idOf(1), 0]);
    await said.leave();
  });

  it("[RX3] ticks move with receipts, and a message that did not change stays the same object", async () => {
    const { world, socket } = await World.opened();
    const said = await Hooked.use(world.twinship, useMessages);
    await said.after(() => socket.tell(message(1, { senderId: ada })));
    await said.after(() => socket.tell(message(2)));
    const [mine, theirs] = said.now.messages;
    assert.equal(mine?.tick, "sent");
    await said.after(() => socket.say("chat.receipt", { userId: bea, deliveredSeq: 1, readSeq: 0 }));
    assert.equal(said.now.messages[0]?.tick, "delivered");
    await said.after(() => socket.say("chat.receipt", { userId: bea, deliveredSeq: 1, readSeq: 1 }));
    assert.equal(said.now.messages[0]?.tick, "read");
    assert.equal(said.now.messages[1], theirs);
    const before = said.now.messages;
    await said.after(() => socket.show(stateOf({ version: 2 })));
    assert.equal(said.now.messages, before, "news about something else draws nothing anew");
    await said.leave();
  });

  it("[RX3] what is asked for shows as it will be, under a clock, until it is done or taken back", async () => {
    const { world, socket } = await World.opened();
    await settled();
    socket.tell(message(1, { senderId: ada }));
    socket.tell(message(2));
    const said = await Hooked.use(world.twinship, useMessages);
    await said.after(async () => {
      await world.room.edit(idOf(1), "better");
      await world.room.react(idOf(2), "❤️");
      await world.room.pin(idOf(2));
    });
    const [edited, reacted] = said.now.messages;
    assert.deepEqual([edited?.text, edited?.tick, edited?.waiting.length], ["better", "waiting", 1]);
    assert.deepEqual(
      [reacted?.reactions.map(({ emoji, userId }) => [emoji, userId]), reacted?.pinned, reacted?.tick],
      [[["❤️", ada]], true, "waiting"],
    );
    await said.after(async () => {
      for (const { key } of [...(edited?.waiting ?? []), ...(reacted?.waiting ?? [])]) await world.room.discard(key);
      await world.room.delete(idOf(1), "me");
      await world.room.delete(idOf(2), "everyone");
    });
    const [left, ...more] = said.now.messages;
    assert.deepEqual([left?.seq, left?.text, left?.deletedAt === null, more.length], [2, null, false, 0]);
    await said.leave();
  });

  it("[RX3] older pages join what is there, and say so while they come", async () => {
    const { world, socket } = await World.opened();
    socket.window(messages(3, 4), { hasMore: true });
    const said = await Hooked.use(world.twinship, useMessages);
    assert.equal(said.now.hasMore, true);
    world.rooms.on("chat.history", () => ({ messages: messages(1, 2), hasMore: false }));
    await said.after(() => said.now.loadOlder());
    assert.deepEqual(
      said.now.messages.map(({ seq }) => seq),
      [1, 2, 3, 4],
    );
    assert.ok(said.drawn.some(({ isLoading }) => isLoading));
    assert.deepEqual([said.now.isLoading, said.now.hasMore], [false, false]);
    world.rooms.on("chat.history", () => Promise.reject(new NoAnswer("gone")));
    await said.after(() => assert.rejects(said.now.loadOlder(), NoAnswer));
    await said.leave();
  });

  it("[RX4] usePresence knows who is who, who is there and who types", async () => {
    const { world, socket } = await World.opened();
    const presence = await Hooked.use(world.twinship, usePresence);
    const members = { [bea]: person(bea, { typing: true, status: "away" }), [ada]: person(ada) };
    await presence.after(() => socket.show(stateOf({ members })));
    const { me, twin } = presence.now;
    assert.deepEqual([me?.userId, twin?.userId, twin?.typing, twin?.status], [ada, bea, true, "away"]);
    assert.equal(twin?.typingKind, "text");
    const recording = { ...members, [bea]: person(bea, { typing: true, typingKind: "voice" }) };
    await presence.after(() => socket.show(stateOf({ members: recording })));
    assert.equal(presence.now.twin?.typingKind, "voice");
    await presence.leave();
  });

  it("[RX5] useAssessment and useTwintuition say what the room shows, and nothing while it shows nothing", async () => {
    const { world, socket } = await World.opened();
    const progress = await Hooked.use(world.twinship, useAssessment);
    const moments = await Hooked.use(world.twinship, useTwintuition);
    assert.deepEqual([progress.now.mine?.status, moments.now.momentsTotal], ["none", 0]);
    const assessment = { sessionId: "s", answered: 12, total: 150, status: "in_progress" };
    const state = {
      members: { [ada]: person(ada), [bea]: person(bea, { assessment }) },
      twintuition: { momentsToday: 1, momentsTotal: 7, lastMomentId: "m", lastMomentAt: "2026-01-01T00:00:00.000Z" },
    };
    await progress.after(() => moments.after(() => socket.show(stateOf(state))));
    assert.deepEqual(progress.now.twins, assessment);
    assert.deepEqual([moments.now.momentsToday, moments.now.momentsTotal], [1, 7]);
    await progress.leave();
    await moments.leave();
  });

  it("[RX6] a component that goes leaves nobody listening, and one without a provider is told so", async () => {
    const { world, socket } = await World.opened();
    const said = await Hooked.use(world.twinship, useMessages);
    await said.leave();
    said.drawn.length = 0;
    socket.tell(message(1));
    await settled();
    assert.deepEqual(said.drawn, []);
    const device = await Hooked.use(world.twinship, useTwinship);
    assert.equal(device.now, world.twinship);
    await device.leave();
  });
});
