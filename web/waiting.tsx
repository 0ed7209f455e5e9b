import { type FormEvent, type ReactElement, useState } from "react";
import { useTwinship } from "../client/react.ts";
import { Mark } from "./icons.tsx";
import { Problem, useTrying } from "./trying.tsx";

/** Signed in, and alone: a code for the twin, or the twin's. */
export function Waiting(): ReactElement {
  const twinship = useTwinship();
  const [code, setCode] = useState<string>();
  const making = useTrying();
  const redeeming = useTrying();
  const make = () => making.attempt(async () => setCode((await twinship.api.newCode()).code));
  const redeem = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget).get("code");
    redeeming.attempt(async () => void (await twinship.redeem(String(given))));
  };
  return (
    <div className="door">
      <Mark />
      <h3>Find your twin</h3>
      <p className="soft">One of you makes a code, the other one types it in.</p>
      {code ? (
        <output className="code">{`${code.slice(0, 4)} ${code.slice(4)}`}</output>
      ) : (
        <button type="button" className="strong" onClick={make} disabled={making.isTrying}>
          Make a code
        </button>
      )}
      <Problem of={making} />
      <form onSubmit={redeem}>
        <label>
          Your twin’s code
          <input name="code" autoComplete="off" autoCapitalize="characters" spellCheck={false} required />
        </label>
        <button type="submit" disabled={redeeming.isTrying}>
          Be twins
        </button>
        <Problem of={redeeming} />
      </form>
    </div>
  );
}
