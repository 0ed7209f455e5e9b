import assert from "node:assert/strict";
import { ITEM_IDS } from "../../schema/wire/assessments.ts";
import { allOf } from "../support/assessment-answers.ts";
import { Phone } from "../support/phone.ts";
import { type PairedUp, TestServer } from "../support/server.ts";

describe("assessments, on a real server", function () {
  this.timeout(60_000);
  let server: TestServer;
  let twins: PairedUp;
  const phones: Phone[] = [];
  before(async () => {
    server = await TestServer.create();
    await server.start();
  });
  beforeEach(async () => {
    twins = await server.pairUp();
  });
  afterEach(() => Promise.all(phones.splice(0).map((phone) => phone.leave())));
  after(() => server.remove());

  const call = (who: "ada" | "bea", method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
    server.call(method, `/api/v1${path}`, twins[who].accessToken, body, headers);

  async function join(who: "ada" | "bea", deviceId: string): Promise<Phone> {
    const phone = await Phone.join(server, twins[who], { deviceId });
    phones.push(phone);
    return phone;
  }

  async function begun(who: "ada" | "bea"): Promise<string> {
    const { status, body } = await call(who, "POST", "/assessments");
    assert.ok(status === 201 || status === 200, JSON.stringify(body));
    return body.session.id;
  }

  it("[AS9] how far one is shows on every device of both, as it goes on, and no answer ever does", async () => {
    const [ada, tablet, bea] = [await join("ada", "a"), await join("ada", "t"), await join("bea", "b")];
    const { userId } = twins.ada;
    await bea.sees(() => bea.member(userId)?.assessment.status === "none");
    const sessionId = await begun("ada");
    const answered = await ada.ask("assessment.answer", { sessionId, responses: allOf(6).slice(0, 10) });
    assert.deepEqual(answered, { answered: 10, total: 150 });
    for (const phone of [ada, tablet, bea]) {
      await phone.sees(() => phone.member(userId)?.assessment.answered === 10);
      const { updatedAt, ...told } = await phone.hears("assessment.updated", (event) => event.answered === 10);
      assert.ok(updatedAt);
      assert.deepEqual(told, {
        ...{ userId, sessionId, bankVersion: "1.0.0", answered: 10, total: 150, status: "in_progress" },
      });
    }
    const posted = await call("ada", "POST", `/assessments/${sessionId}/responses`, {
      responses: allOf(6).slice(10),
      isComplete: true,
    });
    assert.equal(posted.status, 200);
    assert.deepEqual([posted.body.results.access, posted.body.session.status], ["free", "completed"]);
    await bea.sees(() => bea.member(userId)?.assessment.status === "completed");
    const late = await join("bea", "b2");
    await late.sees(() => late.member(userId)?.assessment.answered === 150);
    assert.ok(!JSON.stringify([bea.heard, bea.room.state]).includes("itemId"));
    assert.equal((await call("bea", "GET", `/assessments/${sessionId}`)).status, 404);
  });

  it("[AS3] [AS7] is refused in the room as it is over HTTP", async () => {
    const ada = await join("ada", "a");
    const sessionId = await begun("ada");
    const said = (payload: object) => ada.refusal("assessment.answer", { sessionId, ...payload });
    const one = { itemId: "IF001", value: 4 };
    assert.equal(await said({ responses: [{ ...one, value: 8 }] }), "VALIDATION_ERROR");
    assert.equal(await said({ responses: [] }), "VALIDATION_ERROR");
    assert.equal(await said({}), "VALIDATION_ERROR");
    assert.equal(await said({ sessionId: "mine", responses: [one] }), "VALIDATION_ERROR");
    assert.equal(await said({ sessionId: crypto.randomUUID(), responses: [one] }), "NOT_FOUND");
    assert.equal(await said({ responses: [one], pairId: crypto.randomUUID() }), "GONE");
    assert.equal(
      await (await join("bea", "b")).refusal("assessment.answer", { sessionId, responses: [one] }),
      "NOT_FOUND",
    );
    assert.equal((await call("ada", "GET", `/assessments/${sessionId}`)).body.session.answered, 0);
  });

  it("[AS4] [AS5] answered from two phones at once and killed in the middle, nothing acknowledged is lost", async () => {
    const sessionId = await begun("ada");
    const kept = new Map<string, number>();
    const pour = async (phone: Phone, items: readonly string[]) => {
      for (const itemId of items) {
        try {
          await phone.ask("assessment.answer", { sessionId, responses: [{ itemId, value: 5 }] });
          kept.set(itemId, 5);
        } catch {
          return;
        }
      }
    };
    const [one, two] = [await join("ada", "a1"), await join("ada", "a2")];
    const poured = Promise.all([pour(one, ITEM_IDS.slice(0, 75)), pour(two, ITEM_IDS.slice(75))]);
    while (kept.size < 40) await new Promise((resolve) => setImmediate(resolve));
    await server.end("SIGKILL");
    phones.splice(0);
    await poured;
    await server.start();
    const { body } = await call("ada", "GET", `/assessments/${sessionId}`);
    const found = new Map<string, number>(
      body.session.responses.map(({ itemId, value }: { itemId: string; value: number }) => [itemId, value]),
    );
    for (const [itemId, value] of kept) assert.equal(found.get(itemId), value, `${itemId} was acknowledged`);
    const again = await join("ada", "a1");
    await again.sees(() => again.member(twins.ada.userId)?.assessment.answered === found.size);
    const [, missing] = [...ITEM_IDS].filter((itemId) => !found.has(itemId));
    const answers = [...kept].map(([itemId, value]) => ({ itemId, value }));
    const { answered } = await again.ask("assessment.answer", { sessionId, responses: answers });
    assert.equal(answered, found.size, "said again, it is said once");
    assert.ok(missing);
    const next = await again.ask("assessment.answer", { sessionId, responses: [{ itemId: missing, value: 1 }] });
    assert.equal(next.answered, found.size + 1);
  });

  it("[AS11] the items come in the language that is asked for, with an ETag that is heeded", async () => {
    const items = (headers: Record<string, string>) =>
      server.call("GET", "/api/v1/assessments/items", undefined, undefined, headers);
    const tags = new Set<string>();
    for (const [accepted, locale] of [
      ["de-AT,de;q=0.9,en;q=0.5", "de"],
      ["es-MX", "es"],
      ["fr, en;q=0.3", "en"],
      ["ja", "en"],
      ["", "en"],
    ] as const) {
      const { status, headers, body } = await items({ "accept-language": accepted });
      assert.deepEqual([status, body.bank.locale, body.bank.items.length], [200, locale, 150]);
      assert.equal(headers.get("content-language"), locale);
      assert.match(headers.get("vary") ?? "", /Accept-Language/);
      assert.ok(!JSON.stringify(body).includes("revers"));
      const tag = headers.get("etag") ?? "";
      tags.add(tag);
      const again = await items({ "accept-language": accepted, "if-none-match": `"other", W/${tag}` });
      assert.deepEqual([again.status, again.body], [304, {}]);
      assert.equal((await items({ "accept-language": accepted, "if-none-match": '"other"' })).status, 200);
    }
    assert.equal(tags.size, 3);
  });

  it("[CG2] [CG3] twins who both agree see how alike they are, until one of them does not", async () => {
    for (const who of ["ada", "bea"] as const) {
      const path = `/assessments/${await begun(who)}/responses`;
      assert.equal((await call(who, "POST", path, { responses: allOf(4), isComplete: true })).status, 200);
      assert.equal((await call(who, "PUT", "/users/consents", { twinDataMerging: true })).status, 200);
    }
    const seen = await call("bea", "GET", "/assessments/pair");
    assert.deepEqual(seen.body.comparison, { access: "free", compatibility: 100 });
    const consents = await call("ada", "PUT", "/users/consents", { twinDataMerging: false });
    assert.equal(consents.body.consents.twinDataMerging, false);
    const hidden = await call("bea", "GET", "/assessments/pair");
    assert.deepEqual([hidden.status, hidden.body.error.code], [403, "FORBIDDEN"]);
    const odd = await call("ada", "PUT", "/users/consents", { twinDataMerging: "yes" });
    assert.deepEqual([odd.status, odd.body.error.details[0].path], [400, "twinDataMerging"]);
  });

  it("[AS1] [LS1] needs no body to begin, and takes a query twice for what it is", async () => {
    const { status, body } = await call("ada", "POST", "/assessments");
    assert.equal(status, 201);
    assert.deepEqual((await call("ada", "POST", "/assessments", {})).body.session.id, body.session.id);
    assert.equal((await call("ada", "POST", "/assessments", { bankVersion: "9.9.9" })).status, 410);
    assert.equal((await call("ada", "GET", "/assessments?status=completed&status=in_progress")).status, 400);
    assert.equal((await call("ada", "GET", "/assessments?status=done")).status, 400);
    const { body: list } = await call("ada", "GET", "/assessments?status=in_progress");
    assert.deepEqual([list.assessments.length, list.nextCursor], [1, null]);
  });
});
