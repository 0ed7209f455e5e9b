import type { ReactElement } from "react";
import { type ShownMessage, usePair, useSession } from "../../client/react.ts";
import { Icon, type IconName } from "../icons.tsx";
import { Sheet } from "../sheet.tsx";
import type { Draft } from "./composer.tsx";
import { wordsOf } from "./words-of.ts";

interface ActionSheetProps {
  readonly message: ShownMessage;
  readonly close: () => void;
  readonly setDraft: (draft: Draft) => void;
}

const QUICK = [
  ["❤️", "Heart"],
  ["😂", "Laughing"],
  ["😮", "Astonished"],
  ["😢", "Crying"],
  ["👍", "Thumb up"],
  ["🙏", "Thanks"],
] as const;

/** What can be done with a message. */
export function ActionSheet({ message, close, setDraft }: ActionSheetProps): ReactElement {
  const isSent = message.messageId !== undefined;
  return (
    <Sheet label="What to do with the message" close={close}>
      <p className="about" dir="auto">
        {wordsOf(message)}
      </p>
      {isSent && message.deletedAt === null && <QuickReactions message={message} close={close} />}
      <Actions message={message} close={close} setDraft={setDraft} />
    </Sheet>
  );
}

function QuickReactions({ message, close }: Omit<ActionSheetProps, "setDraft">): ReactElement {
  const { room } = usePair();
  const { account } = useSession();
  const isOn = (emoji: string) => message.reactions.some((one) => one.emoji === emoji && one.userId === account?.id);
  const react = (emoji: string) => {
    void room?.react(message.id, emoji, !isOn(emoji));
    close();
  };
  return (
    <fieldset className="quick" aria-label="React">
      {QUICK.map(([emoji, name]) => (
        <button key={emoji} type="button" aria-label={name} aria-pressed={isOn(emoji)} onClick={() => react(emoji)}>
          {emoji}
        </button>
      ))}
    </fieldset>
  );
}

interface Action {
  readonly icon: IconName;
  readonly label: string;
  readonly isPossible: boolean;
  readonly isGrave?: boolean;
  readonly act: () => void;
}

function Actions({ message, close, setDraft }: ActionSheetProps): ReactElement {
  const { room } = usePair();
  const actions = actionsOf(message, room, setDraft).filter(({ isPossible }) => isPossible);
  return (
    <ul className="actions">
      {actions.map(({ icon, label, isGrave = false, act }) => (
        <li key={label}>
          <button
            type="button"
            data-grave={isGrave}
            onClick={() => {
              act();
              close();
            }}
          >
            <Icon name={icon} />
            {label}
          </button>
        </li>
      ))}
      <li>
        <button type="button" onClick={close}>
          <Icon name="close" />
          Cancel
        </button>
      </li>
    </ul>
  );
}

/** As long as the server takes an edit. */
const EDIT_MS = 86_400_000;

function actionsOf(
  message: ShownMessage,
  room: ReturnType<typeof usePair>["room"],
  setDraft: ActionSheetProps["setDraft"],
): readonly Action[] {
  const { id, messageId, isMine, pinned, waiting } = message;
  const isSent = messageId !== undefined;
  const isThere = isSent && message.deletedAt === null;
  const text = message.text ?? "";
  const isYoung = Date.now() - Date.parse(message.sentAt) < EDIT_MS;
  const discard = () => {
    for (const { key } of waiting) void room?.discard(key);
  };
  return [
    {
      icon: "reply",
      label: "Reply",
      isPossible: isThere,
      act: () => messageId && setDraft({ kind: "reply", to: messageId, words: wordsOf(message) }),
    },
    {
      icon: "edit",
      label: "Edit",
      isPossible: isThere && isMine && isYoung && message.text !== null,
      act: () => setDraft({ kind: "edit", id, text }),
    },
    {
      icon: "copy",
      label: "Copy",
      isPossible: message.deletedAt === null && message.text !== null,
      act: () => void navigator.clipboard?.writeText(text).catch(() => undefined),
    },
    {
      icon: "pin",
      label: pinned ? "Unpin" : "Pin",
      isPossible: isThere,
      act: () => void room?.pin(id, !pinned),
    },
    { icon: "close", label: "Take back", isPossible: !isSent, isGrave: true, act: discard },
    {
      icon: "eyeOff",
      label: "Delete for me",
      isPossible: isSent,
      isGrave: true,
      act: () => void room?.delete(id, "me"),
    },
    {
      icon: "trash",
      label: "Delete for both",
      isPossible: isThere && isMine,
      isGrave: true,
      act: () => void room?.delete(id, "everyone"),
    },
  ];
}
