import assert from "node:assert/strict";
import { type ChatEvent, evolveChat } from "../../domain/room/chat-history.ts";
import { noMarks } from "../../domain/room/marks.ts";
import { type Eyes, type Message, viewFor } from "../../domain/room/message.ts";
import { isOfChat, type RoomState, roomRules } from "../../domain/room/rules.ts";
import type { UserId } from "../../schema/wire/ids.ts";
import { ada, bea, commandOf, countingChance, newYear, pair } from "../support/twins.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const SMILE = "🙂";

function roomAt(now: number) {
  const rules = roomRules({ now: () => now, ...countingChance() });
  const decide = (state: RoomState, actor: UserId, name: string, input: object) => {
    const [event] = rules.decide(state, commandOf(actor, name, "key", input));
    assert.ok(isOfChat(event));
    return event;
  };
  return { ...rules, decide };
}

const { decide } = roomAt(newYear);
const empty: RoomState = roomAt(newYear).open({ lastId: null, isClosed: false }, []);

function evolve(state: RoomState, event: ChatEvent, version = 1): RoomState {
  const seq = event.type === "chat.message_sent" ? state.chat.recent.length + 1 : null;
  return { ...state, chat: evolveChat(state.chat, event, { seq, version }) };
}

const hello = decide(empty, ada, "chat.send", { text: " hello " });
const greeted = evolve(empty, hello);
const { id: messageId } = hello;

type Said = [actor: UserId, name: string, input: object];
const after = (...changes: Said[]): RoomState =>
  changes.reduce((state, [actor, name, input], n) => {
    const change = decide(state, actor, name, { messageId, ...input });
    return evolve(state, change, n + 2);
  }, greeted);
const only = ({ chat }: RoomState): Message => {
  const [message] = chat.recent;
  assert.ok(message);
  return message;
};
const deleted = after([ada, "chat.delete", { for: "everyone" }]);

describe("chat", () => {
  it("[CH1] a message carries who said it, when, and the words without the space around them", () => {
    const { salt: _, ...said } = hello;
    assert.deepEqual(said, {
      type: "chat.message_sent",
      id: messageId,
      at: newYear,
      sender: ada,
      key: "key",
      kind: "text",
      body: { text: "hello", encrypted: null, mediaId: null, media: null, location: null },
      replyTo: null,
    });
  });

  const words = (text: string) => ({ text });
  const refused: [what: string, state: RoomState, actor: UserId, name: string, input: object, code: string][] = [
    ["a message without words", empty, ada, "chat.send", words("  "), "VALIDATION_ERROR"],
    ["one of spaces of other kinds", empty, ada, "chat.send", words("\u00a0\u3000\ufeff"), "VALIDATION_ERROR"],
    ["one that shows nothing", empty, ada, "chat.send", words("\u200b\u2060\u3164\u2800"), "VALIDATION_ERROR"],
    ["too many words", empty, ada, "chat.send", words("x".repeat(2001)), "VALIDATION_ERROR"],
    ["a NUL", empty, ada, "chat.send", words("a\0"), "VALIDATION_ERROR"],
    ["half an emoji", empty, ada, "chat.send", words("half \ud83d here"), "VALIDATION_ERROR"],
    ["a field nobody knows", empty, ada, "chat.send", { text: "a", senderId: bea }, "VALIDATION_ERROR"],
    ["words and a cipher at once", empty, ada, "chat.send", { text: "a", encrypted: "b" }, "VALIDATION_ERROR"],
    ["a place without a place", empty, ada, "chat.send", { type: "location" }, "VALIDATION_ERROR"],
    [
      "a place beyond the pole",
      empty,
      ada,
      "chat.send",
      { type: "location", location: { lat: 91, lon: 0 } },
      "VALIDATION_ERROR",
    ],
    ["a text with a place", empty, ada, "chat.send", { text: "a", location: { lat: 1, lon: 1 } }, "VALIDATION_ERROR"],
    ["a picture without a media", empty, ada, "chat.send", { type: "image" }, "VALIDATION_ERROR"],
    ["a media nobody uploaded", empty, ada, "chat.send", { type: "image", mediaId: ada }, "NOT_FOUND"],
    ["a type only the server uses", empty, ada, "chat.send", { type: "system", text: "a" }, "VALIDATION_ERROR"],
    ["a cipher of 9 KiB", empty, ada, "chat.send", { encrypted: "x".repeat(9000) }, "VALIDATION_ERROR"],
    ["a cipher 40 deep", empty, ada, "chat.send", { encrypted: { a: nested(40) } }, "VALIDATION_ERROR"],
    ["a cipher with a NUL in a name", empty, ada, "chat.send", { encrypted: { "a\0": 1 } }, "VALIDATION_ERROR"],
    ["a reply to nothing", empty, ada, "chat.send", { text: "a", replyTo: messageId }, "NOT_FOUND"],
    ["editing the twin's words", greeted, bea, "chat.edit", { messageId, text: "a" }, "FORBIDDEN"],
    ["editing what was deleted", deleted, ada, "chat.edit", { messageId, text: "a" }, "GONE"],
    ["deleting the twin's message for both", greeted, bea, "chat.delete", { messageId, for: "everyone" }, "FORBIDDEN"],
    ["a reaction to what was deleted", deleted, bea, "chat.react", { messageId, emoji: SMILE, on: true }, "GONE"],
    ["pinning what was deleted", deleted, bea, "chat.pin", { messageId, on: true }, "GONE"],
    ["a reaction of letters", greeted, bea, "chat.react", { messageId, emoji: "abc", on: true }, "VALIDATION_ERROR"],
    ["a reaction of nothing", greeted, bea, "chat.react", { messageId, emoji: "", on: true }, "VALIDATION_ERROR"],
    [
      "an emoji and a novel",
      greeted,
      bea,
      "chat.react",
      { messageId, emoji: `❤️ ${"x".repeat(2000)}`, on: true },
      "VALIDATION_ERROR",
    ],
  ];
  for (const [what, state, actor, name, input, code] of refused) {
    it(`[CH2] refuses ${what}`, () =>
      assert.throws(() => decide(state, actor, name, input), { name: "Refusal", code }));
  }

  it("[CH2] refuses a command nobody knows, one without a key, and one written for another pair", () => {
    assert.throws(() => commandOf(ada, "chat.shout", "k", {}), { code: "NOT_FOUND" });
    assert.throws(() => commandOf(ada, "constructor", "k", {}), { code: "NOT_FOUND" });
    assert.throws(() => commandOf(ada, "chat.send", "", { text: "a" }), { code: "VALIDATION_ERROR" });
    assert.throws(() => commandOf(ada, "chat.send", "x".repeat(65), { text: "a" }), { code: "VALIDATION_ERROR" });
    assert.throws(() => commandOf(ada, "chat.send", "k", { text: "a", pairId: pair(2) }), { code: "GONE" });
  });

  const unchanged: [what: string, state: RoomState, actor: UserId, name: string, input: object][] = [
    ["editing to the same words", greeted, ada, "chat.edit", { text: "hello" }],
    ["deleting twice", deleted, ada, "chat.delete", { for: "everyone" }],
    ["hiding twice", after([bea, "chat.delete", { for: "me" }]), bea, "chat.delete", { for: "me" }],
    ["taking off what is not on", greeted, bea, "chat.react", { emoji: SMILE, on: false }],
    ["taking a reaction off what was deleted", deleted, bea, "chat.react", { emoji: SMILE, on: false }],
    ["unpinning what was deleted", deleted, bea, "chat.pin", { on: false }],
    ["pinning twice", after([bea, "chat.pin", { on: true }]), ada, "chat.pin", { on: true }],
  ];
  for (const [what, state, actor, name, input] of unchanged) {
    it(`[CH3] ${what} changes nothing, and says so`, () => {
      const event = decide(state, actor, name, { messageId, ...input });
      assert.equal(event.type, "chat.nothing_changed");
      assert.equal(evolve(state, event).chat, state.chat);
    });
  }

  it("[CH4] a message can be edited for a day", () => {
    const edit = { messageId, text: "better" };
    assert.equal(roomAt(newYear + DAY_MS).decide(greeted, ada, "chat.edit", edit).type, "chat.message_edited");
    assert.throws(() => roomAt(newYear + DAY_MS + 1).decide(greeted, ada, "chat.edit", edit), { code: "GONE" });
  });

  it("[CH5] deleting for both leaves a place and no words, reactions, pin or salt", () => {
    const state = after(
      [bea, "chat.react", { emoji: SMILE, on: true }],
      [bea, "chat.pin", { on: true }],
      [ada, "chat.delete", { for: "everyone" }],
    );
    const { text, salt, reactions, pinned, seq, version, deletedAt } = only(state);
    const left = { text, salt, reactions, pinned, seq, version, deletedAt };
    assert.deepEqual(left, {
      text: null,
      salt: null,
      reactions: [],
      pinned: false,
      seq: 1,
      version: 4,
      deletedAt: newYear,
    });
    assert.equal(JSON.stringify(viewFor(eyes(bea), only(state))).includes("hello"), false);
  });

  it("[CH6] what one hides, the other still sees", () => {
    const hidden = only(after([bea, "chat.delete", { for: "me" }]));
    assert.deepEqual(viewFor(eyes(bea), hidden), { id: messageId, seq: 1, version: 2, hidden: true });
    const seen = viewFor(eyes(ada), hidden);
    assert.equal("text" in seen && seen.text, "hello");
    assert.equal(seen.version, 1);
  });

  it("[CH6] nobody sees what is the server's own: who hid it, and the salt", () => {
    const view = viewFor(eyes(ada), only(after([bea, "chat.delete", { for: "me" }])));
    assert.deepEqual(["salt" in view, "hides" in view], [false, false]);
  });

  it("[CH7] each may put each emoji once, with or without its selector", () => {
    const react = (actor: UserId, emoji: string, on = true): Said => [actor, "chat.react", { emoji, on }];
    const state = after(react(ada, "❤️"), react(bea, "❤️"), react(bea, "🎉"), react(bea, "🎉", false), react(ada, "#️⃣"));
    const left = (message: Message) => message.reactions.map(({ emoji, userId }) => [emoji, userId]);
    assert.deepEqual(left(only(state)), [
      ["❤️", ada],
      ["❤️", bea],
      ["#️⃣", ada],
    ]);
    const off = decide(state, ada, "chat.react", { messageId, emoji: "#⃣", on: false });
    assert.equal(left(only(evolve(state, off))).length, 2);
  });

  for (const emoji of ["❤️", "👍🏽", "👨‍👩‍👧‍👦", "1️⃣", "#️⃣", "🇸🇰", "🏴󠁧󠁢󠁷󠁬󠁳󠁿"]) {
    it(`[CH7] takes ${emoji} and keeps it byte for byte`, () =>
      assert.equal(only(after([bea, "chat.react", { emoji, on: true }])).reactions[0]?.emoji, emoji));
  }

  it("[CH8] a pair's ids and times rise though its nodes' clocks go back, a millisecond a message", () => {
    const late = roomAt(newYear - DAY_MS).decide(greeted, bea, "chat.send", { text: "sooner?" });
    assert.equal(late.at, newYear + 1);
    assert.ok(late.id > messageId);
  });

  it("[CH9] a reply names a message of the pair, even one just taken back, and quotes nothing", () => {
    const reply = decide(deleted, bea, "chat.send", { text: "too late", replyTo: messageId });
    assert.equal(reply.type === "chat.message_sent" && reply.replyTo, messageId);
    assert.equal(JSON.stringify(reply).includes("hello"), false);
  });

  it("[CH10] once the pair has ended, each may hide, and take back their own, and nothing else", () => {
    const ended = { ...greeted, isClosed: true };
    assert.equal(decide(ended, bea, "chat.delete", { messageId, for: "me" }).type, "chat.message_hidden");
    assert.equal(decide(ended, ada, "chat.delete", { messageId, for: "everyone" }).type, "chat.message_deleted");
    for (const [name, input] of [
      ["chat.send", { text: "please" }],
      ["chat.edit", { messageId, text: "b" }],
      ["chat.react", { messageId, emoji: SMILE, on: true }],
      ["chat.pin", { messageId, on: true }],
    ] as const) {
      assert.throws(() => decide(ended, ada, name, input), { code: "GONE" });
    }
  });

  it("[CH11] ticks tell how far the twin has come, and no further than the twin lets be known", () => {
    const marks = { deliveredSeq: 1, readSeq: 1, shownReadSeq: 0 };
    const view = viewFor(eyes(ada, marks), only(greeted));
    assert.deepEqual("isRead" in view && [view.isDelivered, view.isRead], [true, false]);
    const own = viewFor(eyes(bea, marks), only(greeted));
    assert.deepEqual("isRead" in own && [own.isDelivered, own.isRead], [true, true]);
  });
});

function eyes(reader: UserId, marks = noMarks): Eyes {
  return { reader, personOf: () => ({ name: "Ada", accentColor: "neon-purple" }), marksOfTwinOf: () => marks };
}

function nested(depth: number): unknown {
  return depth === 0 ? null : [nested(depth - 1)];
}
