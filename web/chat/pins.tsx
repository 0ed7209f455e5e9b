import { type ReactElement, useState } from "react";
import type { ShownMessage } from "../../client/react.ts";
import { Icon } from "../icons.tsx";
import type { Jump } from "./use-jump.ts";
import { wordsOf } from "./words-of.ts";

/** What is pinned, the newest first; each touch shows the next one where it stands. */
export function Pins({
  messages,
  jump,
}: {
  readonly messages: readonly ShownMessage[];
  readonly jump: Jump;
}): ReactElement | null {
  const [turn, setTurn] = useState(0);
  const pinned = messages.filter((message) => message.pinned).reverse();
  const shown = pinned[turn % Math.max(1, pinned.length)];
  if (!shown) return null;
  const go = () => {
    jump(shown);
    setTurn(turn + 1);
  };
  return (
    <button type="button" className="pins" onClick={go}>
      <Icon name="pin" />
      <span dir="auto">{wordsOf(shown)}</span>
      {pinned.length > 1 && <small>{`${(turn % pinned.length) + 1} of ${pinned.length}`}</small>}
    </button>
  );
}
