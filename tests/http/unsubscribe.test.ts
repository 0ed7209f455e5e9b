import assert from "node:assert/strict";
import { addressKeysOf } from "../../domain/address-keys.ts";
import { parse } from "../../domain/refusal.ts";
import { isSuppressed } from "../../domain/suppressions.ts";
import { unsubscribes } from "../../domain/unsubscribes.ts";
import { UserId } from "../../schema/wire/ids.ts";
import { ChangeSettings } from "../../schema/wire/people.ts";
import { AccountsWorld } from "../support/accounts-world.ts";
import { HttpWorld } from "../support/http.ts";

describe("no more news of studies", () => {
  let world: AccountsWorld;
  let http: HttpWorld;
  before(async () => {
    world = await AccountsWorld.open();
    http = await HttpWorld.open({ unsubscribes: use() });
  });
  after(async () => {
    await http.close();
    await world.close();
  });

  const use = () => unsubscribes({ ...world, database: world.opened.database });

  /** Somebody who allowed us to write to them, and the link that stands in their mails. */
  async function reader() {
    const caller = await world.callerOf(await world.register());
    const allowed = parse(ChangeSettings, { privacy: { allowResearchContact: true, showLastSeen: false } });
    const { etag } = await world.profiles.changeSettings(caller, allowed);
    const link = use().linkFor(caller.userId, "ada@example.org");
    return { caller, etag, path: link.slice("https://twinship.test".length) };
  }
  const settingsOf = (caller: Parameters<AccountsWorld["profiles"]["settings"]>[0]) => world.profiles.settings(caller);

  const oneClick = (path: string) =>
    http.call("POST", path, {
      body: "List-Unsubscribe=One-Click",
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });

  it("[SU5] is a link that asks, without telling whose it is, and changes nothing when it is opened", async () => {
    const { caller, path, etag } = await reader();
    assert.match(path, /^\/u\/[\w-]{100,300}$/);
    assert.ok(!Buffer.from(path.slice(3), "base64url").includes(caller.userId.slice(0, 8)));
    for (const method of ["HEAD", "GET", "GET"]) {
      const { status, headers, text } = await http.call(method, path);
      assert.equal(status, 200);
      assert.equal(headers.get("referrer-policy"), "no-referrer");
      assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'.*form-action 'self'/);
      assert.ok(!text.includes(path.slice(3)), "the page does not tell its own token");
    }
    assert.equal((await settingsOf(caller)).etag, etag);
  });

  it("[SU5] one press is enough, in the page or in a mail program, without a sign-in; a second changes nothing", async () => {
    const { caller, path } = await reader();
    assert.equal((await oneClick(path)).status, 200);
    const { settings, etag } = await settingsOf(caller);
    assert.deepEqual([settings.privacy.allowResearchContact, settings.privacy.showLastSeen], [false, false]);
    assert.equal((await http.call("POST", path)).status, 200);
    assert.equal((await settingsOf(caller)).etag, etag);
  });

  it("[SU5] of whoever has no account any more the address is noted instead", async () => {
    const link = use().linkFor(UserId.parse(crypto.randomUUID()), "Gone@example.org");
    await oneClick(link.slice("https://twinship.test".length));
    const letter = { template: "research_update", name: "Ada", study: "S", text: "T", unsubscribeLink: link } as const;
    const keys = addressKeysOf(world.secrets, "email", "gone@example.org");
    const asked = world.opened.database.read((em) =>
      isSuppressed(em, { channel: "email", to: "gone@example.org", letter }, keys),
    );
    assert.equal(await asked, true);
  });

  it("[SU5] a link that we did not make leads nowhere", async () => {
    const { caller, path } = await reader();
    const token = path.slice(3);
    const touched = token.replace(/^./, (first) => (first === "A" ? "B" : "A"));
    const foreign = world.secrets.seal("cursor", JSON.stringify({ userId: caller.userId, addressKey: "x" }));
    for (const wrong of ["x", token.slice(0, -1), touched, foreign, "x".repeat(5000)])
      for (const method of ["GET", "POST"]) {
        const { status, headers } = await http.call(method, `/u/${wrong}`);
        assert.equal(status, 404);
        assert.match(headers.get("content-type") ?? "", /text\/html/);
      }
    assert.equal((await settingsOf(caller)).settings.privacy.allowResearchContact, true);
    assert.equal(await http.refusal("DELETE", path), "405 METHOD_NOT_ALLOWED");
  });
});
