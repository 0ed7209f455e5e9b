import {
  type FormEvent,
  type KeyboardEvent,
  type MouseEvent,
  type ReactElement,
  type ReactNode,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { usePair, usePresence } from "../../client/react.ts";
import type { MessageId } from "../../schema/wire/ids.ts";
import { Icon } from "../icons.tsx";
import type { Voice } from "../media/voice.ts";
import { VoiceBar } from "../media/voice-bar.tsx";
import { useObserved } from "../observe.ts";
import { plainText } from "../plain-text.ts";

/** What is being written. */
export type Draft =
  | { readonly kind: "new"; readonly text?: string }
  | { readonly kind: "reply"; readonly to: MessageId; readonly words: string }
  | { readonly kind: "edit"; readonly id: string; readonly text: string };

interface ComposerProps {
  readonly draft: Draft;
  readonly setDraft: (draft: Draft) => void;
  readonly voice: Voice;
  /** What stands beside the words. */
  readonly children?: ReactNode;
}

/** As long as the server takes. */
const LENGTH = 2000;

export function Composer({ draft, setDraft, voice, children }: ComposerProps): ReactElement {
  const { room } = usePair();
  const { twin } = usePresence();
  const { text, setText, area } = useText(draft);
  const name = plainText(twin?.name ?? "your twin");
  const isRecording = useObserved(voice.now).is !== "idle";
  const done = () => {
    setText("");
    room?.stopTyping();
    if (draft.kind !== "new") setDraft({ kind: "new" });
  };
  const send = () => {
    const words = text.trim();
    if (words === "" || !room) return;
    if (draft.kind === "edit") void room.edit(draft.id, words);
    else void room.send(draft.kind === "reply" ? { text: words, replyTo: draft.to } : words);
    done();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send();
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Escape" && draft.kind !== "new") return done();
    // A word that is being composed from several keys is not finished by Enter.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  const type = (next: string) => {
    setText(next);
    if (next.trim() === "") room?.stopTyping();
    else room?.typing();
  };

  return (
    <form className="composer" onSubmit={submit}>
      <Aim draft={draft} cancel={done} />
      <VoiceBar voice={voice} name={name} />
      <div className="line" hidden={isRecording}>
        <textarea
          ref={area}
          rows={1}
          dir="auto"
          maxLength={LENGTH}
          value={text}
          placeholder={`Message ${name}`}
          aria-label={draft.kind === "edit" ? "Change the message" : "Message"}
          enterKeyHint="send"
          onChange={(event) => type(event.target.value)}
          onKeyDown={onKey}
          onBlur={() => room?.stopTyping()}
        />
        {children}
        <SendButton isEmpty={text.trim() === ""} isEdit={draft.kind === "edit"} voice={voice} />
      </div>
    </form>
  );
}

interface SendProps {
  readonly isEmpty: boolean;
  readonly isEdit: boolean;
  readonly voice: Voice;
}

/** Sends the words; where there are none, a voice says them. */
function SendButton({ isEmpty, isEdit, voice }: SendProps): ReactElement {
  const isVoice = isEmpty && !isEdit;
  const { is } = useObserved(voice.now);
  const button = useRef<HTMLButtonElement>(null);
  const wasBusy = useRef(false);
  useEffect(() => {
    // Whoever recorded by keyboard goes on by keyboard.
    if (is === "idle" && wasBusy.current && document.activeElement === document.body) button.current?.focus();
    wasBusy.current = is !== "idle";
  }, [is]);
  const record = ({ detail }: MouseEvent) => {
    // The second of two clicks was meant for the words that are gone by now.
    if (isVoice && detail < 2) void voice.record();
  };
  return (
    <button
      ref={button}
      type={isVoice ? "button" : "submit"}
      className="send"
      disabled={isEmpty && isEdit}
      aria-label={isVoice ? "Record a voice message" : "Send"}
      onClick={record}
      // A key that is held sends once.
      onKeyDown={(event) => event.repeat && event.preventDefault()}
    >
      <Icon name={isVoice ? "mic" : "send"} />
    </button>
  );
}

/** What this is about, if not something new. */
function Aim({ draft, cancel }: { readonly draft: Draft; readonly cancel: () => void }): ReactElement | null {
  if (draft.kind === "new") return null;
  const words = draft.kind === "edit" ? plainText(draft.text) : draft.words;
  return (
    <div className="aim">
      <Icon name={draft.kind === "edit" ? "edit" : "reply"} />
      <p>
        <b>{draft.kind === "edit" ? "Editing" : "Replying"}</b>
        <span dir="auto">{words}</span>
      </p>
      <button type="button" className="round" onClick={cancel} aria-label="Cancel">
        <Icon name="close" />
      </button>
    </div>
  );
}

/** The words in the box: those of the message to change, of one that came back, or what one has begun. */
function useText(draft: Draft) {
  const [text, setText] = useState("");
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (draft.kind !== "reply" && draft.text !== undefined) setText(draft.text);
    if (draft.kind !== "new") area.current?.focus();
  }, [draft]);
  useGrowth(area, text);
  return { text, setText, area };
}

/** As high as what is in it, up to what the style allows. */
function useGrowth(area: React.RefObject<HTMLTextAreaElement | null>, text: string): void {
  useLayoutEffect(() => {
    const { current } = area;
    if (!current) return;
    current.style.height = "auto";
    current.style.height = text === "" ? "" : `${current.scrollHeight}px`;
  }, [area, text]);
}
