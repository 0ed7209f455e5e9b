import { type ReactElement, useEffect, useState } from "react";
import { z } from "zod";
import { ReportedMedia } from "../../schema/wire/moderation.ts";
import { useDoing } from "./doing.ts";
import { Said } from "./parts.tsx";
import type { StaffServer } from "./staff-server.ts";

const Answer = z.object({ media: ReportedMedia });

/** As it was fetched: the page shows its own copy, which goes with it. */
interface Fetched {
  readonly media: ReportedMedia;
  readonly address: string;
}

interface Props {
  readonly server: StaffServer;
  readonly reportId: string;
  readonly mediaId: string;
  readonly isRecording: boolean;
}

/** A picture or recording of a report. Nothing is fetched before it is asked for: that somebody looked is noted. */
export function Reported({ server, reportId, mediaId, isRecording }: Props): ReactElement {
  const [fetched, setFetched] = useState<Fetched>();
  const doing = useDoing();
  useEffect(() => () => fetched && URL.revokeObjectURL(fetched.address), [fetched]);
  const look = () =>
    void doing.run(async () => {
      const answer = await server.do("POST", `/reports/${reportId}/media/${mediaId}`);
      const { media } = Answer.parse(answer);
      const { bytes } = await server.file(media.url);
      setFetched({ media, address: URL.createObjectURL(bytes) });
      return undefined;
    });
  const what = isRecording ? "recording" : "picture";
  return (
    <div className="stack">
      {fetched === undefined ? (
        <button type="button" className="act" disabled={doing.isBusy} onClick={look}>
          {`Fetch the ${what}`}
        </button>
      ) : isRecording ? (
        <audio controls src={fetched.address} aria-label="Reported recording">
          <track kind="captions" />
        </audio>
      ) : (
        <Picture fetched={fetched} />
      )}
      <Said doing={doing} />
    </div>
  );
}

/** Nobody has to see more of it, or for longer, than they need. */
function Picture({ fetched: { media, address } }: { readonly fetched: Fetched }): ReactElement {
  const [isClear, setClear] = useState(false);
  const { width, height } = media;
  return (
    <figure className="reported" data-clear={isClear}>
      <img
        src={address}
        alt={`Reported picture, ${isClear ? "shown clearly" : "blurred"}`}
        {...(width !== null && height !== null && { width, height })}
      />
      <button type="button" className="act" aria-pressed={isClear} onClick={() => setClear(!isClear)}>
        Show it clearly
      </button>
    </figure>
  );
}
