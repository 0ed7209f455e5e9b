import {
  type FormEvent,
  type KeyboardEvent,
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
import { plainText } from "../plain-text.ts";

/** What is being written. */
export type Draft =
  | { readonly kind: "new"; readonly text?: string }
  | { readonly kind: "reply"; readonly to: MessageId; readonly words: string }
  | { readonly kind: "edit"; readonly id: string; readonly text: string };

interface ComposerProps {
  readonly draft: Draft;
  readonly setDraft: (draft: Draft) => void;
  /** What stands beside the words. */
  readonly children?: ReactNode;
}

/** As long as the server takes. */
const LENGTH = 2000;

export function Composer({ draft, setDraft, children }: ComposerProps): ReactElement {
  const { room } = usePair();
  const { twin } = usePresence();
  const { text, setText, area } = useText(draft);
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
      <div className="line">
        <textarea
          ref={area}
          rows={1}
          dir="auto"
          maxLength={LENGTH}
          value={text}
          placeholder={`Message ${plainText(twin?.name ?? "your twin")}`}
          aria-label={draft.kind === "edit" ? "Change the message" : "Message"}
          enterKeyHint="send"
          onChange={(event) => type(event.target.value)}
          onKeyDown={onKey}
          onBlur={() => room?.stopTyping()}
        />
        {children}
        <button type="submit" className="send" disabled={text.trim() === ""} aria-label="Send">
          <Icon name="send" />
        </button>
      </div>
    </form>
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
