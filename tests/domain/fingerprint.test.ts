import assert from "node:assert/strict";
import { fingerprint } from "../../domain/room/fingerprint.ts";
import { ada, commandOf } from "../support/twins.ts";

const printOf = (input: object, key = "k") => commandOf(ada, "chat.send", key, input).print;

describe("the fingerprint of a command", () => {
  it("[P2] is the same however its fields are ordered, spaced or left out, whichever key it bears", () => {
    const print = printOf({ text: "a" });
    assert.equal(printOf({ text: " a " }), print);
    assert.equal(printOf({ type: "text", text: "a" }, "other"), print);
    assert.equal(fingerprint("x", { a: 1, b: { d: 1, c: null } }), fingerprint("x", { b: { d: 1 }, a: 1 }));
  });

  it("[P2] differs for another wish", () => {
    const prints = [{ text: "a" }, { text: "b" }, { encrypted: "a" }, { encrypted: { text: "a" } }].map((wish) =>
      printOf(wish),
    );
    assert.equal(new Set(prints).size, prints.length);
    assert.notEqual(fingerprint("chat.edit", { text: "a" }), fingerprint("chat.send", { text: "a" }));
  });

  it("[P2] is the same whatever pair id a client adds", () => {
    const command = commandOf(ada, "chat.send", "k", { text: "a", pairId: "00000000-0000-4000-8000-000000001001" });
    assert.equal(command.print, printOf({ text: "a" }));
  });
});
