import { type ReactElement, useCallback, useMemo, useRef, useState } from "react";
import { type ShownMessage, useMessages, usePair } from "../../client/react.ts";
import { useKeptAnswers } from "../assessment/use-questionnaire.ts";
import { AlertNote } from "../felt/alert-note.tsx";
import { FeelButton } from "../felt/feel-button.tsx";
import { Moment } from "../felt/moment.tsx";
import { useAlerts } from "../felt/use-alerts.ts";
import { useFelt } from "../felt/use-felt.ts";
import { AttachButton } from "../media/attach-button.tsx";
import { useVoice } from "../media/use-voice.ts";
import { useObserved } from "../observe.ts";
import type { PhoneDevice } from "../phone-device.ts";
import { UsButton, type UsPart, UsSheet } from "../us-sheet.tsx";
import { ActionSheet } from "./action-sheet.tsx";
import { Composer, type Draft } from "./composer.tsx";
import { Head } from "./head.tsx";
import { MessageList } from "./message-list.tsx";
import { Pins } from "./pins.tsx";
import { Refusals } from "./refusals.tsx";
import { Search } from "./search.tsx";
import { useJump } from "./use-jump.ts";

interface ChatProps {
  readonly phone: PhoneDevice;
  /** By somebody who wants to see what it does, not to live with it. */
  readonly isTried: boolean;
}

/** The conversation: all of the app that a paired phone shows. */
export function Chat({ phone, isTried }: ChatProps): ReactElement {
  const { messages } = useMessages();
  const { isPlugged, isInPocket } = useObserved(phone.now);
  const list = useRef<HTMLDivElement>(null);
  const jump = useJump(list);
  const felt = useFelt();
  const kept = useKeptAnswers();
  const alerts = useAlerts();
  const [us, setUs] = useState<UsPart>();
  const closeUs = useCallback(() => setUs(undefined), []);
  const [chosen, setChosen] = useState<string>();
  const [isSearching, setSearching] = useState(false);
  const [draft, setDraft] = useState<Draft>({ kind: "new" });
  const voice = useVoice({ draft, setDraft, isSeen: !isInPocket });
  const byId = useMemo(() => new Map(messages.map((message) => [message.id, message])), [messages]);
  const open = chosen === undefined ? undefined : byId.get(chosen);
  const choose = useCallback((message: ShownMessage) => setChosen(message.id), []);
  const close = useCallback(() => setChosen(undefined), []);
  const stopSearching = useCallback(() => setSearching(false), []);
  const isCovered = open !== undefined || us !== undefined;

  return (
    <div className="chat">
      <div className="under" inert={isCovered}>
        <Head search={() => setSearching(true)} isPlugged={isPlugged}>
          <UsButton open={() => setUs("felt")} />
        </Head>
        <AlertNote alerts={alerts} openAll={() => setUs("tell")} />
        <Pins messages={messages} jump={jump} />
        {isSearching && <Search close={stopSearching} jump={jump} />}
        <MessageList scroller={list} byId={byId} choose={choose} jump={jump} isLooking={!isInPocket && !isSearching} />
        <Refusals restore={(text) => setDraft({ kind: "new", text })} />
        <Composer draft={draft} setDraft={setDraft} voice={voice}>
          <FeelButton felt={felt} />
          <AttachButton />
        </Composer>
      </div>
      {open && <ActionSheet message={open} close={close} setDraft={setDraft} />}
      {us && <UsSheet {...{ phone, felt, alerts, kept, isTried }} start={us} close={closeUs} />}
      <Moment felt={felt} />
      <RoomAnnouncer />
    </div>
  );
}

/** For who does not see the banner. */
function RoomAnnouncer(): ReactElement {
  const { status } = usePair();
  return (
    <p className="unseen" role="status">
      {status === "live" ? "Connected" : "Not connected; what you write is sent later"}
    </p>
  );
}
