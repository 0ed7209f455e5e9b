import { type ReactElement, useEffect, useRef, useState } from "react";
import { Icon } from "../icons.tsx";
import { lengthOf } from "../times.ts";
import { Wave } from "./wave.tsx";

interface PlayerProps {
  /** Undefined until there is one. It changes every few minutes, for links end. */
  readonly url: string | undefined;
  readonly heights: readonly number[];
  /** 0 while nobody knows. */
  readonly durationMs: number;
  readonly from: string;
}

/** A voice message: its wave is the way through it. */
export function VoicePlayer({ url, heights, durationMs, from }: PlayerProps): ReactElement {
  const { audio, src, isOn, atMs, problem, toggle, seek, events } = usePlaying(url);
  const at = Math.min(atMs, durationMs);
  return (
    <span className="voice" data-testid="voice" data-on={isOn}>
      <button
        type="button"
        className="play"
        disabled={!url}
        aria-label={isOn ? "Pause" : `Play the voice message from ${from}`}
        onClick={toggle}
      >
        <Icon name={isOn ? "pause" : "play"} />
      </button>
      <span className="way">
        <Wave heights={heights} heard={durationMs > 0 ? at / durationMs : 0} />
        <input
          type="range"
          min={0}
          max={Math.max(1, durationMs)}
          step="any"
          value={at}
          disabled={!url || durationMs === 0}
          aria-label="Where in the voice message"
          aria-valuetext={`${lengthOf(at)} of ${lengthOf(durationMs)}`}
          onChange={({ target }) => seek(Number(target.value))}
        />
      </span>
      <span className="lasting">{lengthOf(isOn || at > 0 ? at : durationMs)}</span>
      <audio ref={audio} src={src} preload="none" {...events}>
        <track kind="captions" />
      </audio>
      {problem && (
        <span className="unplayed" role="alert">
          {problem}
        </span>
      )}
    </span>
  );
}

function usePlaying(url: string | undefined) {
  const audio = useRef<HTMLAudioElement>(null);
  /** By which link it plays: it goes on by that one when there is a newer one. */
  const [playing, setPlaying] = useState<string>();
  const [atMs, setAt] = useState(0);
  const [problem, setProblem] = useState<string>();
  const isOn = playing !== undefined;
  const pause = () => setPlaying(undefined);
  usePausing(audio, isOn);
  const toggle = () => {
    setProblem(undefined);
    setPlaying(isOn ? undefined : url);
  };
  useEffect(() => {
    const { current } = audio;
    if (!current || playing === undefined) return undefined;
    current.play().catch((error: unknown) => {
      // One that was paused before it began is no failure.
      if (error instanceof DOMException && error.name === "AbortError") return;
      setPlaying(undefined);
      setProblem("It cannot be played here.");
    });
    return () => current.pause();
  }, [playing]);
  const seek = (ms: number) => {
    setAt(ms);
    if (audio.current) audio.current.currentTime = ms / 1000;
  };
  const events = {
    // Another link begins anew.
    onLoadStart: () => seek(atMs),
    onTimeUpdate: () => audio.current && isOn && setAt(1000 * audio.current.currentTime),
    onPause: pause,
    onEnded: () => {
      pause();
      setAt(0);
    },
  };
  return { audio, src: playing ?? url, isOn, atMs, problem, toggle, seek, events };
}

/** Two voices at once are none. */
function usePausing(audio: React.RefObject<HTMLAudioElement | null>, isOn: boolean): void {
  useEffect(() => {
    if (!isOn) return undefined;
    const hear = ({ target }: Event) => {
      if (target !== audio.current) audio.current?.pause();
    };
    document.addEventListener("play", hear, true);
    return () => document.removeEventListener("play", hear, true);
  }, [audio, isOn]);
}
