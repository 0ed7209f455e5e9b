import assert from "node:assert/strict";
import { Phone } from "../support/phone.ts";
import { type PairedUp, TestServer } from "../support/server.ts";

const TIME = /\d{4}-\d{2}-\d{2}T[\d:.]+Z/g;

/** Every time that is anywhere in it. */
const timesIn = (shown: unknown): string[] => JSON.stringify(shown).match(TIME) ?? [];

describe("when somebody was there", function () {
  this.timeout(60_000);
  let server: TestServer;
  let twins: PairedUp;
  const phones: Phone[] = [];
  before(async () => {
    server = await TestServer.create();
    await server.start();
    twins = await server.pairUp();
  });
  afterEach(async () => {
    await Promise.all(phones.splice(0).map((phone) => phone.leave()));
  });
  after(() => server.remove());

  const get = async (path: string) => (await server.call("GET", `/api/v1${path}`, twins.ada.accessToken)).body;
  const show = async (showLastSeen: boolean) => {
    const { status } = await server.call("PUT", "/api/v1/users/settings", twins.bea.accessToken, {
      privacy: { showLastSeen },
    });
    assert.equal(status, 200);
  };
  const join = async (who: "ada" | "bea"): Promise<Phone> => {
    const phone = await Phone.join(server, twins[who], { deviceId: who });
    phones.push(phone);
    return phone;
  };
  const beaIn = (phone: Phone) => phone.member(twins.bea.userId);

  it("[PA8] is told to the twin, until it is hidden; then no door tells a time later than the last message", async () => {
    const [adas, beas] = [await join("ada"), await join("bea")];
    const { sentAt } = await beas.say("my last word");
    // That it can be seen at all, in the room and outside it.
    await adas.sees((state) => state.members?.get(twins.bea.userId)?.lastSeen);
    let shown: string | null = null;
    for (const tooLate = Date.now() + 10_000; shown === null && Date.now() < tooLate; )
      shown = (await get("/twins")).pair.twin.lastSeen;
    assert.ok(shown);

    await show(false);
    await adas.sees((state) => !state.members?.get(twins.bea.userId)?.lastSeen);
    await beas.leave();
    await adas.sees((state) => state.members?.get(twins.bea.userId)?.devices === 0);
    const doors: [name: string, shown: unknown][] = [
      ["the room", beaIn(adas).toJSON()],
      ["what the room told", adas.heard.filter(({ event }) => event.startsWith("chat."))],
    ];
    for (const path of ["/twins", "/twins/former", "/messages", "/messages/search?q=word"])
      doors.push([path, await get(path)]);
    for (const [name, told] of doors) {
      const late = timesIn(told).filter((time) => Date.parse(time) > Date.parse(sentAt));
      assert.deepEqual([name, late], [name, []]);
    }
    const { pair } = await get("/twins");
    assert.deepEqual([pair.twin.lastSeen, pair.lastInteraction, beaIn(adas).lastSeen ?? null], [null, sentAt, null]);

    const late = await join("ada");
    await late.sees((state) => state.members?.get(twins.bea.userId));
    assert.equal(beaIn(late).lastSeen ?? null, null);
  });

  it("[PA8] is hidden from a new twin and from a former one too", async () => {
    await show(false);
    const cara = await server.signUp("Cara");
    const waiting = await Phone.wait(server, cara);
    phones.push(waiting);
    assert.equal((await server.call("DELETE", "/api/v1/twins", twins.bea.accessToken)).status, 200);
    const { code } = (await server.call("POST", "/api/v1/twins/code", twins.bea.accessToken)).body;
    const { body } = await server.call("POST", "/api/v1/twins/pair", cara.accessToken, { code });
    const news = await waiting.hears("pair.opened");
    const [former] = (await get("/twins/former")).pairs;
    for (const twin of [body.twinProfile, news.twinProfile, former.twin]) {
      assert.deepEqual([twin.id, twin.lastSeen], [twins.bea.userId, null]);
    }
    await show(true);
    const seen = (await get("/twins/former")).pairs[0].twin.lastSeen;
    assert.ok(seen, "it is there, and was hidden");
  });
});
