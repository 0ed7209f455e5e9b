import { type ReactElement, useCallback, useEffect, useState } from "react";
import { z } from "zod";
import { type ReleaseFormat, type ReleaseView, StaffStudyView } from "../../schema/wire/research.ts";
import { type Doing, useDoing } from "./doing.ts";
import { asWords, Said, When, Wide } from "./parts.tsx";
import type { StaffServer } from "./staff-server.ts";

const Answer = z.object({ studies: z.array(StaffStudyView).readonly() });

const FORMATS: readonly ReleaseFormat[] = ["csv", "json", "parquet", "report", "manifest"];

/** The studies one has a part in, their releases, and what is to be said of them. */
export function Studies({ server }: { readonly server: StaffServer }): ReactElement {
  const [studies, setStudies] = useState<readonly StaffStudyView[]>();
  const doing = useDoing();
  const read = useCallback(async () => {
    setStudies((await server.get(Answer, "/studies")).studies);
    return undefined;
  }, [server]);
  useEffect(() => void doing.run(read), [doing.run, read]);

  const tell = (path: string, words: string, body?: object) =>
    void doing.run(async () => {
      await server.do("POST", path, body);
      await read();
      return words;
    });

  return (
    <section className="stack">
      <Said doing={doing} />
      {studies?.length === 0 && <p className="soft">You have a part in no study.</p>}
      {studies?.map((study) => (
        <article key={study.id} className="card">
          <h2>
            {study.title} <small>{`${asWords(study.status)}, consent ${study.consentVersion}`}</small>
          </h2>
          <dl>
            <dt>Taking part</dt>
            <dd>{pairsOf(study.company.participants)}</dd>
            <dt>Ever agreed</dt>
            <dd>{pairsOf(study.company.consents)}</dd>
            <dt>As of</dt>
            <dd>{study.company.asOf}, by pairs; who has no twin here counts as one</dd>
          </dl>
          {study.releases.length === 0 ? (
            <p className="soft">Nothing was released of it yet.</p>
          ) : (
            <ReleaseTable
              study={study}
              doing={doing}
              approve={({ id, number }) => tell(`/releases/${id}/approve`, `Release ${number} is approved`)}
            />
          )}
          <p className="acts">
            {study.roles.includes("researcher") && (
              <button
                type="button"
                className="act"
                disabled={doing.isBusy}
                onClick={() => tell("/releases", "It is made, and waits for an owner's yes", { studyId: study.id })}
              >
                Ask for the next release
              </button>
            )}
            {study.releases.some(({ status }) => status === "approved") &&
              FORMATS.map((format) => (
                <button
                  key={format}
                  type="button"
                  className="plain"
                  disabled={doing.isBusy}
                  onClick={() => void doing.run(() => fetched(server, study.id, format))}
                >
                  {`Download ${format}`}
                </button>
              ))}
          </p>
        </article>
      ))}
    </section>
  );
}

async function fetched(server: StaffServer, studyId: string, format: ReleaseFormat): Promise<string> {
  const { name, bytes } = await server.file(`/api/v1/research/export/${studyId}?format=${format}`);
  const address = URL.createObjectURL(bytes);
  const link = Object.assign(document.createElement("a"), { href: address, download: name });
  link.click();
  URL.revokeObjectURL(address);
  return `${name} was fetched`;
}

/** Counts go on in elevens, so that none tells of anybody who came or went. */
const pairsOf = (atLeast: number | null): string => (atLeast === null ? "fewer than 11" : `${atLeast} or more`);

interface TableProps {
  readonly study: StaffStudyView;
  readonly doing: Doing;
  readonly approve: (release: ReleaseView) => void;
}

function ReleaseTable({ study, doing, approve }: TableProps): ReactElement {
  return (
    <Wide label={`Releases of ${study.title}`}>
      <table>
        <thead>
          <tr>
            <th scope="col">Release</th>
            <th scope="col">Asked</th>
            <th scope="col">By</th>
            <th scope="col">How alike its pairs are</th>
            <th scope="col">Stands</th>
          </tr>
        </thead>
        <tbody>
          {study.releases.map((release) => (
            <tr key={release.id}>
              <th scope="row">{release.number}</th>
              <td>
                <When at={release.askedAt} />
              </td>
              <td>{release.askedBy}</td>
              <td>{release.cohorts.map(alikeness).join("; ") || "fewer than 11 pairs"}</td>
              <td>
                {release.status === "asked" && study.roles.includes("study_owner") ? (
                  <button type="button" className="act" disabled={doing.isBusy} onClick={() => approve(release)}>
                    {`Approve release ${release.number}`}
                  </button>
                ) : (
                  asWords(release.status)
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  );
}

/** What an owner has to know before saying yes: how few pairs share what others may know of them, and what is withheld. */
function alikeness({ number, identifiability: of }: ReleaseView["cohorts"][number]): string {
  const small = of.classesTooSmall === 0 ? "" : `, ${of.classesTooSmall} of ${of.classes} classes too small`;
  return `cohort ${number}: ${of.pairs} pairs, smallest class ${of.smallestClass}${small}, ${of.cellsWithheld} of ${of.cells} counts withheld`;
}
