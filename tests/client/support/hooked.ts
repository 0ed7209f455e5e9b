import { JSDOM } from "jsdom";
import { act, createElement } from "react";
import type { Root } from "react-dom/client";
import { TwinshipProvider } from "../../../client/react.ts";
import type { Twinship } from "../../../client/twinship.ts";
import { settled } from "./fake-platform.ts";

const NAMES = ["window", "document", "IS_REACT_ACT_ENVIRONMENT"] as const;

/** A document for React to draw in, until `close`. */
export function openDocument(): { close(): void; readonly body: object } {
  const { window } = new JSDOM("<!doctype html>");
  Object.assign(globalThis, { window, document: window.document, IS_REACT_ACT_ENVIRONMENT: true });
  const close = () => {
    for (const name of NAMES) Reflect.deleteProperty(globalThis, name);
    window.close();
  };
  return { close, body: window.document.body };
}

/** One hook, as a component of an app uses it: what it said each time that React drew. */
export class Hooked<Said> {
  readonly drawn: Said[] = [];
  readonly #root: Root;

  private constructor(root: Root) {
    this.#root = root;
  }

  static async use<Said>(twinship: Twinship, hook: () => Said): Promise<Hooked<Said>> {
    // It looks for its document as it is loaded.
    const { createRoot } = await import("react-dom/client");
    const root = createRoot(Object(Reflect.get(globalThis, "document")).createElement("div"));
    const hooked = new Hooked<Said>(root);
    const Probe = () => {
      hooked.drawn.push(hook());
      return null;
    };
    await act(async () => root.render(createElement(TwinshipProvider, { twinship }, createElement(Probe))));
    return hooked;
  }

  /** What it says by now. */
  get now(): Said {
    const last = this.drawn[this.drawn.length - 1];
    if (last === undefined) throw new Error("It was drawn");
    return last;
  }

  /** Something happens, and React draws what comes of it. */
  async after(work: () => unknown): Promise<Said> {
    await act(async () => {
      await work();
      await settled();
    });
    return this.now;
  }

  async leave(): Promise<void> {
    await act(async () => this.#root.unmount());
  }
}
