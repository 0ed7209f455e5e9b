import { type ReactElement, useId } from "react";
import { TwinshipProvider, usePair, usePresence, useSession, useTwinship } from "../client/react.ts";
import { accentOf } from "./accent.ts";
import { Chat } from "./chat/chat.tsx";
import type { Desk } from "./desk.ts";
import { Doors } from "./doors.tsx";
import { Mark } from "./icons.tsx";
import { LockScreen } from "./lock-screen.tsx";
import { useObserved } from "./observe.ts";
import type { PhoneDevice } from "./phone-device.ts";
import { Switches } from "./phone-switches.tsx";
import { useNameOf } from "./use-name-of.ts";
import { Waiting } from "./waiting.tsx";

interface PhoneProps {
  readonly desk: Desk;
  readonly phone: PhoneDevice;
}

/** One phone, and what can be done to it from outside. */
export function Phone({ desk, phone }: PhoneProps): ReactElement {
  const { twinship, problem } = useObserved(phone.now);
  const name = useNameOf(phone);
  const id = useId();
  return (
    <section className="phone" aria-labelledby={id} data-testid={phone.id}>
      <h2 id={id} className="whose">
        {phone.number === 1 && twinship?.account ? `${name}’s phone` : name}
      </h2>
      {twinship ? (
        <TwinshipProvider twinship={twinship}>
          <Screen desk={desk} phone={phone} problem={problem} />
          <Switches desk={desk} phone={phone} name={name} />
        </TwinshipProvider>
      ) : (
        <div className="glass">
          <Starting problem={problem} />
        </div>
      )}
    </section>
  );
}

function Screen({ desk, phone, problem }: PhoneProps & { readonly problem: string | undefined }): ReactElement {
  const { me, twin } = usePresence();
  const { isInPocket } = useObserved(phone.now);
  return (
    <div className="glass" {...accentOf(me?.accentColor, twin?.accentColor)} data-dark={isInPocket}>
      <div className="app" inert={isInPocket}>
        <Front desk={desk} phone={phone} problem={problem} />
      </div>
      <LockScreen phone={phone} isShown={isInPocket} />
    </div>
  );
}

/** What the app shows first: the way in, the wait for a twin, or the twin. */
function Front({ desk, phone, problem }: PhoneProps & { readonly problem: string | undefined }): ReactElement {
  const { account } = useSession();
  const { room, isWaiting, ending, view } = usePair();
  if (!account || !room) return desk.means.hasTwins ? <Starting problem={problem} /> : <Doors />;
  if (ending) return <Ended ending={ending} />;
  if (isWaiting) return <Waiting />;
  if (!view && room.messages.length === 0) return <Starting problem={undefined} />;
  return <Chat phone={phone} isTried={desk.means.hasInside} />;
}

const Starting = ({ problem }: { readonly problem: string | undefined }): ReactElement => (
  <div className="starting" role="status">
    <Mark />
    <p>{problem ?? "One moment …"}</p>
  </div>
);

const REASONS: Readonly<Record<string, string>> = {
  replaced: "This phone is open in another window.",
  "signed out": "Somebody has to sign in again.",
  left: "This phone left the room.",
};

function Ended({ ending }: { readonly ending: NonNullable<ReturnType<typeof usePair>["ending"]> }): ReactElement {
  const twinship = useTwinship();
  const reason = ending.why === "refused" ? ending.refusal.message : (REASONS[ending.why] ?? "Not connected.");
  return (
    <div className="starting">
      <Mark />
      <p role="status">{reason}</p>
      <button type="button" className="plain" onClick={() => twinship.connect()}>
        Use it here
      </button>
    </div>
  );
}
