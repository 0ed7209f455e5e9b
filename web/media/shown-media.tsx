import { type ReactElement, useEffect, useState } from "react";
import { isForNow } from "../../client/index.ts";
import { useTwinship } from "../../client/react.ts";
import { isRecord } from "../../client/wire.ts";
import type { MessageMedia } from "../../schema/wire/media.ts";
import { ownPlace } from "../own-place.ts";
import { VoicePlayer } from "./voice-player.tsx";

/** Before the end of a link there is another one. */
const EARLY_MS = 20_000;

const AGAIN_MS = 2000;

interface Props {
  readonly media: MessageMedia;
  readonly isVoice: boolean;
  readonly from: string;
}

/** A picture or a recording, by a link that is good for some minutes and is asked for anew. */
export function ShownMedia({ media, isVoice, from }: Props): ReactElement {
  const { url, facts } = useLink(media.id);
  // What was just sent knows no more of itself than its id.
  const { width, height, waveform, durationMs } = { ...facts, ...media };
  if (isVoice) return <VoicePlayer url={url} heights={waveform ?? []} durationMs={durationMs ?? 0} from={from} />;
  const shape = width && height ? { aspectRatio: `${width} / ${height}` } : undefined;
  return (
    <span className="picture" style={shape} data-testid="picture" data-there={url !== undefined}>
      {url && <img src={url} alt={`Sent by ${from}`} loading="lazy" />}
    </span>
  );
}

type Facts = Pick<MessageMedia, "width" | "height" | "waveform" | "durationMs">;

interface Linked {
  readonly url: string | undefined;
  readonly facts: Facts;
}

const NOTHING: Linked = { url: undefined, facts: {} };

/** Nothing until there is one, and while nobody can be asked. */
function useLink(id: string): Linked {
  const { api } = useTwinship();
  const [linked, setLinked] = useState(NOTHING);
  useEffect(() => {
    let later: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    const ask = async () => {
      const wait = await api.call("GET", `/media/${id}`).then(({ media }) => {
        if (!isShown(media)) return undefined;
        if (!isOver) setLinked({ url: ownPlace(media.url), facts: media });
        return Math.max(AGAIN_MS, Date.parse(media.expiresAt) - Date.now() - EARLY_MS);
      }, whenRefused);
      if (!isOver && wait !== undefined) later = setTimeout(() => void ask(), wait);
    };
    void ask();
    return () => {
      isOver = true;
      clearTimeout(later);
    };
  }, [api, id]);
  return linked;
}

const isShown = (value: unknown): value is Facts & { readonly url: string; readonly expiresAt: string } =>
  isRecord(value) && typeof value["url"] === "string" && typeof value["expiresAt"] === "string";

/** What is gone stays gone; a line that is bad gets better. */
const whenRefused = (error: unknown): number | undefined => (isForNow(error) ? AGAIN_MS : undefined);
