import type { ReactElement } from "react";
import { useTwintuition } from "../../client/react.ts";
import { Icon } from "../icons.tsx";
import type { Felt } from "./use-felt.ts";

/** "I feel my twin now": nobody learns of it unless the twin feels the same. */
export function FeelButton({ felt }: { readonly felt: Felt }): ReactElement {
  const { momentsToday } = useTwintuition();
  const label = felt.isWaiting ? "Felt. Your twin has half a minute to feel it, too" : "I feel my twin now";
  return (
    <button
      type="button"
      className="feel"
      data-waiting={felt.isWaiting}
      onClick={() => felt.press()}
      aria-label={label}
      title={momentsToday > 0 ? `${label}. Moments today: ${momentsToday}` : label}
    >
      <Icon name="felt" />
    </button>
  );
}
