import type { Constructor } from "@mikro-orm/core";
import type { Migration } from "@mikro-orm/migrations";
import { M0001Accounts } from "./m0001-accounts.ts";
import { M0002Pairs } from "./m0002-pairs.ts";
import { M0003Rooms } from "./m0003-rooms.ts";
import { M0004Idempotency } from "./m0004-idempotency.ts";
import { M0005Notices } from "./m0005-notices.ts";
import { M0006People } from "./m0006-people.ts";
import { M0007Deliveries } from "./m0007-deliveries.ts";
import { M0008Suppressions } from "./m0008-suppressions.ts";
import { M0009Accounts } from "./m0009-accounts.ts";
import { M0010Invitations } from "./m0010-invitations.ts";
import { M0011Push } from "./m0011-push.ts";
import { M0012Privacy } from "./m0012-privacy.ts";
import { M0013Twintuition } from "./m0013-twintuition.ts";
import { M0014Assessments } from "./m0014-assessments.ts";
import { M0015Media } from "./m0015-media.ts";
import { M0016Subscriptions } from "./m0016-subscriptions.ts";
import { M0017Staff } from "./m0017-staff.ts";
import { M0018Research } from "./m0018-research.ts";
import { M0019AppendOne } from "./m0019-append-one.ts";
import { M0020Retention } from "./m0020-retention.ts";

/** In the order they are applied. A name that was released never changes: databases remember it. */
export const migrations: readonly { readonly name: string; readonly class: Constructor<Migration> }[] = [
  { name: "m0001-accounts", class: M0001Accounts },
  { name: "m0002-pairs", class: M0002Pairs },
  { name: "m0003-rooms", class: M0003Rooms },
  { name: "m0004-idempotency", class: M0004Idempotency },
  { name: "m0005-notices", class: M0005Notices },
  { name: "m0006-people", class: M0006People },
  { name: "m0007-deliveries", class: M0007Deliveries },
  { name: "m0008-suppressions", class: M0008Suppressions },
  { name: "m0009-accounts", class: M0009Accounts },
  { name: "m0010-invitations", class: M0010Invitations },
  { name: "m0011-push", class: M0011Push },
  { name: "m0012-privacy", class: M0012Privacy },
  { name: "m0013-twintuition", class: M0013Twintuition },
  { name: "m0014-assessments", class: M0014Assessments },
  { name: "m0015-media", class: M0015Media },
  { name: "m0016-subscriptions", class: M0016Subscriptions },
  { name: "m0017-staff", class: M0017Staff },
  { name: "m0018-research", class: M0018Research },
  { name: "m0019-append-one", class: M0019AppendOne },
  { name: "m0020-retention", class: M0020Retention },
];
