import type { ReactElement } from "react";

const STEPS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] as const;

interface ChoiceProps {
  readonly strength: number | undefined;
  readonly choose: (strength: number | undefined) => void;
}

/** How strongly, if one likes to say. */
export const StrengthChoice = ({ strength, choose }: ChoiceProps): ReactElement => (
  <fieldset className="strength">
    <legend>
      How strongly, if you like
      {strength !== undefined && <b className="exactly">{`${strength} of 10`}</b>}
    </legend>
    {STEPS.map((step) => (
      <label key={step} data-on={step <= (strength ?? 0)}>
        <input
          type="radio"
          className="unseen"
          name="intensity"
          value={step}
          checked={step === strength}
          onChange={() => choose(step)}
        />
        <span className="unseen">{`${step} of 10`}</span>
        <i className="step" style={{ blockSize: heightOf(step) }} />
      </label>
    ))}
    <button
      type="button"
      className="plain"
      disabled={strength === undefined}
      onClick={({ currentTarget: { form } }) => {
        choose(undefined);
        // A button that is gone holds no focus.
        const first = form?.querySelector("[name=intensity]");
        if (first instanceof HTMLElement) first.focus();
      }}
    >
      Leave out
    </button>
  </fieldset>
);

/** As it was said. */
export const Strength = ({ of }: { readonly of: number }): ReactElement => (
  <span className="how-strong" role="img" aria-label={`${of} of 10`}>
    {STEPS.map((step) => (
      <i key={step} data-on={step <= of} style={{ blockSize: heightOf(step) }} />
    ))}
  </span>
);

const heightOf = (step: number): string => `${25 + 7.5 * step}%`;
