import { type FormEvent, type ReactElement, useState } from "react";
import type { StaffRole } from "../../schema/wire/staff.ts";
import { PeopleFound, type PersonCase } from "../../schema/wire/staff-people.ts";
import { useDoing } from "./doing.ts";
import { asWords, Field, GraveButton, Said, When } from "./parts.tsx";
import type { StaffServer } from "./staff-server.ts";

export function People({ server }: { readonly server: StaffServer }): ReactElement {
  const [q, setQ] = useState("");
  const [reason, setReason] = useState("");
  const [person, setPerson] = useState<PersonCase>();
  const doing = useDoing();

  const find = () =>
    doing.run(async () => {
      const { people } = await server.get(PeopleFound, "/people", { q, reason });
      setPerson(people[0]);
      return people.length === 0 ? "Nobody has that id or that whole address" : undefined;
    });

  const search = (event: FormEvent) => {
    event.preventDefault();
    void find();
  };

  return (
    <section className="stack">
      <form className="card" onSubmit={search}>
        <Field label="Id, or the whole address" type="search" value={q} onChange={setQ} />
        <Field label="Why you look (they can read it)" maxLength={500} value={reason} onChange={setReason} />
        <button type="submit" className="act main" disabled={doing.isBusy}>
          Find
        </button>
        <Said doing={doing} />
      </form>
      {person && (
        <Person key={person.id} server={server} person={person} reason={reason} onChanged={() => void find()} />
      )}
    </section>
  );
}

interface PersonProps {
  readonly server: StaffServer;
  readonly person: PersonCase;
  readonly reason: string;
  readonly onChanged: () => void;
}

function Person({ server, person, reason, onChanged }: PersonProps): ReactElement {
  const { suppressions, deliveries } = person;
  return (
    <article className="card" aria-label={person.email}>
      <h2>
        {person.email} <span className="badge">{person.status}</span>
        {person.worksHere && <span className="badge">works here</span>}
      </h2>
      <dl>
        <dt>Id</dt>
        <dd>
          <code>{person.id}</code>
        </dd>
        <dt>Address</dt>
        <dd>{person.emailVerified ? "confirmed" : "not confirmed"}</dd>
        <dt>Number</dt>
        <dd>{person.hasPhone ? "has one" : "none"}</dd>
        <dt>Here since</dt>
        <dd>
          <When at={person.createdAt} />
        </dd>
        <dt>Paired since</dt>
        <dd>
          <When at={person.pairedSince} /> {person.pairId && <code>{person.pairId}</code>}
        </dd>
        <dt>Devices</dt>
        <dd>{person.devices}</dd>
        <dt>Premium</dt>
        <dd>{person.isPremium ? "yes" : "no"}</dd>
        <dt>To be erased</dt>
        <dd>
          <When at={person.deletionDueAt} />
        </dd>
        <dt>Held back</dt>
        <dd>{suppressions.map(({ channel, reason: why }) => `${channel}: ${why}`).join(", ") || "nothing"}</dd>
        <dt>Last sent</dt>
        <dd>
          <ul>
            {deliveries.map(({ at, template, channel, status }) => (
              <li key={at + template + channel}>
                {asWords(template)} by {channel}: {status}, <When at={at} />
              </li>
            ))}
          </ul>
        </dd>
      </dl>
      <Actions server={server} person={person} reason={reason} onChanged={onChanged} />
    </article>
  );
}

interface Action {
  readonly name: string;
  readonly label: string;
  readonly done: string;
  readonly roles: readonly StaffRole[];
  readonly isGrave?: boolean;
  readonly fits?: (person: PersonCase) => boolean;
}

const SERVE: readonly StaffRole[] = ["support", "admin"];
const DECIDE: readonly StaffRole[] = ["moderator", "admin"];

const ACTIONS: readonly Action[] = [
  { name: "end-sessions", label: "Sign out everywhere", done: "They are signed out", roles: SERVE },
  {
    name: "resend-verification",
    label: "Resend confirmation",
    done: "The link is on its way",
    roles: SERVE,
    fits: ({ emailVerified }) => !emailVerified,
  },
  { name: "export", label: "Start an export", done: "They get a mail when it is ready", roles: SERVE },
  {
    name: "delete",
    label: "Start the deletion",
    done: "They have 14 days to come back",
    roles: SERVE,
    isGrave: true,
    fits: ({ deletionDueAt, worksHere }) => deletionDueAt === null && !worksHere,
  },
  {
    name: "suspend",
    label: "Suspend",
    done: "They are suspended",
    roles: DECIDE,
    isGrave: true,
    fits: ({ status, worksHere }) => status === "active" && !worksHere,
  },
  {
    name: "restore",
    label: "Restore",
    done: "They may sign in again",
    roles: DECIDE,
    fits: ({ status }) => status === "suspended",
  },
];

function Actions({ server, person, reason, onChanged }: PersonProps): ReactElement {
  const doing = useDoing();
  const [why, setWhy] = useState(reason);
  const roles = server.member.grants.map(({ role }) => role);
  const open = ACTIONS.filter(
    (action) => action.roles.some((role) => roles.includes(role)) && (action.fits?.(person) ?? true),
  );
  const isDisabled = doing.isBusy || why.trim() === "" || person.status === "deleted";
  const act = ({ name, done }: Action) =>
    void doing.run(async () => {
      await server.do("POST", `/people/${person.id}/${name}`, { reason: why });
      onChanged();
      return done;
    });
  return (
    <div className="stack">
      <Field label="Why (they can read it)" maxLength={500} value={why} onChange={setWhy} />
      <p className="acts">
        {open.map((action) =>
          action.isGrave ? (
            <GraveButton key={action.name} isDisabled={isDisabled} onPress={() => act(action)}>
              {action.label}
            </GraveButton>
          ) : (
            <button key={action.name} type="button" className="act" disabled={isDisabled} onClick={() => act(action)}>
              {action.label}
            </button>
          ),
        )}
      </p>
      <Said doing={doing} />
    </div>
  );
}
