import { BEFORE_ALL_IDS, type UserId } from "../schema/wire/ids.ts";
import type { Database } from "./ports.ts";
import type { StudyRows } from "./study-rows.ts";

const AT_ONCE = 100;

interface Means {
  readonly database: Database;
  readonly rows: Pick<StudyRows, "agreed">;
}

/**
 * Does that for everybody who ever said a word about a study, one after the other. What fails for one is done for the
 * others all the same, and thrown in the end. Returns for how many.
 */
export async function everyoneWhoAgreed({ database, rows }: Means, work: (userId: UserId) => Promise<void>) {
  const failures: unknown[] = [];
  let count = 0;
  for (let after = BEFORE_ALL_IDS; ; ) {
    const people = await database.read((em) => rows.agreed(em, after, AT_ONCE));
    for (const userId of people) await work(userId).catch((error: unknown) => failures.push(error));
    count += people.length;
    const last = people.at(-1);
    if (last === undefined || people.length < AT_ONCE) break;
    after = last;
  }
  if (failures.length > 0) throw failures[0];
  return count;
}
