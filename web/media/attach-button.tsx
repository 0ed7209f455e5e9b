import { type ChangeEvent, type ReactElement, useRef, useState } from "react";
import { Refused } from "../../client/index.ts";
import { usePair, useTwinship } from "../../client/react.ts";
import { Icon } from "../icons.tsx";
import { plainText } from "../plain-text.ts";

/** What the server takes, in the words of a file dialog. */
const TAKEN = "image/jpeg,image/png,image/webp,audio/*";

/** Sends a picture or a recording from this device; says so while it is on its way, and why it was not taken. */
export function AttachButton(): ReactElement {
  const twinship = useTwinship();
  const { room } = usePair();
  const input = useRef<HTMLInputElement>(null);
  const [isSending, setSending] = useState(false);
  const [problem, setProblem] = useState<string>();
  const send = async (file: File) => {
    const isVoice = file.type.startsWith("audio/");
    setProblem(undefined);
    setSending(true);
    try {
      const purpose = isVoice ? "voice" : "chat";
      const { id } = await twinship.api.upload({ purpose, contentType: file.type, file });
      await room?.send({ type: isVoice ? "voice" : "image", mediaId: id });
    } catch (error) {
      setProblem(error instanceof Refused ? plainText(error.message) : "It did not get there: try again");
    }
    setSending(false);
  };
  const choose = ({ target }: ChangeEvent<HTMLInputElement>) => {
    const [file] = target.files ?? [];
    // The same one may be chosen again.
    target.value = "";
    if (file) void send(file);
  };
  return (
    <>
      <button
        type="button"
        className="attach"
        disabled={isSending}
        aria-label={isSending ? "Sending what was chosen" : "Send a picture or a recording"}
        onClick={() => input.current?.click()}
      >
        <Icon name={isSending ? "clock" : "attach"} />
      </button>
      <input
        ref={input}
        type="file"
        accept={TAKEN}
        className="unseen"
        tabIndex={-1}
        aria-hidden="true"
        onChange={choose}
      />
      {problem && (
        <p className="unsent" role="alert">
          {problem}
        </p>
      )}
    </>
  );
}
