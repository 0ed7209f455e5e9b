import { type KeyboardEvent, type ReactElement, type RefObject, useEffect, useRef } from "react";
import { Icon, type IconName } from "../icons.tsx";
import { useObserved } from "../observe.ts";
import { lengthOf } from "../times.ts";
import { ListenButton } from "./listen-button.tsx";
import { LONGEST_MS } from "./recorder.ts";
import type { Voice, VoiceNow } from "./voice.ts";
import { LiveWave, Wave } from "./wave.tsx";

/** As long before the end as it is said that there is one. */
const LAST_MS = 10_000;

interface BarProps {
  readonly voice: Voice;
  /** Who is to hear it. */
  readonly name: string;
}

/** Stands where words are written, for as long as there is a recording. */
export function VoiceBar({ voice, name }: BarProps): ReactElement | null {
  const now = useObserved(voice.now);
  const bar = useRef<HTMLFieldSetElement>(null);
  useFocusInBar(bar, now.is);
  if (now.is === "idle") return now.problem ? <Why problem={now.problem} close={() => voice.discard()} /> : null;
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Escape") voice.discard();
  };
  return (
    <div className="voice-making">
      {now.is === "held" && now.note && <p className="voice-note">{now.note}</p>}
      <fieldset className="voice-bar" ref={bar} onKeyDown={onKey} data-testid="recorder" data-is={now.is}>
        <legend className="unseen">Voice message</legend>
        <Deed
          icon={now.is === "asking" ? "close" : "trash"}
          label="Discard the recording"
          act={() => voice.discard()}
        />
        <Middle now={now} name={name} />
        {now.is === "recording" && <Deed icon="stop" label="Stop, and listen first" act={() => voice.stop()} />}
        <button
          type="button"
          className="send"
          data-main={true}
          disabled={now.is === "asking" || now.is === "sending"}
          aria-label={`Send the recording to ${name}`}
          onClick={() => voice.send()}
        >
          <Icon name={now.is === "sending" ? "clock" : "send"} />
        </button>
      </fieldset>
      <p className="unseen" role="status">
        {wordsOf(now)}
      </p>
    </div>
  );
}

const Why = ({ problem, close }: { readonly problem: string; readonly close: () => void }): ReactElement => (
  <p className="unsent" role="alert">
    <span>{problem}</span>
    <button type="button" className="plain" onClick={close}>
      All right
    </button>
  </p>
);

interface DeedProps {
  readonly icon: IconName;
  readonly label: string;
  readonly act: () => void;
}

const Deed = ({ icon, label, act }: DeedProps): ReactElement => (
  <button type="button" className="round" aria-label={label} title={label} onClick={act}>
    <Icon name={icon} />
  </button>
);

function Middle({ now, name }: { readonly now: VoiceNow; readonly name: string }): ReactElement {
  if (now.is === "recording")
    return (
      <>
        <Length ms={now.ms} isLive={true} />
        <LiveWave levels={now.levels} />
      </>
    );
  if (now.is === "held")
    return (
      <>
        <ListenButton file={now.recording.file} />
        <Wave heights={now.recording.levels} />
        <Length ms={now.recording.ms} isLive={false} />
      </>
    );
  return (
    <p className="voice-words">{now.is === "sending" ? `Sending it to ${name} …` : "Waiting for the microphone …"}</p>
  );
}

const Length = ({ ms, isLive }: { readonly ms: number; readonly isLive: boolean }): ReactElement => (
  <span
    className="lasting"
    role="timer"
    aria-label="Length"
    data-live={isLive}
    data-last={isLive && ms > LONGEST_MS - LAST_MS}
  >
    {lengthOf(ms)}
  </span>
);

/** For who does not see it; said once, and not with each second. */
function wordsOf(now: VoiceNow): string {
  if (now.is === "asking") return "Waiting for the microphone";
  if (now.is === "sending") return "Sending the voice message";
  if (now.is === "held") return now.note ?? `Recorded: ${lengthOf(now.recording.ms)}. Not sent yet`;
  if (now.is === "idle") return "";
  return now.ms > LONGEST_MS - LAST_MS ? "Ten seconds left" : "Recording";
}

/** What one does next has the keyboard, unless it is somewhere else on the page. */
function useFocusInBar(bar: RefObject<HTMLElement | null>, is: VoiceNow["is"]): void {
  useEffect(() => {
    const { activeElement } = document;
    const isFree = activeElement === null || activeElement === document.body || bar.current?.contains(activeElement);
    if (is === "idle" || !isFree) return;
    const main = bar.current?.querySelector("button[data-main]:enabled") ?? bar.current?.querySelector("button");
    if (main instanceof HTMLElement) main.focus({ preventScroll: true });
  }, [bar, is]);
}
