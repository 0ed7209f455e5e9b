import type { EntityClass } from "@mikro-orm/core";
import { IdempotencyKey } from "./idempotency-key.ts";
import { Invitation } from "./invitation.ts";
import { Notice } from "./notice.ts";
import { Pair } from "./pair.ts";
import { PairMember } from "./pair-member.ts";
import { PairRoom } from "./pair-room.ts";
import { RefreshToken } from "./refresh-token.ts";
import { Session } from "./session.ts";
import { User } from "./user.ts";

/** Every table the domain speaks to through MikroORM. The rooms' own tables are written by statements of their own. */
export const entities: readonly EntityClass[] = [
  User,
  Session,
  RefreshToken,
  Pair,
  PairMember,
  PairRoom,
  Invitation,
  IdempotencyKey,
  Notice,
];
