import { type FormEvent, type ReactElement, useEffect, useState } from "react";
import { DeliveriesReport } from "../../schema/wire/staff-operations.ts";
import { SuppressionsFound } from "../../schema/wire/staff-people.ts";
import { DaysChart } from "./days-chart.tsx";
import { useDoing } from "./doing.ts";
import { asWords, Choice, Field, Said, When, Wide } from "./parts.tsx";
import type { StaffServer } from "./staff-server.ts";

const SPANS = [
  ["7", "7 days"],
  ["30", "30 days"],
  ["90", "90 days"],
] as const;

type Span = (typeof SPANS)[number][0];

const COLUMNS = ["sent", "delivered", "bounced", "opened", "clicked", "answered", "failed", "suppressed"] as const;

export function Deliveries({ server }: { readonly server: StaffServer }): ReactElement {
  const [days, setDays] = useState<Span>("7");
  const [report, setReport] = useState<DeliveriesReport>();
  const { run, outcome } = useDoing();
  useEffect(() => {
    void run(async () => {
      setReport(await server.get(DeliveriesReport, "/deliveries", { days }));
      return undefined;
    });
  }, [run, server, days]);

  return (
    <section className="stack">
      <Choice label="Of how long" value={days} of={SPANS} onChange={setDays} />
      <Said doing={{ outcome }} />
      {report && <DaysChart days={report.perDay} span={Number(days)} />}
      {report && <Figures report={report} />}
      <Suppressions server={server} />
    </section>
  );
}

function Figures({ report }: { readonly report: DeliveriesReport }): ReactElement {
  if (report.deliveries.length === 0) return <p className="soft">Nothing was sent.</p>;
  return (
    <Wide label="By template">
      <table>
        <thead>
          <tr>
            <th scope="col">Template</th>
            <th scope="col">By</th>
            {COLUMNS.map((column) => (
              <th key={column} scope="col" className="figure">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {report.deliveries.map((row) => (
            <tr key={row.template + row.channel}>
              <th scope="row">{asWords(row.template)}</th>
              <td>{row.channel}</td>
              {COLUMNS.map((column) => (
                <td key={column} className="figure">
                  {row[column]}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  );
}

function Suppressions({ server }: { readonly server: StaffServer }): ReactElement {
  const [address, setAddress] = useState("");
  const [found, setFound] = useState<{ readonly address: string } & ReturnType<typeof SuppressionsFound.parse>>();
  const doing = useDoing();
  const place = (of: string) => `/suppressions/${encodeURIComponent(of)}`;
  const look = (event: FormEvent) => {
    event.preventDefault();
    void doing.run(async () => {
      setFound({ address, ...(await server.get(SuppressionsFound, place(address))) });
      return undefined;
    });
  };
  const lift = (of: string) =>
    void doing.run(async () => {
      await server.do("DELETE", place(of));
      setFound(undefined);
      return "They are written to again";
    });
  const standing = found?.suppressions.filter(({ liftedAt }) => liftedAt === null) ?? [];
  return (
    <form className="card" onSubmit={look}>
      <h2>Does an address get nothing?</h2>
      <Field label="The whole address, or a number with +" value={address} onChange={setAddress} />
      <button type="submit" className="act main" disabled={doing.isBusy}>
        Look
      </button>
      <Said doing={doing} />
      {found && standing.length === 0 && <p>Nothing is held back from it.</p>}
      {standing.map(({ channel, reason, at }) => (
        <p key={channel + reason}>
          {channel}: {reason}, since <When at={at} />
        </p>
      ))}
      {found && standing.length > 0 && (
        <button type="button" className="act" disabled={doing.isBusy} onClick={() => lift(found.address)}>
          Write to it again
        </button>
      )}
    </form>
  );
}
