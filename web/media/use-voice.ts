import { useEffect, useRef, useState } from "react";
import { usePair, useTwinship } from "../../client/react.ts";
import type { Draft } from "../chat/composer.tsx";
import { openMicrophone } from "./microphone.ts";
import { Voice } from "./voice.ts";

/** A level that moves is motion, too: twice a second is enough. */
const LOOKS_A_CALM_ONE = 5;

export interface VoiceUse {
  /** A voice message answers what words would. */
  readonly draft: Draft;
  readonly setDraft: (draft: Draft) => void;
  /** Somebody sees that it is recording. */
  readonly isSeen: boolean;
}

/** Voice messages of this phone; whatever is being recorded when it leaves the page is gone. */
export function useVoice({ draft, setDraft, isSeen }: VoiceUse): Voice {
  const { api } = useTwinship();
  const { room } = usePair();
  const latest = useRef({ api, room, draft, setDraft });
  latest.current = { api, room, draft, setDraft };
  const [voice] = useState(() => voiceBy(() => latest.current));
  useEffect(() => () => voice.discard(), [voice]);
  useEffect(() => {
    if (!isSeen) voice.stop();
  }, [voice, isSeen]);
  return voice;
}

interface Now extends Pick<VoiceUse, "draft" | "setDraft"> {
  readonly api: ReturnType<typeof useTwinship>["api"];
  readonly room: ReturnType<typeof usePair>["room"];
}

function voiceBy(now: () => Now): Voice {
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  return new Voice({
    open: () => {
      // What plays would be heard in it.
      for (const audio of document.querySelectorAll("audio")) audio.pause();
      return openMicrophone();
    },
    looksShown: isCalm ? LOOKS_A_CALM_ONE : 1,
    tell: (isRecording) => (isRecording ? now().room?.typing("voice") : now().room?.stopTyping()),
    send: async ({ contentType, file }, isWanted) => {
      const { id } = await now().api.upload({ purpose: "voice", contentType, file });
      if (!isWanted()) return;
      const { room, draft, setDraft } = now();
      await room?.send({ type: "voice", mediaId: id, ...(draft.kind === "reply" && { replyTo: draft.to }) });
      if (draft.kind === "reply") setDraft({ kind: "new" });
    },
  });
}
