import {
  createContext,
  createElement,
  type ReactElement,
  type ReactNode,
  useContext,
  useMemo,
  useSyncExternalStore,
} from "react";
import type { Member, Moments, PairView, Progress } from "./members.ts";
import { type Follow, Observed } from "./observed.ts";
import type { PairRoom } from "./pair-room.ts";
import type { Ending, Status } from "./rejoin.ts";
import type { Account } from "./session.ts";
import { type ShownMessage, ShownMessages } from "./shown-messages.ts";
import type { Twinship } from "./twinship.ts";

export type { ShownMessage } from "./shown-messages.ts";

/** Who is signed in on this device. */
export interface SessionNow {
  readonly account: Account | undefined;
}

/** Where this device stands with its pair. */
export interface PairNow {
  /** To speak with; undefined while nobody is signed in. */
  readonly room: PairRoom | undefined;
  readonly status: Status;
  /** Signed in, and without a twin: a code or an invitation is what helps. */
  readonly isWaiting: boolean;
  /** Why it is not connected, and no longer tries. */
  readonly ending: Ending | undefined;
  /** How much is asked for and not done yet: what an app shows with a little clock. */
  readonly waiting: number;
  /** Where this device would resume. */
  readonly version: number;
  /** What both see without asking; undefined until the room has shown itself. */
  readonly view: PairView | undefined;
}

export interface MessagesNow {
  /** Oldest first, with what waits in the outbox. */
  readonly messages: readonly ShownMessage[];
  /** Whether there is history before them. */
  readonly hasMore: boolean;
  readonly isLoading: boolean;
}

export interface Messages extends MessagesNow {
  /** Loads the page before them. Throws Refused or NoAnswer. */
  readonly loadOlder: (limit?: number) => Promise<void>;
}

/** Both as they are right now; undefined until the room has shown itself. */
export interface PresenceNow {
  readonly me: Member | undefined;
  readonly twin: Member | undefined;
}

export interface AssessmentNow {
  readonly mine: Progress | undefined;
  readonly twins: Progress | undefined;
}

/** Makes a device known to the hooks below it. */
export function TwinshipProvider({ twinship, children }: { twinship: Twinship; children?: ReactNode }): ReactElement {
  const seen = useMemo(() => seenOf(twinship), [twinship]);
  return createElement(Context.Provider, { value: seen }, children);
}

/** The device itself: to sign in with, to connect, and for all that has no hook. */
export const useTwinship = (): Twinship => useSeen().twinship;

export const useSession = (): SessionNow => useNow(useSeen().session);

export const usePair = (): PairNow => useNow(useSeen().pair);

export function useMessages(): Messages {
  const { messages, loadOlder } = useSeen();
  const now = useNow(messages);
  return useMemo(() => ({ ...now, loadOlder }), [now, loadOlder]);
}

export const usePresence = (): PresenceNow => useNow(useSeen().presence);

/** How far both are with the questions, live; nobody's answers. */
export const useAssessment = (): AssessmentNow => useNow(useSeen().assessment);

/** What the two have felt at the same moment. */
export const useTwintuition = (): Moments => useNow(useSeen().twintuition);

interface Seen {
  readonly twinship: Twinship;
  readonly session: Observed<SessionNow>;
  readonly pair: Observed<PairNow>;
  readonly messages: Observed<MessagesNow>;
  readonly presence: Observed<PresenceNow>;
  readonly assessment: Observed<AssessmentNow>;
  readonly twintuition: Observed<Moments>;
  readonly loadOlder: (limit?: number) => Promise<void>;
}

const Context = createContext<Seen | undefined>(undefined);

function useSeen(): Seen {
  const seen = useContext(Context);
  if (!seen) throw new Error("Hooks of Twinship are used below a TwinshipProvider");
  return seen;
}

const useNow = <View extends object>({ subscribe, get }: Observed<View>): View =>
  useSyncExternalStore(subscribe, get, get);

function seenOf(twinship: Twinship): Seen {
  const { messages, loadOlder } = messagesOf(twinship);
  const members = () => membersOf(twinship);
  return {
    twinship,
    session: new Observed(() => ({ account: twinship.account }), accountOf(twinship)),
    pair: new Observed(() => pairOf(twinship), together(standingOf(twinship), told(twinship, [...HISTORY, "pending"]))),
    messages,
    presence: new Observed(members, together(standingOf(twinship), told(twinship, ["pair"]))),
    assessment: new Observed(() => progressOf(members()), told(twinship, ["pair"])),
    twintuition: new Observed(() => twinship.room?.view?.twintuition ?? NO_MOMENTS, told(twinship, ["pair"])),
    loadOlder,
  };
}

function pairOf({ room, isWaiting, ending }: Twinship): PairNow {
  const status = room?.status ?? "away";
  const [version, waiting] = [room?.version ?? 0, room?.pending.length ?? 0];
  return { room, status, isWaiting, ending, version, waiting, view: room?.view };
}

function messagesOf(twinship: Twinship): Pick<Seen, "messages" | "loadOlder"> {
  const shown = new ShownMessages();
  let loading = 0;
  let drawn: { readonly of: readonly unknown[]; readonly messages: readonly ShownMessage[] } | undefined;
  const look = (): MessagesNow => {
    const { room } = twinship;
    if (!room) return NOTHING_SAID;
    const { me, pairId, messages, pending, hasMore } = room;
    const now = shown.of({ me, pairId, messages, pending, tickOf: (message) => room.tickOf(message) });
    if (!drawn || !isSameList(drawn.messages, now)) drawn = { of: now, messages: now };
    return { messages: drawn.messages, hasMore, isLoading: loading > 0 };
  };
  const messages = new Observed(look, together(standingOf(twinship), told(twinship, [...HISTORY, "pending", "pair"])));
  const loadOlder = async (limit?: number) => {
    loading += 1;
    messages.changed();
    try {
      await twinship.room?.loadOlder(limit);
    } finally {
      loading -= 1;
      messages.changed();
    }
  };
  return { messages, loadOlder };
}

const isSameList = <T>(one: readonly T[], other: readonly T[]): boolean =>
  one.length === other.length && one.every((item, n) => item === other[n]);

const NOTHING_SAID: MessagesNow = { messages: [], hasMore: false, isLoading: false };

const NO_MOMENTS: Moments = { lastMomentId: null, lastMomentAt: null, momentsToday: 0, momentsTotal: 0 };

function membersOf({ account, room }: Twinship): PresenceNow {
  const members = room?.members ?? [];
  const isMe = ({ userId }: Member) => userId === account?.id;
  return { me: members.find(isMe), twin: members.find((member) => !isMe(member)) };
}

const progressOf = ({ me, twin }: PresenceNow): AssessmentNow => ({ mine: me?.assessment, twins: twin?.assessment });

/** What moves a message, or adds one. */
const HISTORY = ["window", "message", "changed", "trimmed", "done", "receipt"] as const;

type ChatEvent = (typeof HISTORY)[number] | "pending" | "pair" | "status" | "closed";

const told =
  ({ chat }: Twinship, names: readonly ChatEvent[]): Follow =>
  (changed) =>
    all(names.map((name) => chat.on(name, changed)));

const accountOf =
  ({ events, sessionEvents }: Twinship): Follow =>
  (changed) =>
    all([events.on("account", changed), sessionEvents.on("signedOut", changed)]);

/** Connected or not, with a twin or without. */
const standingOf = (twinship: Twinship): Follow =>
  together(accountOf(twinship), told(twinship, ["status", "pair", "closed"]), (changed) =>
    all((["paired", "unpaired", "stopped"] as const).map((name) => twinship.events.on(name, changed))),
  );

const together =
  (...follows: readonly Follow[]): Follow =>
  (changed) =>
    all(follows.map((follow) => follow(changed)));

const all = (stops: readonly (() => void)[]) => (): void => {
  for (const stop of stops) stop();
};
