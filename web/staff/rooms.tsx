import { type FormEvent, type ReactElement, useState } from "react";
import { type RoomCase, RoomFound } from "../../schema/wire/staff-operations.ts";
import { useDoing } from "./doing.ts";
import { Field, Said, When } from "./parts.tsx";
import type { StaffServer } from "./staff-server.ts";

export function Rooms({ server }: { readonly server: StaffServer }): ReactElement {
  const [pairId, setPairId] = useState("");
  const [room, setRoom] = useState<RoomCase>();
  const doing = useDoing();
  const look = (event: FormEvent) => {
    event.preventDefault();
    void doing.run(async () => {
      setRoom(undefined);
      setRoom((await server.get(RoomFound, `/rooms/${encodeURIComponent(pairId.trim())}`)).room);
      return undefined;
    });
  };
  return (
    <section className="stack">
      <form className="card" onSubmit={look}>
        <Field label="Id of the pair" type="search" value={pairId} onChange={setPairId} />
        <button type="submit" className="act main" disabled={doing.isBusy}>
          Look
        </button>
        <Said doing={doing} />
      </form>
      {room && <Shown room={room} />}
    </section>
  );
}

function Shown({ room }: { readonly room: RoomCase }): ReactElement {
  return (
    <article className="card" aria-label="The room">
      <h2>
        <code>{room.pairId}</code> <span className="badge">{room.status}</span>
      </h2>
      <dl>
        <dt>Run by</dt>
        <dd>{room.owner ? <code>{room.owner}</code> : "nobody"}</dd>
        <dt>Claimed</dt>
        <dd>
          <When at={room.claimedAt} />
        </dd>
        <dt>Heard of</dt>
        <dd>
          <When at={room.ownerBeatAt} />
        </dd>
        <dt>Epoch</dt>
        <dd>{room.epoch}</dd>
        <dt>Revision, version</dt>
        <dd>
          {room.revision}, {room.version}
        </dd>
        <dt>Messages</dt>
        <dd>
          {room.firstSeq} to {room.lastSeq}
        </dd>
        <dt>Devices</dt>
        <dd>{room.live?.devices ?? "not open"}</dd>
        <dt>Waiting to be written</dt>
        <dd>{room.live?.queue ?? "not open"}</dd>
        <dt>Last error</dt>
        <dd>
          {room.lastError === null ? (
            "none that is remembered"
          ) : (
            <>
              <code>{room.lastError.code}</code> ({room.lastError.kind}), <When at={room.lastError.at} />
            </>
          )}
        </dd>
      </dl>
    </article>
  );
}
