import type { Twin } from "../domain/ports.ts";
import type { OfferMedia } from "../domain/room/media.ts";
import type { RoomCommand } from "../domain/room/rules.ts";

/** A command with what it sends along, as that stands now: the rule decides on it, and has nobody to ask. */
export const bearing =
  (offered: OfferMedia) =>
  async (twin: Twin, command: RoomCommand): Promise<RoomCommand> => {
    const { bears } = command.wish;
    if (bears === undefined) return command;
    return { ...command, circumstances: { ...command.circumstances, media: await offered(twin, bears) } };
  };
