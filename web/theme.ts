import { useEffect, useState } from "react";

export type Theme = "light" | "dark";

const KEY = "two-phones.theme";

/** As the machine has it, until somebody chooses. */
export function useTheme(): { readonly theme: Theme; readonly turn: () => void } {
  const [theme, setTheme] = useState<Theme>(() => storedTheme() ?? machineTheme());
  useEffect(() => {
    document.documentElement.dataset["theme"] = theme;
  }, [theme]);
  const turn = () => {
    const next = theme === "dark" ? "light" : "dark";
    keep(next);
    setTheme(next);
  };
  return { theme, turn };
}

const machineTheme = (): Theme => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");

function storedTheme(): Theme | undefined {
  try {
    const stored = localStorage.getItem(KEY);
    return stored === "dark" || stored === "light" ? stored : undefined;
  } catch {
    return undefined;
  }
}

function keep(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // It is dark for this visit, then.
  }
}

export const isCalm = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;
