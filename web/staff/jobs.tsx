import { type ReactElement, useCallback, useEffect, useState } from "react";
import { JobPage, type JobState } from "../../schema/wire/staff-operations.ts";
import { useDoing } from "./doing.ts";
import { asWords, Choice, More, Said, When, Wide } from "./parts.tsx";
import type { StaffServer } from "./staff-server.ts";

const STATES: readonly (readonly [JobState, string])[] = [
  ["dead", "Dead"],
  ["waiting", "Waiting"],
  ["active", "Under way"],
  ["failed", "Failed"],
  ["completed", "Done"],
];

const FIRST_PAGE: JobPage = { jobs: [], counts: [], nextCursor: null };

export function Jobs({ server }: { readonly server: StaffServer }): ReactElement {
  const [state, setState] = useState<JobState>("dead");
  const [page, setPage] = useState<JobPage>();
  const doing = useDoing();
  const read = useCallback(
    async (cursor?: string) => {
      const next = await server.get(JobPage, "/jobs", { state, cursor });
      setPage((before = FIRST_PAGE) => ({
        ...next,
        jobs: cursor === undefined ? next.jobs : [...before.jobs, ...next.jobs],
      }));
      return undefined;
    },
    [server, state],
  );
  useEffect(() => void doing.run(() => read()), [doing.run, read]);

  const retry = (id: string) =>
    void doing.run(async () => {
      await server.do("POST", `/jobs/${id}/retry`);
      await read();
      return "It is tried again";
    });
  const named = STATES.map(([one, words]): readonly [JobState, string] => {
    const count = page?.counts.find((counted) => counted.state === one)?.count ?? 0;
    return [one, `${words} ${count}`];
  });

  return (
    <section className="stack">
      <Choice label="Which jobs" value={state} of={named} onChange={setState} />
      <Said doing={doing} />
      {page?.jobs.length === 0 && <p className="soft">There is none.</p>}
      {page && page.jobs.length > 0 && (
        <Wide label="Jobs">
          <table>
            <thead>
              <tr>
                <th scope="col">Kind</th>
                <th scope="col">Since</th>
                <th scope="col">Ended</th>
                <th scope="col" className="figure">
                  Tries
                </th>
                <th scope="col">Error</th>
                {state === "dead" && <th scope="col">Again</th>}
              </tr>
            </thead>
            <tbody>
              {page.jobs.map((job) => (
                <tr key={job.id}>
                  <th scope="row">{asWords(job.kind)}</th>
                  <td>
                    <When at={job.createdAt} />
                  </td>
                  <td>
                    <When at={job.endedAt} />
                  </td>
                  <td className="figure">{job.tries}</td>
                  <td>{job.error ?? "–"}</td>
                  {state === "dead" && (
                    <td>
                      <button type="button" className="act" disabled={doing.isBusy} onClick={() => retry(job.id)}>
                        Try again
                      </button>
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
      )}
      <More
        cursor={page?.nextCursor ?? null}
        doing={doing}
        onMore={() => void doing.run(() => read(page?.nextCursor ?? undefined))}
      />
    </section>
  );
}
