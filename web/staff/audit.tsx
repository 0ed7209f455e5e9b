import { type FormEvent, type ReactElement, useCallback, useEffect, useState } from "react";
import { AuditPage } from "../../schema/wire/staff-operations.ts";
import { useDoing } from "./doing.ts";
import { asWords, Field, More, Said, When, Wide } from "./parts.tsx";
import type { StaffServer } from "./staff-server.ts";

const FIRST_PAGE: AuditPage = { entries: [], nextCursor: null };

export function Audit({ server }: { readonly server: StaffServer }): ReactElement {
  const [person, setPerson] = useState("");
  const [page, setPage] = useState<AuditPage>();
  const doing = useDoing();
  const read = useCallback(
    (of: string, cursor?: string) =>
      doing.run(async () => {
        const { entries, nextCursor } = await server.get(AuditPage, "/audit", { person: of.trim(), cursor });
        setPage((before = FIRST_PAGE) => ({
          entries: cursor === undefined ? entries : [...before.entries, ...entries],
          nextCursor,
        }));
        return undefined;
      }),
    [doing.run, server],
  );
  useEffect(() => void read(""), [read]);
  const look = (event: FormEvent) => {
    event.preventDefault();
    void read(person);
  };
  return (
    <section className="stack">
      <form className="card" onSubmit={look}>
        <Field
          label="Id of a person, or nothing for all"
          type="search"
          isRequired={false}
          value={person}
          onChange={setPerson}
        />
        <button type="submit" className="act main" disabled={doing.isBusy}>
          Show
        </button>
        <Said doing={doing} />
      </form>
      {page?.entries.length === 0 && <p className="soft">There is nothing.</p>}
      {page && page.entries.length > 0 && <Entries page={page} />}
      <More
        cursor={page?.nextCursor ?? null}
        doing={doing}
        onMore={() => void read(person, page?.nextCursor ?? undefined)}
      />
    </section>
  );
}

function Entries({ page }: { readonly page: AuditPage }): ReactElement {
  return (
    <Wide label="What was done">
      <table>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">What</th>
            <th scope="col">By</th>
            <th scope="col">To</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          {page.entries.map((entry) => (
            <tr key={entry.id}>
              <td>
                <When at={entry.at} />
              </td>
              <th scope="row">{asWords(entry.action.replace(/^staff\./, ""))}</th>
              <td>
                {entry.role ?? ""} <code>{entry.staffId ?? "the command"}</code>
              </td>
              <td>
                <code>{entry.personId ?? "–"}</code>
              </td>
              <td>{entry.reason ?? "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  );
}
