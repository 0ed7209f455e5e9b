import { useEffect, useSyncExternalStore } from "react";
import type { Observed } from "../client/observed.ts";

export const useObserved = <View extends object>({ subscribe, get }: Observed<View>): View =>
  useSyncExternalStore(subscribe, get, get);

/** While the part is on the page. `follow` is a new function only if it is about something else. */
export function useFollow(follow: () => () => void): void {
  useEffect(follow, [follow]);
}
