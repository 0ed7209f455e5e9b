import { type FormEvent, type ReactElement, useId } from "react";
import { useTwintuition } from "../../client/react.ts";
import type { Felt } from "./use-felt.ts";

interface FeltPanelProps {
  readonly felt: Felt;
  readonly close: () => void;
}

/** What one may feel: a press that stays secret, with a word in it; and what has come of it. */
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
