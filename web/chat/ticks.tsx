import type { ReactElement } from "react";
import type { ShownMessage } from "../../client/react.ts";
import { Icon } from "../icons.tsx";

const WORDS = { waiting: "Not sent yet", sent: "Sent", delivered: "Delivered", read: "Read" } as const;

/** How far it has come: a clock, one tick, two, and two in full ink once it was read. */
export function Ticks({ tick }: { readonly tick: ShownMessage["tick"] }): ReactElement | null {
  if (tick === undefined) return null;
  return (
    <span className="ticks" data-tick={tick} title={WORDS[tick]}>
      <span className="unseen">{WORDS[tick]}</span>
      {tick === "waiting" ? <Icon name="clock" /> : <Checks isDouble={tick !== "sent"} />}
    </span>
  );
}

const Checks = ({ isDouble }: { readonly isDouble: boolean }): ReactElement => (
  <svg className="checks" viewBox="0 0 22 14" aria-hidden="true" focusable="false">
    <path d={isDouble ? "M2 7.5l3.5 3.5L13 3 M10 11l0.5 0L18.5 3" : "M5 7.5l3.5 3.5L16.5 3"} />
  </svg>
);
