import { type FormEvent, type ReactElement, useEffect, useState } from "react";
import { usePair, usePresence } from "../../client/react.ts";
import type { AlertKind } from "../../schema/wire/twintuition.ts";
import { Icon } from "../icons.tsx";
import { plainText } from "../plain-text.ts";
import { Problem, type Trying, useTrying } from "../trying.tsx";
import { ALERT_WORDS, KINDS } from "./alert-words.ts";
import { StrengthChoice } from "./strength.tsx";
import { ToldList } from "./told-list.tsx";
import type { Alerts } from "./use-alerts.ts";
import type { Felt } from "./use-felt.ts";
import { useTold } from "./use-told.ts";

interface TellProps {
  readonly felt: Felt;
  readonly alerts: Alerts;
  /** Somebody looks at it. */
  readonly isLooking: boolean;
  readonly close: () => void;
}

/** What is told the twin at once, in words of one's own if one likes; and what the two have told each other. */
export function TellPanel({ felt, alerts, isLooking, close }: TellProps): ReactElement {
  const { twin } = usePresence();
  const told = useTold();
  const name = plainText(twin?.name ?? "your twin");
  const [hadNews] = useState(alerts.unseen.length > 0);
  useLookedAt(alerts, isLooking);
  const tell = useTelling({ felt, close, told: told.again });
  return (
    <section className="tell-panel" aria-label={`Tell ${name}`}>
      <TellForm key={tell.count} tell={tell} name={name} />
      <Problem of={tell.trying} />
      <p className="unseen" role="status">
        {tell.count > 0 && !tell.trying.isTrying ? `${name} is told` : ""}
      </p>
      <ToldList told={told} name={name} isSought={hadNews || tell.count > 0} />
    </section>
  );
}

/** The list shows them all. */
function useLookedAt({ unseen, see }: Alerts, isLooking: boolean): void {
  useEffect(() => {
    if (isLooking && unseen.length > 0) see();
  }, [unseen, see, isLooking]);
}

interface Telling {
  /** How many were told from here. */
  readonly count: number;
  readonly trying: Trying;
  readonly tell: (said: Said) => void;
}

interface Said {
  readonly kind: AlertKind;
  readonly text?: string;
  readonly intensity?: number;
}

interface After {
  readonly felt: Felt;
  readonly close: () => void;
  readonly told: () => void;
}

function useTelling({ felt, close, told }: After): Telling {
  const { room } = usePair();
  const trying = useTrying();
  const [count, setCount] = useState(0);
  const tell = (said: Said) =>
    trying.attempt(async () => {
      const sent = await room?.alert(said);
      setCount((before) => before + 1);
      told();
      if (!sent?.moment) return;
      felt.show(sent.moment);
      close();
    });
  return { count, trying, tell };
}

/** As long as the server takes. */
const LENGTH = 200;

/** From here on one wants to know how much room there is. */
const NEAR = 150;

function TellForm({ tell: { tell, trying }, name }: { readonly tell: Telling; readonly name: string }): ReactElement {
  const [kind, setKind] = useState<AlertKind>("thinking_of_you");
  const [words, setWords] = useState("");
  const [strength, setStrength] = useState<number>();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const text = words.trim();
    tell({ kind, ...(text !== "" && { text }), ...(strength !== undefined && { intensity: strength }) });
  };
  return (
    <form onSubmit={submit}>
      <fieldset className="kinds">
        <legend>What is it?</legend>
        {KINDS.map((one) => (
          <KindChoice key={one} kind={one} isChosen={one === kind} choose={() => setKind(one)} />
        ))}
      </fieldset>
      <label className="own-words">
        <span>
          In your own words, if you like
          {words.length > NEAR && <b className="exactly">{LENGTH - words.length}</b>}
        </span>
        <textarea
          rows={2}
          dir="auto"
          maxLength={LENGTH}
          value={words}
          placeholder={ALERT_WORDS[kind].asked}
          onChange={(event) => setWords(event.target.value)}
        />
      </label>
      <StrengthChoice strength={strength} choose={setStrength} />
      <button type="submit" className="strong" disabled={trying.isTrying}>
        {trying.isTrying ? "Telling …" : `Tell ${name}`}
      </button>
    </form>
  );
}

interface KindProps {
  readonly kind: AlertKind;
  readonly isChosen: boolean;
  readonly choose: () => void;
}

const KindChoice = ({ kind, isChosen, choose }: KindProps): ReactElement => (
  <label className="kind" data-on={isChosen}>
    <input type="radio" className="unseen" name="kind" value={kind} checked={isChosen} onChange={choose} />
    <Icon name={ALERT_WORDS[kind].icon} />
    {ALERT_WORDS[kind].said}
  </label>
);
