import type { ReactElement, ReactNode } from "react";
import type { Member } from "../../client/index.ts";
import { useAssessment, usePair, usePresence } from "../../client/react.ts";
import { Icon } from "../icons.tsx";
import { plainText } from "../plain-text.ts";
import { clockTime } from "../times.ts";

/** Who one speaks with, and how they are right now. */
export function Head({
  search,
  isPlugged,
  children,
}: {
  readonly search: () => void;
  readonly isPlugged: boolean;
  readonly children?: ReactNode;
}): ReactElement {
  const { twin } = usePresence();
  const { status } = usePair();
  const name = plainText(twin?.name ?? "Your twin");
  const isLive = status === "live";
  return (
    <>
      <header className="head">
        <span className="face" data-status={isLive ? (twin?.status ?? "unknown") : "unknown"}>
          <span aria-hidden="true">{[...name][0]}</span>
          <Ring />
        </span>
        <div className="who">
          <h3>{name}</h3>
          <p data-testid="presence">{isLive ? presenceOf(twin) : "\u00a0"}</p>
        </div>
        {children}
        <button type="button" className="round" onClick={search} aria-label="Search the conversation">
          <Icon name="search" />
        </button>
      </header>
      {!isLive && (
        <p className="offline" data-testid="offline">
          {isPlugged ? "Connecting …" : "Offline. What you write is kept, and sent later."}
        </p>
      )}
    </>
  );
}

/** How far the twin is with the questions, around their face; nothing as long as they have not begun. */
function Ring(): ReactElement | null {
  const { twins } = useAssessment();
  if (!twins || twins.status === "none" || twins.total === 0) return null;
  const { answered, total } = twins;
  const label = `${answered} of ${total} questions answered`;
  return (
    <svg className="ring" viewBox="0 0 48 48" role="img" aria-label={label} data-testid="ring">
      <title>{label}</title>
      <circle cx="24" cy="24" r="22" pathLength={1} strokeDasharray={`${answered / total} 1`} />
    </svg>
  );
}

function presenceOf(twin: Member | undefined): string {
  if (!twin) return "\u00a0";
  if (twin.typing) return twin.typingKind === "voice" ? "recording …" : "typing …";
  if (twin.status === "online") return twin.devices > 1 ? `online on ${twin.devices} devices` : "online";
  if (twin.status === "away") return "away";
  if (twin.status === "unknown") return "\u00a0";
  return twin.lastSeen ? `last seen ${clockTime(twin.lastSeen)}` : "offline";
}
