import { type ReactElement, useCallback, useState } from "react";

export interface Trying {
  readonly isTrying: boolean;
  readonly problem: string | undefined;
  readonly attempt: (work: () => Promise<void>) => void;
}

/** Something a person waits for, and hears about if it goes wrong. */
export function useTrying(): Trying {
  const [isTrying, setTrying] = useState(false);
  const [problem, setProblem] = useState<string>();
  const attempt = useCallback((work: () => Promise<void>) => {
    setTrying(true);
    setProblem(undefined);
    work()
      .catch((error) => setProblem(error instanceof Error ? error.message : String(error)))
      .finally(() => setTrying(false));
  }, []);
  return { isTrying, problem, attempt };
}

export const Problem = ({ of: { problem } }: { readonly of: Trying }): ReactElement => (
  <p className="problem" role="alert">
    {problem}
  </p>
);
