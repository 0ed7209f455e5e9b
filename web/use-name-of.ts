import { useCallback, useSyncExternalStore } from "react";
import { useObserved } from "./observe.ts";
import type { PhoneDevice } from "./phone-device.ts";
import { plainText } from "./plain-text.ts";

/** Whose phone it is, as far as it knows. */
export function useNameOf(phone: PhoneDevice): string {
  const { twinship } = useObserved(phone.now);
  const follow = useCallback(
    (changed: () => void) => twinship?.events.on("account", changed) ?? (() => undefined),
    [twinship],
  );
  const name = useSyncExternalStore(follow, () => twinship?.account?.name);
  if (name === undefined) return phone.side === "left" ? "Left phone" : "Right phone";
  return phone.number === 1 ? plainText(name) : `${plainText(name)}’s second device`;
}
