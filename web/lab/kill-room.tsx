import { type ReactElement, useState } from "react";
import type { Twinship } from "../../client/index.ts";
import type { PhoneDevice } from "../phone-device.ts";
import { killRoomOf } from "../server.ts";
import { Problem, useTrying } from "../trying.tsx";

/** Ends the process's room under everybody's hands; the next one is built from what is on disk. */
export function KillRoom({ phones }: { readonly phones: readonly PhoneDevice[] }): ReactElement {
  const trying = useTrying();
  const [ms, setMs] = useState<number>();
  const kill = () =>
    trying.attempt(async () => {
      const live = phones.flatMap(({ twinship }) => (twinship?.room?.status === "live" ? [twinship] : []));
      const [first] = live;
      if (!first) throw new Error("No phone is in the room");
      const began = performance.now();
      const back = Promise.all(live.map(lostAndBack));
      await killRoomOf(first);
      await back;
      setMs(performance.now() - began);
    });
  return (
    <section className="card" aria-label="The room">
      <h3>The room</h3>
      <p className="soft" role="status">
        {ms === undefined
          ? "It lives in memory, and everything in it on disk. End it, and see."
          : `Built anew from the journal, and everybody back, in ${Math.round(ms)} ms.`}
      </p>
      <button type="button" className="grave" onClick={kill} disabled={trying.isTrying}>
        Kill the room
      </button>
      <Problem of={trying} />
    </section>
  );
}

async function lostAndBack({ chat }: Twinship): Promise<void> {
  await chat.next("status", (status) => status !== "live");
  await chat.next("status", (status) => status === "live");
}
