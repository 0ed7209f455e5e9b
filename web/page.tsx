import { type ReactElement, useCallback, useState } from "react";
import type { Desk } from "./desk.ts";
import { Icon, Mark } from "./icons.tsx";
import { Lab } from "./lab/lab.tsx";
import { useObserved } from "./observe.ts";
import { Phone } from "./phone.tsx";
import type { PhoneDevice } from "./phone-device.ts";
import { useTheme } from "./theme.ts";
import { useNameOf } from "./use-name-of.ts";

/** Phones side by side; on a small screen one at a time. */
export function Page({ desk }: { readonly desk: Desk }): ReactElement {
  const { phones } = useObserved(desk.now);
  const [front, setFront] = useState(phones[0]?.id);
  const [isLabOpen, setLabOpen] = useState(false);
  const shown = phones.some(({ id }) => id === front) ? front : phones[0]?.id;
  const isAlone = desk.means.sides.length === 1;
  const closeLab = useCallback(() => setLabOpen(false), []);
  return (
    <div className={isAlone ? "page alone" : "page"} data-phones={phones.length}>
      <Top desk={desk} front={shown} choose={setFront} openLab={() => setLabOpen(true)} />
      <main className="stage">
        {phones.map((phone) => (
          <div key={phone.id} className="slot" data-front={phone.id === shown}>
            <Phone desk={desk} phone={phone} />
          </div>
        ))}
      </main>
      <Lab desk={desk} isOpen={isLabOpen} close={closeLab} />
    </div>
  );
}

interface TopProps {
  readonly desk: Desk;
  readonly front: string | undefined;
  readonly choose: (id: string) => void;
  readonly openLab: () => void;
}

function Top({ desk, front, choose, openLab }: TopProps): ReactElement {
  const { phones } = useObserved(desk.now);
  const { theme, turn } = useTheme();
  return (
    <header className="top">
      <h1 className="brand">
        <Mark />
        Twinship
      </h1>
      <nav className="switch" aria-label="Phones">
        {phones.map((phone) => (
          <Choice key={phone.id} phone={phone} isFront={phone.id === front} choose={() => choose(phone.id)} />
        ))}
      </nav>
      <nav className="ways" aria-label="More">
        <a href="/docs">The interface</a>
        {desk.means.hasInside && <a href="/dev/mailbox">Mailbox</a>}
        {desk.means.hasInside && <a href="/dev/store">Store</a>}
        <button type="button" className="round lab-opener" onClick={openLab} aria-label="Behind the glass">
          <Icon name="pulse" />
        </button>
        <button
          type="button"
          className="round"
          onClick={turn}
          aria-label={theme === "dark" ? "Switch to light" : "Switch to dark"}
        >
          <Icon name={theme === "dark" ? "sun" : "moon"} />
        </button>
      </nav>
    </header>
  );
}

function Choice({
  phone,
  isFront,
  choose,
}: {
  readonly phone: PhoneDevice;
  readonly isFront: boolean;
  readonly choose: () => void;
}): ReactElement {
  const name = useNameOf(phone);
  return (
    <button type="button" aria-pressed={isFront} onClick={choose}>
      {name}
    </button>
  );
}
