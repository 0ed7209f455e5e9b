import { type KeyboardEvent, type ReactElement, type ReactNode, type RefObject, useEffect, useRef } from "react";

interface SheetProps {
  /** What it is for, to who does not see it. */
  readonly label: string;
  readonly close: () => void;
  readonly children: ReactNode;
}

/** From below, over everything else on the phone. */
export function Sheet({ label, close, children }: SheetProps): ReactElement {
  const sheet = useRef<HTMLDivElement>(null);
  useFocusInside(sheet);
  const keep = (event: KeyboardEvent<HTMLElement>) => {
    if (event.key === "Escape") close();
  };
  return (
    <div className="veil">
      <button type="button" className="veil-close" tabIndex={-1} aria-label="Close" onClick={close} />
      <div
        className="sheet"
        role="dialog"
        aria-modal="true"
        aria-label={label}
        ref={sheet}
        onKeyDown={keep}
        tabIndex={-1}
      >
        {children}
      </div>
    </div>
  );
}

/** The keyboard goes in, and back to where it was. */
function useFocusInside(sheet: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const before = document.activeElement;
    // What is inside may have taken it already.
    if (!sheet.current?.contains(before)) sheet.current?.focus({ preventScroll: true });
    return () => {
      // What was inert until now takes the focus a moment later.
      requestAnimationFrame(() => before instanceof HTMLElement && before.focus({ preventScroll: true }));
    };
  }, [sheet]);
}
