import { type FormEvent, type ReactElement, useId } from "react";
import { usePair, usePresence, useTwintuition } from "../../client/react.ts";
import { plainText } from "../plain-text.ts";
import { Problem, useTrying } from "../trying.tsx";
import { ALERT_WORDS, TOLD_AT_ONCE } from "./alert-words.ts";
import type { Felt } from "./use-felt.ts";

interface FeltPanelProps {
  readonly felt: Felt;
  readonly close: () => void;
}

/** What one may feel, and tell: a press that stays secret, with a word in it; alerts; and what has come of both. */
export function FeltPanel({ felt, close }: FeltPanelProps): ReactElement {
  const { momentsToday, momentsTotal } = useTwintuition();
  return (
    <section className="felt-panel" aria-label="What you feel">
      <dl className="counts">
        <div>
          <dt>Moments today</dt>
          <dd data-testid="moments-today">{momentsToday}</dd>
        </div>
        <div>
          <dt>In all</dt>
          <dd data-testid="moments-total">{momentsTotal}</dd>
        </div>
      </dl>
      <Press felt={felt} close={close} />
      <Tell felt={felt} close={close} />
    </section>
  );
}

/** As long as the server takes a word. */
const WORD = 40;

function Press({ felt, close }: FeltPanelProps): ReactElement {
  const id = useId();
  const press = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const word = String(new FormData(event.currentTarget).get("feeling") ?? "").trim();
    felt.press(word === "" ? undefined : word);
    close();
  };
  return (
    <form className="press" onSubmit={press}>
      <label htmlFor={id}>In one word, if you like. It is sealed until you both have pressed.</label>
      <input id={id} name="feeling" maxLength={WORD} autoComplete="off" placeholder="warm" pattern="\s*\S*\s*" />
      <button type="submit" className="strong">
        I feel my twin now
      </button>
    </form>
  );
}

function Tell({ felt, close }: FeltPanelProps): ReactElement {
  const { room } = usePair();
  const { twin } = usePresence();
  const trying = useTrying();
  const tell = (kind: (typeof TOLD_AT_ONCE)[number]) =>
    trying.attempt(async () => {
      const sent = await room?.alert({ kind });
      if (sent?.moment) felt.show(sent.moment);
      close();
    });
  return (
    <fieldset className="tell" disabled={trying.isTrying}>
      <legend>{`Tell ${plainText(twin?.name ?? "your twin")} at once`}</legend>
      {TOLD_AT_ONCE.map((kind) => (
        <button key={kind} type="button" className="pill" onClick={() => tell(kind)}>
          {ALERT_WORDS[kind].said}
        </button>
      ))}
      <Problem of={trying} />
    </fieldset>
  );
}
