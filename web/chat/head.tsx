import type { ReactElement } from "react";
import type { Member } from "../../client/index.ts";
import { usePair, usePresence } from "../../client/react.ts";
import { Icon } from "../icons.tsx";
import { plainText } from "../plain-text.ts";
import { clockTime } from "../times.ts";

/** Who one speaks with, and how they are right now. */
export function Head({
  search,
  isPlugged,
}: {
  readonly search: () => void;
  readonly isPlugged: boolean;
}): ReactElement {
  const { twin } = usePresence();
  const { status } = usePair();
  const name = plainText(twin?.name ?? "Your twin");
  const isLive = status === "live";
  return (
    <>
      <header className="head">
        <span className="face" data-status={isLive ? (twin?.status ?? "unknown") : "unknown"} aria-hidden="true">
          {[...name][0]}
        </span>
        <div className="who">
          <h3>{name}</h3>
          <p data-testid="presence">{isLive ? presenceOf(twin) : "\u00a0"}</p>
        </div>
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

function presenceOf(twin: Member | undefined): string {
  if (!twin) return "\u00a0";
  if (twin.typing) return "typing …";
  if (twin.status === "online") return twin.devices > 1 ? `online on ${twin.devices} devices` : "online";
  if (twin.status === "away") return "away";
  if (twin.status === "unknown") return "\u00a0";
  return twin.lastSeen ? `last seen ${clockTime(twin.lastSeen)}` : "offline";
}
