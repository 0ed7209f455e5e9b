import { type ReactElement, useCallback, useEffect, useState } from "react";
import { type ReportAction, type ReportCase, ReportPage } from "../../schema/wire/moderation.ts";
import { type Doing, useDoing } from "./doing.ts";
import { asTitle, asWords, Choice, GraveButton, More, Said, When } from "./parts.tsx";
import { Reported } from "./reported-media.tsx";
import type { StaffServer } from "./staff-server.ts";

const STATUSES = [
  ["open", "Open"],
  ["decided", "Decided"],
] as const;

type Status = (typeof STATUSES)[number][0];

const FIRST_PAGE: ReportPage = { reports: [], nextCursor: null };

export function Reports({ server }: { readonly server: StaffServer }): ReactElement {
  const [status, setStatus] = useState<Status>("open");
  const [page, setPage] = useState<ReportPage>();
  const doing = useDoing();

  const read = useCallback(
    (cursor?: string) =>
      doing.run(async () => {
        const { reports, nextCursor } = await server.get(ReportPage, "/reports", { status, limit: "20", cursor });
        setPage((before = FIRST_PAGE) => ({
          reports: cursor === undefined ? reports : [...before.reports, ...reports],
          nextCursor,
        }));
        return undefined;
      }),
    [doing.run, server, status],
  );
  useEffect(() => void read(), [read]);

  const decided = (id: string) =>
    setPage((before) => before && { ...before, reports: before.reports.filter((one) => one.id !== id) });

  return (
    <section className="stack">
      <Choice label="Which reports" value={status} of={STATUSES} onChange={setStatus} />
      <Said doing={doing} />
      {page?.reports.length === 0 && <p className="soft">There is none. That is good.</p>}
      <ol className="stack">
        {page?.reports.map((report) => (
          <li key={report.id}>
            <Case server={server} report={report} onDecided={() => decided(report.id)} />
          </li>
        ))}
      </ol>
      <More cursor={page?.nextCursor ?? null} doing={doing} onMore={() => void read(page?.nextCursor ?? undefined)} />
    </section>
  );
}

interface CaseProps {
  readonly server: StaffServer;
  readonly report: ReportCase;
  readonly onDecided: () => void;
}

function Case({ server, report, onDecided }: CaseProps): ReactElement {
  const { reason, times, details, messages, further, reportedId, createdAt } = report;
  return (
    <article className="card" aria-label={`Report: ${asWords(reason)}`}>
      <h2>
        {asTitle(reason)}
        {times > 1 && <small> told {times} times</small>}
        {report.status === "open" && <TimeLeft seconds={report.secondsLeft} />}
      </h2>
      {report.heldBy !== null && report.heldBy !== server.member.id && (
        <p className="soft">Somebody else is at it just now.</p>
      )}
      {details !== null && <blockquote>{details}</blockquote>}
      {messages === null && <p className="soft">What was said is not kept any more.</p>}
      <ol className="said">
        {messages?.map((message) => (
          <li key={message.id} data-theirs={message.senderId === reportedId}>
            <small>
              {message.senderId === reportedId ? "reported" : "who reported"}, <When at={message.sentAt} />
            </small>
            <p>{wordsOf(message)}</p>
            {message.mediaId !== null && report.status === "open" && (
              <Reported
                server={server}
                reportId={report.id}
                mediaId={message.mediaId}
                isRecording={message.type === "voice"}
              />
            )}
          </li>
        ))}
      </ol>
      {further.length > 0 && (
        <details>
          <summary>Told again</summary>
          <ul>
            {further.map(({ at, reason: why, details: more }) => (
              <li key={at + more}>
                <When at={at} />: {asWords(why)}
                {more !== null && `, ${more}`}
              </li>
            ))}
          </ul>
        </details>
      )}
      <p className="soft ids">
        <When at={createdAt} /> · reported <code>{reportedId}</code> · by <code>{report.reporterId}</code>
      </p>
      {report.status === "open" ? (
        <Decision server={server} report={report} onDecided={onDecided} />
      ) : (
        <p>
          {asTitle(report.decision ?? "")} <When at={report.decidedAt} />
          {report.note !== null && `: ${report.note}`}
        </p>
      )}
    </article>
  );
}

type Told = NonNullable<ReportCase["messages"]>[number];

function wordsOf({ text, isEncrypted, deletedAt, type }: Told): string {
  if (deletedAt !== null) return "deleted before it was reported";
  if (isEncrypted) return "sealed: only the two can read it";
  return text ?? KINDS[type];
}

/** What has no words. */
const KINDS: Readonly<Record<Told["type"], string>> = {
  text: "a message",
  emoji: "an emoji",
  image: "a picture",
  voice: "a recording",
  location: "a place",
};

const HOUR_S = 3600;

function TimeLeft({ seconds }: { readonly seconds: number }): ReactElement {
  const hours = Math.floor(Math.abs(seconds) / HOUR_S);
  return (
    <span className="badge" data-late={seconds < 0}>
      {seconds < 0 ? `${hours} h late` : `${hours} h left`}
    </span>
  );
}

const DONE: Readonly<Record<ReportAction, string>> = {
  dismiss: "Dismissed",
  warn: "They are warned",
  remove_message: "Removed",
  suspend: "They are suspended",
};

function Decision({ server, report, onDecided }: CaseProps): ReactElement {
  const [note, setNote] = useState("");
  const doing: Doing = useDoing();
  const isReady = note.trim() !== "" && !doing.isBusy;
  const decide = (action: ReportAction) =>
    void doing.run(async () => {
      await server.do("POST", `/reports/${report.id}/decision`, { action, note });
      onDecided();
      return DONE[action];
    });
  const hasTheirs = report.messages?.some(({ senderId }) => senderId === report.reportedId) ?? false;
  const id = `note-${report.id}`;
  return (
    <form className="stack" onSubmit={(event) => event.preventDefault()}>
      <p className="field">
        <label htmlFor={id}>Why you decide so (for us; neither of the two reads it)</label>
        <textarea id={id} rows={2} maxLength={1000} value={note} onChange={(event) => setNote(event.target.value)} />
      </p>
      <p className="acts">
        <button type="button" className="act" disabled={!isReady} onClick={() => decide("dismiss")}>
          Dismiss
        </button>
        <button type="button" className="act" disabled={!isReady} onClick={() => decide("warn")}>
          Warn
        </button>
        <GraveButton isDisabled={!isReady || !hasTheirs} onPress={() => decide("remove_message")}>
          Remove messages
        </GraveButton>
        <GraveButton isDisabled={!isReady} onPress={() => decide("suspend")}>
          Suspend
        </GraveButton>
      </p>
      <Said doing={doing} />
    </form>
  );
}
