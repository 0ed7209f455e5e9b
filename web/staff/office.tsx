import { type ReactElement, useEffect, useState } from "react";
import type { StaffRole } from "../../schema/wire/staff.ts";
import { Audit } from "./audit.tsx";
import { Deliveries } from "./deliveries.tsx";
import { Jobs } from "./jobs.tsx";
import { People } from "./people.tsx";
import { Reports } from "./reports.tsx";
import { Rooms } from "./rooms.tsx";
import type { StaffServer } from "./staff-server.ts";
import { Studies } from "./studies.tsx";

interface Room {
  readonly name: string;
  readonly roles: readonly StaffRole[];
  readonly show: (server: StaffServer) => ReactElement;
}

/** What there is, and for whom; the server asks again who it is at each call. */
const ROOMS: readonly Room[] = [
  { name: "Reports", roles: ["moderator", "admin"], show: (server) => <Reports server={server} /> },
  { name: "People", roles: ["support", "moderator", "admin"], show: (server) => <People server={server} /> },
  { name: "Deliveries", roles: ["support", "admin"], show: (server) => <Deliveries server={server} /> },
  { name: "Jobs", roles: ["admin"], show: (server) => <Jobs server={server} /> },
  { name: "Rooms", roles: ["admin"], show: (server) => <Rooms server={server} /> },
  { name: "Studies", roles: ["researcher", "study_owner"], show: (server) => <Studies server={server} /> },
  { name: "Audit", roles: ["admin"], show: (server) => <Audit server={server} /> },
];

interface Props {
  readonly server: StaffServer;
  readonly onLeave: (reason?: string) => void;
}

export function Office({ server, onLeave }: Props): ReactElement {
  const roles = server.member.grants.map(({ role }) => role);
  const open = ROOMS.filter((room) => room.roles.some((role) => roles.includes(role)));
  const [name, setName] = useState(open[0]?.name);
  const room = open.find((one) => one.name === name);

  const leave = async () => {
    await server.do("POST", "/logout").catch(() => undefined);
    onLeave();
  };

  return (
    <div className="office">
      <header>
        <p className="brand">Twinship staff</p>
        <nav aria-label="What there is">
          {open.map((one) => (
            <button
              key={one.name}
              type="button"
              aria-current={one.name === name ? "page" : undefined}
              onClick={() => setName(one.name)}
            >
              {one.name}
            </button>
          ))}
        </nav>
        <p className="who">
          <span>{server.member.email}</span>
          <TimeLeft
            until={server.member.expiresAt}
            onOver={() => onLeave("Your 15 minutes are over: sign in again.")}
          />
          <button type="button" className="plain" onClick={() => void leave()}>
            Sign out
          </button>
        </p>
      </header>
      <main>
        <h1>{room?.name ?? "Nothing here yet"}</h1>
        {room ? room.show(server) : <p className="soft">Your role has no part of this page.</p>}
      </main>
    </div>
  );
}

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;

/** Whoever is in the middle of something sees it coming. */
function TimeLeft({ until, onOver }: { readonly until: string; readonly onOver: () => void }): ReactElement {
  const [left, setLeft] = useState(() => Date.parse(until) - Date.now());
  useEffect(() => {
    const timer = setInterval(() => setLeft(Date.parse(until) - Date.now()), SECOND_MS);
    return () => clearInterval(timer);
  }, [until]);
  useEffect(() => {
    if (left <= 0) onOver();
  }, [left, onOver]);
  return <span className="soft">{Math.max(0, Math.ceil(left / MINUTE_MS))} min left</span>;
}
