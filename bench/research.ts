import type { StudyStaff } from "../domain/releases.ts";
import { ITEM_IDS } from "../schema/wire/assessments.ts";
import { UserId } from "../schema/wire/ids.ts";
import { ResearchWorld } from "../tests/support/research-world.ts";
import { type Figures, figuresOf } from "./figures.ts";

const PAIRS = 500;
const BATCHES = 9;
const SINGLES = 300;

export interface ResearchFigures {
  readonly single: Figures;
  readonly batch: Figures;
  readonly again: Figures;
  readonly intake: Figures;
  /** Milliseconds. */
  readonly release: number;
  readonly pairs: number;
}

const answers = (of: number) => ITEM_IDS.map((itemId, at) => ({ itemId, value: ((of * 31 + at * 17) % 7) + 1 }));

/** A study on PostgreSQL, without HTTP around it. */
export async function measureResearch(): Promise<ResearchFigures> {
  const world = await ResearchWorld.open();
  try {
    const study = await world.study();
    const intake: number[] = [];
    for (let pair = 0; pair < PAIRS; pair++) {
      const who = await world.adult();
      await world.consent(who, study);
      await world.assessed.completed(who, answers(pair));
      intake.push(await timed(() => world.parts.intake.intake(who.userId)));
    }
    const staff: StudyStaff = {
      userId: UserId.parse(crypto.randomUUID()),
      grants: [{ role: "researcher", studyId: study }],
    };
    const release = await timed(() => world.parts.releases.ask(staff, study));
    return { ...(await telemetry(world)), intake: figuresOf(intake, 1), release, pairs: PAIRS };
  } finally {
    await world.close();
  }
}

async function telemetry(world: ResearchWorld): Promise<Pick<ResearchFigures, "single" | "batch" | "again">> {
  const who = await world.adult();
  await world.consent(who, await world.study());
  const [single, batch, again]: [number[], number[], number[]] = [[], [], []];
  for (let at = 0; at < SINGLES; at++) single.push(await timed(() => world.tell(who, world.event())));
  for (let at = 0; at < BATCHES; at++) {
    const other = await world.adult();
    await world.consent(other, await world.study());
    const events = Array.from({ length: 1000 }, () => world.event());
    batch.push(await timed(() => world.tell(other, { events })));
    again.push(await timed(() => world.tell(other, { events })));
  }
  return { single: figuresOf(single, 1), batch: figuresOf(batch, 1), again: figuresOf(again, 1) };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
