import { type ReactElement, useCallback, useEffect, useRef, useState } from "react";
import { Icon } from "../icons.tsx";

/** Plays what was not sent yet: from memory, for the page may show no file that it made itself. */
export function ListenButton({ file }: { readonly file: Blob }): ReactElement {
  const playing = useRef<AudioContext>(undefined);
  const [isOn, setOn] = useState(false);
  const stop = useCallback(() => {
    void playing.current?.close();
    playing.current = undefined;
    setOn(false);
  }, []);
  useEffect(() => stop, [stop]);
  const play = async () => {
    const context = new AudioContext();
    playing.current = context;
    setOn(true);
    const source = context.createBufferSource();
    source.buffer = await context.decodeAudioData(await file.arrayBuffer());
    source.connect(context.destination);
    source.addEventListener("ended", () => playing.current === context && stop());
    if (playing.current === context) source.start();
  };
  return (
    <button
      type="button"
      className="round"
      aria-label={isOn ? "Stop playing" : "Listen to the recording"}
      onClick={() => (isOn ? stop() : void play().catch(stop))}
    >
      <Icon name={isOn ? "pause" : "play"} />
    </button>
  );
}
