import type { Part } from "../part.ts";
import { accounts } from "./accounts.ts";
import { assessments } from "./assessments.ts";
import { chat } from "./chat.ts";
import { deploy } from "./deploy.ts";
import { exports } from "./exports.ts";
import { fairTime } from "./fair-time.ts";
import { growth } from "./growth.ts";
import { history, historyLarge } from "./history.ts";
import { idle } from "./idle.ts";
import { lone } from "./lone.ts";
import { media } from "./media.ts";
import { premium } from "./premium.ts";
import { presence } from "./presence.ts";
import { rates } from "./rates.ts";
import { reference } from "./reference.ts";
import { research } from "./research.ts";
import { rooms } from "./rooms.ts";
import { scale } from "./scale.ts";
import { soak } from "./soak.ts";
import { staff } from "./staff.ts";
import { start } from "./start.ts";
import { storm } from "./storm.ts";
import { stormStarved } from "./storm-starved.ts";
import { twintuition } from "./twintuition.ts";
import { unitCosts } from "./unit-costs.ts";

/** All that can be measured, in the order in which it is when nothing is named: quick ones first. */
export const PARTS: readonly Part[] = [
  start,
  fairTime,
  accounts,
  assessments,
  twintuition,
  premium,
  research,
  media,
  exports,
  lone,
  chat,
  reference,
  rates,
  rooms,
  idle,
  history,
  presence,
  deploy,
  unitCosts,
  storm,
  stormStarved,
  staff,
  scale,
  growth,
  historyLarge,
  soak,
];
