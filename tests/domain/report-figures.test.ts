import assert from "node:assert/strict";
import { reportCounts } from "../../domain/report-figures.ts";
import { DecideReport, ReportId } from "../../schema/wire/moderation.ts";
import { StaffWorld } from "../support/staff-world.ts";

const HOUR_MS = 3_600_000;

describe("reports that wait", function () {
  this.timeout(30_000);
  let world: StaffWorld;
  before(async () => {
    world = await StaffWorld.open();
    await world.sql("update reports set status = 'decided', decided_at = 'epoch' where status = 'open'");
  });
  after(() => world.close());

  const counts = () => reportCounts(world.people.world.opened.database, world.clock.now());

  it("[MT15] are counted until they are decided, those apart whose 24 hours are over, and what tells more of one with it", async () => {
    assert.deepEqual(await counts(), { waiting: 0, overdue: 0 });
    const [one, other] = [await world.quarrel(), await world.quarrel()];
    const { id } = await world.report(one.ada);
    world.clock.advance(2 * HOUR_MS);
    await world.report(other.ada);
    await world.report(one.ada, { details: "and this" });
    assert.deepEqual(await counts(), { waiting: 2, overdue: 0 });
    world.clock.advance(23 * HOUR_MS);
    assert.deepEqual(await counts(), { waiting: 2, overdue: 1 });
    const mo = await world.signedInAs("moderator");
    await world.moderation.decide(
      mo,
      ReportId.parse(id),
      DecideReport.parse({ action: "dismiss", note: "as the rules say" }),
    );
    assert.deepEqual(await counts(), { waiting: 1, overdue: 0 });
  });
});
