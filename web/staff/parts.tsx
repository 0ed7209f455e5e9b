import { type ReactElement, type ReactNode, useEffect, useId, useState } from "react";
import type { Doing } from "./doing.ts";

/** How it went, also for who listens instead of looking. */
export function Said({ doing }: { readonly doing: Pick<Doing, "outcome"> }): ReactElement {
  return (
    <p className="outcome" role="status" data-good={doing.outcome?.isGood}>
      {doing.outcome?.words}
    </p>
  );
}

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly type?: "text" | "email" | "password" | "search";
  readonly autoComplete?: string;
  readonly inputMode?: "numeric" | "email";
  readonly maxLength?: number;
  readonly isRequired?: boolean;
}

export function Field({
  label,
  value,
  onChange,
  isRequired = true,
  type = "text",
  ...given
}: FieldProps): ReactElement {
  const id = useId();
  return (
    <p className="field">
      <label htmlFor={id}>{label}</label>
      <input
        {...given}
        id={id}
        type={type}
        value={value}
        required={isRequired}
        spellCheck={false}
        autoCapitalize="none"
        onChange={(event) => onChange(event.target.value)}
      />
    </p>
  );
}

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly of: readonly (readonly [T, string])[];
  readonly onChange: (value: T) => void;
}

export function Choice<T extends string>({ label, value, of, onChange }: ChoiceProps<T>): ReactElement {
  return (
    <fieldset className="choice">
      <legend className="unseen">{label}</legend>
      {of.map(([one, words]) => (
        <button key={one} type="button" aria-pressed={one === value} onClick={() => onChange(one)}>
          {words}
        </button>
      ))}
    </fieldset>
  );
}

/** So long somebody may think about what they are about to do. */
const SURE_MS = 6000;

interface GraveProps {
  readonly children: string;
  readonly isDisabled: boolean;
  readonly onPress: () => void;
}

/** What cannot simply be taken back is pressed twice. */
export function GraveButton({ children, isDisabled, onPress }: GraveProps): ReactElement {
  const [isAsking, setAsking] = useState(false);
  useEffect(() => {
    if (!isAsking) return;
    const timer = setTimeout(() => setAsking(false), SURE_MS);
    return () => clearTimeout(timer);
  }, [isAsking]);
  const press = () => {
    setAsking(!isAsking);
    if (isAsking) onPress();
  };
  return (
    <button type="button" className="act grave" disabled={isDisabled} onClick={press}>
      {isAsking ? `Really? ${children}` : children}
    </button>
  );
}

/** A list that is read on where it ends. */
export function More({
  cursor,
  doing,
  onMore,
}: {
  cursor: string | null;
  doing: Doing;
  onMore: () => void;
}): ReactNode {
  if (cursor === null) return null;
  return (
    <button type="button" className="act" disabled={doing.isBusy} onClick={onMore}>
      Show more
    </button>
  );
}

/** A moment, in this machine's own time zone. */
export function When({ at }: { readonly at: string | null }): ReactElement {
  if (at === null) return <span>–</span>;
  const words = new Date(at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  return <time dateTime={at}>{words}</time>;
}

/** A table that may be wider than the screen: whoever has no mouse scrolls it by keys. */
export function Wide({ label, children }: { readonly label: string; readonly children: ReactNode }): ReactElement {
  const reachable = (element: HTMLElement | null) => {
    if (element) element.tabIndex = 0;
  };
  return (
    <section className="card wide" ref={reachable} aria-label={label}>
      {children}
    </section>
  );
}

/** The same where it begins a line. */
export const asTitle = (name: string): string => {
  const words = asWords(name);
  return words.slice(0, 1).toUpperCase() + words.slice(1);
};

/** What the server calls `remove_message` is read as words. */
export const asWords = (name: string): string => name.replaceAll(/[._]/g, " ");
