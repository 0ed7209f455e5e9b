import { type ReactElement, useEffect, useRef } from "react";
import { TwinshipProvider } from "../../client/react.ts";
import type { Desk } from "../desk.ts";
import { Icon } from "../icons.tsx";
import { useObserved } from "../observe.ts";
import { InStep } from "./in-step.tsx";
import { Journal } from "./journal.tsx";
import { KillRoom } from "./kill-room.tsx";
import { Latency } from "./latency.tsx";

interface LabProps {
  readonly desk: Desk;
  /** On a small screen it is opened over the phone. */
  readonly isOpen: boolean;
  readonly close: () => void;
}

/** What the two do not see: whether all devices know the same, how long words take, and what was written down. */
export function Lab({ desk, isOpen, close }: LabProps): ReactElement {
  const { phones } = useObserved(desk.now);
  const closer = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (isOpen) closer.current?.focus();
  }, [isOpen]);
  const first = phones[0];
  return (
    <aside className="lab" data-open={isOpen} aria-label="Behind the glass">
      <header>
        <h2>Behind the glass</h2>
        <button type="button" className="round lab-closer" ref={closer} onClick={close} aria-label="Close">
          <Icon name="close" />
        </button>
      </header>
      <InStep phones={phones} />
      <Latency pulse={desk.pulse} />
      {desk.means.hasInside && <KillRoom phones={phones} />}
      {desk.means.hasInside && first && <JournalOf phone={first} />}
    </aside>
  );
}

function JournalOf({ phone }: { readonly phone: Parameters<typeof InStep>[0]["phones"][number] }): ReactElement | null {
  const { twinship } = useObserved(phone.now);
  if (!twinship) return null;
  return (
    <TwinshipProvider twinship={twinship}>
      <Journal />
    </TwinshipProvider>
  );
}
