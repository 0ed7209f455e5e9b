import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { startEmbedded } from "../../server/adapters/database/embedded.ts";
import { Phone } from "../support/phone.ts";
import { type PairedUp, type SignedUp, TestServer } from "../support/server.ts";
import { unzipped } from "../support/zip.ts";

const PATIENCE_MS = 15_000;
const LOOK_AGAIN_MS = 50;
const PASSWORD = "Correct-horse-1";

type Loose = ReturnType<typeof JSON.parse>;

describe("privacy, on a real server", function () {
  this.timeout(60_000);
  let server: TestServer;
  let twins: PairedUp;
  before(async () => {
    server = await TestServer.create();
    await server.start();
  });
  beforeEach(async () => {
    twins = await server.pairUp();
  });
  after(() => server.remove());

  const call = (method: string, path: string, { accessToken }: Pick<SignedUp, "accessToken">, body?: unknown) =>
    server.call(method, `/api/v1${path}`, accessToken, body);

  async function until<T>(look: () => Promise<T | undefined>, what: string): Promise<T> {
    for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await wait(LOOK_AGAIN_MS)) {
      const found = await look();
      if (found !== undefined) return found;
    }
    throw new assert.AssertionError({ message: what });
  }

  /** Another time of day, by hand. */
  async function whileItRests(sql: string, values: unknown[]): Promise<void> {
    await server.end("SIGTERM");
    const postgres = await startEmbedded(server.dataDir);
    const client = new pg.Client(postgres.url);
    await client.connect();
    assert.equal((await client.query(sql, values)).rowCount, 1);
    await client.end();
    await postgres.stop();
    await server.start();
  }

  const mailTo = (who: SignedUp, template: RegExp): Promise<Loose> =>
    until(async () => {
      const { body } = await server.call("GET", `/dev/mailbox.json?to=${encodeURIComponent(who.email)}`);
      return body.messages.find(({ subject }: Loose) => template.test(subject));
    }, `no mail like ${template}`);

  it("[XP1] [XP2] [XP5] an export is asked for, mailed, fetched once, and whole", async () => {
    const { ada, bea } = twins;
    await call("POST", "/messages", bea, { clientMessageId: "k1", text: "from one twin to the other" });
    const { status, body } = await call("POST", "/users/export", ada);
    assert.deepEqual([status, body.export.status], [202, "pending"]);
    const { id } = body.export;
    const look = async () => (await call("GET", `/users/export/${id}`, ada)).body.export;
    const ready = await until(async () => {
      const shown = await look();
      return shown.status === "ready" ? shown : undefined;
    }, "it was not made");
    const mail = await mailTo(ada, /data/i);
    assert.ok(mail.links.every((link: string) => !link.includes("/downloads/")));
    for (const method of ["HEAD", "GET", "GET"]) assert.equal((await fetch(mail.links[0], { method })).status, 200);
    const answer = await fetch(ready.downloadUrl);
    assert.equal(answer.status, 200);
    const files = unzipped(Buffer.from(await answer.arrayBuffer()));
    assert.match(String(files.get(`messages/${twins.pairId}.json`)), /from one twin to the other/);
    assert.equal((await fetch(ready.downloadUrl)).status, 410);
    assert.equal((await fetch((await look()).downloadUrl, { method: "HEAD" })).status, 200);
    assert.equal((await call("GET", `/users/export/${id}`, bea)).status, 404);
  });

  it("[LV2] [LV4] deleted: every socket closes at once, the twin is told and free; signing in undoes it, but for the pair", async () => {
    const { ada, bea } = twins;
    const [adas, beas] = [await Phone.join(server, ada), await Phone.join(server, bea)];
    const began = Date.now();
    const { status, body } = await call("DELETE", "/users/me", ada, { password: PASSWORD });
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual(await beas.hears("pair.closed"), { reason: "unpaired" });
    assert.equal(await beas.closed, 4403);
    assert.ok([4401, 4403].includes(await adas.closed));
    assert.ok(Date.now() - began < 5000);
    assert.equal((await call("GET", "/auth/me", ada)).body.error.code, "AUTH_TOKEN_REVOKED");
    await mailTo(ada, /delet/i);
    const back = await server.call("POST", "/api/v1/auth/login", undefined, { email: ada.email, password: PASSWORD });
    assert.equal(back.status, 200);
    const { accessToken } = back.body.tokens;
    assert.equal((await call("GET", "/twins", { accessToken })).body.pair, null);
    const { body: made } = await call("POST", "/twins/code", { accessToken });
    const { body: paired } = await call("POST", "/twins/pair", bea, { code: made.code });
    assert.equal(paired.pairId, twins.pairId);
  });

  it("[ER1] [ER2] [ER3] once the time is over, the twin has tombstones of a deleted twin, and the address is free", async () => {
    const { ada, bea, pairId } = twins;
    await call("POST", "/messages", ada, { clientMessageId: "k1", text: "words of a leaver" });
    await call("POST", "/messages", bea, { clientMessageId: "k2", text: "words of a stayer" });
    await call("DELETE", "/users/me", ada, { password: PASSWORD, eraseMessages: true });
    // Who is due is looked for when a server starts, and every quarter of an hour.
    await whileItRests("update users set deletion_due_at = now() where id = $1", [ada.userId]);
    const pair = await until(async () => {
      const [former] = (await call("GET", "/twins/former", bea)).body.pairs;
      return former.twin.name === "Deleted twin" ? former : undefined;
    }, "nobody was erased");
    assert.equal(pair.id, pairId);
    const messages = await until(async () => {
      const { body } = await call("GET", `/messages?pairId=${pairId}`, bea);
      return body.messages[0].deletedAt ? body.messages : undefined;
    }, "the words stayed");
    assert.deepEqual(
      messages.map(({ text, senderName }: Loose) => [text, senderName]),
      [
        [null, "Deleted twin"],
        ["words of a stayer", "Bea"],
      ],
    );
    const form = { email: ada.email, password: PASSWORD, name: "Somebody" };
    assert.equal((await server.call("POST", "/api/v1/auth/register", undefined, form)).status, 201);
  });
});
