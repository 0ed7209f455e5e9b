import assert from "node:assert/strict";
import type { MailboxItem } from "../../schema/wire/mailbox.ts";
import type { InvitationPreview } from "../../schema/wire/twins.ts";
import { HttpWorld } from "../support/http.ts";

const item = (more: Partial<MailboxItem>): MailboxItem => ({
  ...{ id: crypto.randomUUID(), channel: "email", to: "ada@example.org", subject: "Hello", text: "Hello", code: null },
  ...{ html: "<p>Hello</p>", links: ["https://twinship.test/x"], at: "2026-06-15T12:00:00.000Z" },
  ...more,
});

describe("the mailbox of who tries it out", () => {
  let world: HttpWorld;
  const asked: unknown[] = [];
  const all: MailboxItem[] = [
    item({ subject: '<script>alert("x")</script>', html: '<p onclick="x">"Hello"</p>' }),
    item({ channel: "sms", subject: null, html: null, text: "123456 is your code", code: "123456" }),
    item({ channel: "push", html: null, subject: "Bea", text: "sent you a message" }),
  ];
  before(async () => {
    const read = async (query: unknown) => {
      asked.push(query);
      return all;
    };
    world = await HttpWorld.open({ mailbox: { read, samples: () => [item({ id: "sample-0", subject: "A sample" })] } });
  });
  after(() => world.close());

  it("[MB1] is JSON for machines: what was sent, to whom and by what", async () => {
    const { status, body } = await world.call("GET", "/dev/mailbox.json?to=ada%40example.org&channel=email");
    assert.deepEqual([status, body.messages], [200, all]);
    assert.deepEqual(asked.at(-1), { to: "ada@example.org", channel: "email" });
  });

  it("[MB1] names what it does not understand", async () => {
    for (const query of ["?channel=pigeon", "?to=a&to=b", "?whom=a"])
      assert.equal(await world.refusal("GET", `/dev/mailbox.json${query}`), "400 VALIDATION_ERROR");
    assert.equal(await world.refusal("POST", "/dev/mailbox.json"), "405 METHOD_NOT_ALLOWED");
  });

  it("[MB2] is a page for people, on which nothing of a message runs", async () => {
    for (const { id } of all) {
      const { status, text, headers } = await world.call("GET", `/dev/mailbox?id=${id}`);
      assert.equal(status, 200);
      assert.doesNotMatch(text, /<script/);
      assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'/);
      assert.doesNotMatch(headers.get("content-security-policy") ?? "", /script-src/);
      assert.match(text, /aria-current="true"/);
    }
    const { text } = await world.call("GET", `/dev/mailbox?id=${all[0]?.id}&to=%22%3E%3Cb%3E`);
    assert.match(text, /<iframe title="The mail" sandbox srcdoc="&#60;p onclick=&#34;x&#34;&#62;/);
    assert.doesNotMatch(text, /"><b>/);
    assert.match(text, /<a href="https:\/\/twinship.test\/x" target="_blank" rel="noopener">/);
  });

  it("[MB2] shows mails, texts and pushes apart, for one address or all, and keeps to that from message to message", async () => {
    const { text } = await world.call("GET", "/dev/mailbox?to=a%2Bb%40example.org&channel=sms");
    assert.deepEqual(asked.at(-1), { to: "a+b@example.org", channel: "sms" });
    assert.match(text, /href="\/dev\/mailbox\?to=a%2Bb%40example.org&#38;channel=sms" aria-current="true">Texts</);
    assert.match(text, new RegExp(`href="/dev/mailbox\\?id=${all[1]?.id}&#38;to=a%2Bb%40example.org&#38;channel=sms"`));
    await world.call("GET", "/dev/mailbox?to=&channel=");
    assert.deepEqual(asked.at(-1), {});
  });

  it("[MB2] shows every letter there is, also before anybody got one", async () => {
    const { text } = await world.call("GET", "/dev/mailbox?samples=1");
    assert.match(text, /A sample/);
    assert.match(text, /href="\/dev\/mailbox\?id=sample-0&#38;samples=1"/);
  });

  it("[MB3] is not there where real messages leave", async () => {
    const other = await HttpWorld.open();
    for (const path of ["/dev/mailbox", "/dev/mailbox.json"])
      assert.equal(await other.refusal("GET", path), "404 NOT_FOUND");
    await other.close();
  });
});

describe("pages of mailed links", () => {
  let world: HttpWorld;
  before(async () => {
    const preview = async (token: string): Promise<InvitationPreview> => ({
      ...{ inviterName: '<b>"Ada"</b>', accentColor: "neon-blue", twinType: null, code: "ABCDEFGH" },
      ...{ status: token.startsWith("A") ? "sent" : "expired", expiresAt: "2026-06-15T12:00:00.000Z" },
    });
    world = await HttpWorld.open();
    const { invitations } = world.deps;
    await world.close();
    world = await HttpWorld.open({ invitations: { ...invitations, preview } });
  });
  after(() => world.close());

  for (const path of ["/verify-email?token=secret-token", "/reset-password?token=secret-token", `/i/${"A".repeat(64)}`])
    it(`[PG1] ${path.slice(0, 20)} changes nothing when it is opened, tells nobody where one came from, and runs nothing but its own`, async () => {
      for (const method of ["HEAD", "GET", "GET"]) {
        const { status, headers, text } = await world.call(method, path);
        assert.equal(status, 200);
        assert.equal(headers.get("referrer-policy"), "no-referrer");
        assert.equal(headers.get("cache-control"), "no-store");
        const policy = headers.get("content-security-policy") ?? "";
        assert.match(policy, /default-src 'none'/);
        assert.match(policy, /frame-ancestors 'none'/);
        assert.doesNotMatch(policy, /unsafe/);
        assert.ok(!text.includes("secret-token"));
      }
      assert.equal(await world.refusal("POST", path), "405 METHOD_NOT_ALLOWED");
    });

  it("[PG2] an invitation shows who it is from as a name, its code, and the way into the app", async () => {
    const { text } = await world.call("GET", `/i/${"a".repeat(64)}`);
    assert.match(text, /&#60;b&#62;&#34;Ada&#34;&#60;\/b&#62;/);
    assert.match(text, /ABCDEFGH/);
    assert.match(text, new RegExp(`href="twinship://invitation/${"A".repeat(64)}"`));
    const { text: late } = await world.call("GET", `/i/${"B".repeat(64)}`);
    assert.match(late, /too old/);
    assert.doesNotMatch(late, /ABCDEFGH/);
  });

  it("[PG2] of one that is not there it says so, in words for people", async () => {
    const other = await HttpWorld.open();
    const { status, headers } = await other.call("GET", `/i/${"x".repeat(500)}`);
    assert.equal(status, 404);
    assert.match(headers.get("content-type") ?? "", /text\/html/);
    await other.close();
  });
});
