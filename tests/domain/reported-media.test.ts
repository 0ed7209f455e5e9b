import assert from "node:assert/strict";
import type { StaffCaller } from "../../domain/staff-permissions.ts";
import { MediaId, SessionId } from "../../schema/wire/ids.ts";
import { ReportId } from "../../schema/wire/moderation.ts";
import { code } from "../support/accounts-world.ts";
import { StaffWorld } from "../support/staff-world.ts";

const MINUTE_MS = 60_000;

describe("a picture that was reported", function () {
  this.timeout(60_000);
  let world: StaffWorld;
  before(async () => {
    world = await StaffWorld.open();
  });
  after(() => world.close());

  /** Bea's message bears a picture, and Ada reported it. */
  async function reported() {
    const { ada, bea, pairId, ids } = await world.quarrel();
    const [, second] = ids;
    assert.ok(second);
    const picture = await world.illustrate(pairId, bea, second);
    const id = ReportId.parse((await world.report(ada, { messageIds: [second] })).id);
    return { ada, bea, pairId, id, picture, messageId: second };
  }

  const desk = () => world.reportedMedia;
  const look = (mo: StaffCaller, { id, picture }: { id: ReportId; picture: MediaId }) => desk().look(mo, id, picture);

  it("[MQ9] stands in the report by its id, and is shown as it was, no larger than needed, to whom the link was given", async () => {
    const mo = await world.signedInAs("moderator");
    const report = await reported();
    const { items } = await world.moderation.list(mo, { status: "open", limit: 50 });
    const messages = items.find(({ id }) => id === report.id)?.messages;
    assert.deepEqual(
      messages?.map(({ mediaId, text }) => [mediaId, text]),
      [[report.picture, null]],
    );
    const link = await look(mo, report);
    assert.deepEqual([link.contentType, link.width, link.height, link.durationMs], ["image/webp", 4, 3, null]);
    const file = await desk().open(mo, report.id, report.picture, link);
    assert.deepEqual([file.contentType, String(file.bytes)], ["image/webp", "as large as 1024"]);
  });

  it("[MQ9] a link is of one report, one picture, one sign-in and five minutes, and opens nothing else", async () => {
    const [mo, other] = [await world.signedInAs("moderator"), await world.signedInAs("moderator")];
    const [one, two] = [await reported(), await reported()];
    const link = await look(mo, one);
    const open = (caller: StaffCaller, id = one.id, picture = one.picture, change = {}) =>
      desk().open(caller, id, picture, { ...link, ...change });
    await open(mo);
    const again: StaffCaller = { ...mo, sessionId: SessionId.parse(crypto.randomUUID()) };
    await assert.rejects(open(other), code("FORBIDDEN"));
    await assert.rejects(open(again), code("FORBIDDEN"));
    await assert.rejects(open(mo, two.id), code("FORBIDDEN"));
    await assert.rejects(open(mo, one.id, two.picture), code("FORBIDDEN"));
    await assert.rejects(open(mo, one.id, one.picture, { until: link.until + MINUTE_MS }), code("FORBIDDEN"));
    await assert.rejects(open(mo, one.id, one.picture, { signature: `${link.signature}x` }), code("FORBIDDEN"));
    await assert.rejects(open({ ...mo, grants: [{ role: "support", studyId: null }] }), code("FORBIDDEN"));
    world.clock.advance(5 * MINUTE_MS);
    await assert.rejects(open(mo), code("GONE"));
  });

  it("[MQ9] who looks is at the report: nobody else looks or decides meanwhile, and once it is decided the link is over", async () => {
    const [mo, other] = [await world.signedInAs("moderator"), await world.signedInAs("moderator")];
    const report = await reported();
    const link = await look(mo, report);
    const decision = { action: "dismiss", note: "nothing is in it" } as const;
    await assert.rejects(look(other, report), code("CONFLICT"));
    await assert.rejects(world.moderation.decide(other, report.id, decision), code("CONFLICT"));
    await world.moderation.decide(mo, report.id, decision);
    await assert.rejects(desk().open(mo, report.id, report.picture, link), code("GONE"));
    await assert.rejects(look(mo, report), code("CONFLICT"));
    const left = await reported();
    await look(mo, left);
    world.clock.advance(5 * MINUTE_MS);
    await world.moderation.decide(other, left.id, decision);
  });

  it("[MQ9] nobody else's picture can be had by a report, nor by who has no business with reports or is in it", async () => {
    const mo = await world.signedInAs("moderator");
    const [one, two] = [await reported(), await reported()];
    await assert.rejects(desk().look(mo, one.id, two.picture), code("NOT_FOUND"));
    await assert.rejects(desk().look(mo, one.id, MediaId.parse(crypto.randomUUID())), code("NOT_FOUND"));
    await assert.rejects(desk().look(mo, ReportId.parse(crypto.randomUUID()), one.picture), code("NOT_FOUND"));
    for (const role of ["support", "researcher"] as const)
      await assert.rejects(look({ ...mo, grants: [{ role, studyId: null }] }, one), code("FORBIDDEN"));
    await assert.rejects(look({ ...mo, userId: one.bea.userId }, one), code("FORBIDDEN"));
    await assert.rejects(look({ ...mo, userId: one.ada.userId }, one), code("FORBIDDEN"));
    // It is in the report's words, and of another pair all the same.
    await world.sql("update media set pair_id = $1 where id = $2", [two.pairId, one.picture]);
    await assert.rejects(look(mo, one), code("GONE"));
  });

  it("[MQ9] what its sender took back, or the store lost, is gone, and that it was asked for is no look", async () => {
    const mo = await world.signedInAs("moderator");
    const lost = await reported();
    const link = await look(mo, lost);
    for (const key of world.files.keys()) if (key.includes(lost.picture)) world.files.delete(key);
    await assert.rejects(desk().open(mo, lost.id, lost.picture, link), code("GONE"));
    const taken = await reported();
    const before = await look(mo, taken);
    await world.sql("update media set gone_at = now() where id = $1", [taken.picture]);
    await assert.rejects(desk().open(mo, taken.id, taken.picture, before), code("GONE"));
    await assert.rejects(look(mo, taken), code("GONE"));
    assert.equal((await looks(taken.id)).length, 1);
  });

  it("[MQ9] each look is audited, and told to whose it is where that says nothing of a report about them", async () => {
    const mo = await world.signedInAs("moderator");
    const hers = await reported();
    await look(mo, hers);
    assert.deepEqual(await looks(hers.id), [
      { action: "staff.report_media_seen", subject_id: hers.bea.userId, actor_id: mo.userId, role: "moderator" },
    ]);
    const { ada, pairId, ids } = await world.quarrel();
    const [first] = ids;
    assert.ok(first);
    const own = await world.illustrate(pairId, ada, first);
    const id = ReportId.parse((await world.report(ada, { messageIds: [first] })).id);
    await desk().look(mo, id, own);
    assert.deepEqual(await looks(id), [
      { action: "staff.own_report_media_seen", subject_id: ada.userId, actor_id: mo.userId, role: "moderator" },
    ]);
  });

  const looks = (reportId: string) =>
    world.sql(
      "select action, subject_id, actor_id, role from audit_log where about_id = $1 and action like '%media_seen' order by id",
      [reportId],
    );
});
