import { type ReactElement, useEffect, useState } from "react";
import { isForNow } from "../../client/index.ts";
import { useTwinship } from "../../client/react.ts";
import { isRecord } from "../../client/wire.ts";
import type { MessageMedia } from "../../schema/wire/media.ts";
import { ownPlace } from "../own-place.ts";

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
  const url = useLink(media.id);
  if (isVoice) return <Voice media={media} url={url} from={from} />;
  const { width, height } = media;
  const shape = width && height ? { aspectRatio: `${width} / ${height}` } : undefined;
  return (
    <span className="picture" style={shape} data-testid="picture" data-there={url !== undefined}>
      {url && <img src={url} alt={`Sent by ${from}`} loading="lazy" />}
    </span>
  );
}

function Voice({ media, url, from }: Omit<Props, "isVoice"> & { readonly url: string | undefined }): ReactElement {
  return (
    <span className="voice" data-testid="voice">
      <Wave heights={media.waveform ?? []} />
      <audio controls preload="none" src={url} aria-label={`A voice message from ${from}`}>
        <track kind="captions" />
      </audio>
    </span>
  );
}

const Wave = ({ heights }: { readonly heights: readonly number[] }): ReactElement => (
  <svg className="wave" viewBox="0 0 128 24" preserveAspectRatio="none" aria-hidden="true" focusable="false">
    <path d={heights.map((height, at) => `M${2 * at + 1} ${12 - half(height)}v${2 * half(height)}`).join("")} />
  </svg>
);

/** Silence is seen, too. */
const half = (height: number): number => Math.max(1, height * 0.11);

/** Undefined until there is one, and while nobody can be asked. */
function useLink(id: string): string | undefined {
  const { api } = useTwinship();
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    let later: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    const ask = async () => {
      const wait = await api.call("GET", `/media/${id}`).then(({ media }) => {
        if (!isRecord(media) || typeof media["url"] !== "string") return undefined;
        if (!isOver) setUrl(ownPlace(media["url"]));
        return Math.max(AGAIN_MS, Date.parse(String(media["expiresAt"])) - Date.now() - EARLY_MS);
      }, whenRefused);
      if (!isOver && wait !== undefined) later = setTimeout(() => void ask(), wait);
    };
    void ask();
    return () => {
      isOver = true;
      clearTimeout(later);
    };
  }, [api, id]);
  return url;
}

/** What is gone stays gone; a line that is bad gets better. */
const whenRefused = (error: unknown): number | undefined => (isForNow(error) ? AGAIN_MS : undefined);
