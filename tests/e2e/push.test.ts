import assert from "node:assert/strict";
import { z } from "zod";
import { type Double, expoDouble } from "../support/doubles.ts";
import { eventually } from "../support/embedded.ts";
import { type SignedUp, TestServer } from "../support/server.ts";

const ACCESS_TOKEN = "an access token of the operator's";

const Pushed = z.array(
  z.object({ to: z.string(), title: z.string(), body: z.string(), data: z.record(z.string(), z.string()) }),
);
type Pushed = z.output<typeof Pushed>;

describe("pushes, as phones get them from Expo", function () {
  this.timeout(60_000);
  let server: TestServer;
  let double: Double;
  before(async () => {
    double = await expoDouble(ACCESS_TOKEN);
    server = await TestServer.create({ EXPO_ACCESS_TOKEN: ACCESS_TOKEN, EXPO_API_URL: double.url });
    await server.start();
  });
  after(async () => {
    await server.end("SIGKILL");
    await server.remove();
    await double.close();
  });

  const call = async (method: string, path: string, { accessToken }: { accessToken: string }, body?: object) => {
    const answer = await server.call(method, `/api/v1${path}`, accessToken, body);
    assert.ok(answer.status < 300, `${path} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const pushedTo = (token: string): Pushed =>
    double.got
      .filter(({ path }) => path.includes("/push/send"))
      .flatMap(({ body }) => Pushed.parse(JSON.parse(body)))
      .filter(({ to }) => to === token);
  const rings = (token: string, times = 1) => eventually(() => pushedTo(token).length >= times);

  async function phone(of: { accessToken: string }, deviceId: string): Promise<string> {
    const token = `ExponentPushToken[${crypto.randomUUID()}]`;
    await call("PUT", "/users/push-tokens", of, { token, platform: "ios", deviceId });
    return token;
  }
  const signIn = async ({ email }: SignedUp, deviceId: string): Promise<{ accessToken: string }> => {
    const form = { email, password: "Correct-horse-1", deviceId };
    return (await server.call("POST", "/api/v1/auth/login", undefined, form)).body.tokens;
  };
  const say = (of: SignedUp, body: object) =>
    call("POST", "/messages", of, { clientMessageId: crypto.randomUUID(), ...body });

  /** Bea is away, and may be woken at any time. */
  async function twins() {
    const { ada, bea, pairId } = await server.pairUp();
    await call("PUT", "/users/settings", bea, { quietHours: { enabled: false } });
    return { ada, bea, pairId };
  }

  it("[PU1] [PV1] say from whom and never what, on each phone, and lead to the pair", async () => {
    const { ada, bea, pairId } = await twins();
    const [one, two] = [await phone(bea, "d1"), await phone(bea, "d2")];
    const hers = await phone(ada, "d1");
    await say(ada, { text: "secretword" });
    await Promise.all([rings(one), rings(two)]);
    const [first] = pushedTo(one);
    assert.deepEqual([first?.title, first?.body], ["Ada", "sent you a message"]);
    assert.deepEqual(first?.data, { kind: "message", pairId });
    const message = await say(ada, { text: "secretword again" });
    await call("DELETE", `/messages/${message.message.id}?for=everyone`, ada);
    await say(ada, { text: "never mind" });
    await rings(one, 2);
    assert.deepEqual(pushedTo(hers), []);
    assert.ok(!JSON.stringify(double.got).match(/secretword|never mind/));
  });

  it("[PT1] a phone that signed out is silent, the other rings; signed out everywhere, none does", async () => {
    const { ada, bea } = await twins();
    const [d1, d2] = [await signIn(bea, "d1"), await signIn(bea, "d2")];
    const [one, two] = [await phone(d1, "d1"), await phone(d2, "d2")];
    await call("POST", "/auth/logout", d1, {});
    await say(ada, { text: "are you there?" });
    await rings(two);
    await call("POST", "/auth/logout", d2, { everywhere: true });
    await say(ada, { text: "hello?" });
    // Somebody else's push shows that whatever was due was looked at since.
    const others = await twins();
    const theirs = await phone(others.bea, "d1");
    await say(others.ada, { text: "hi" });
    await rings(theirs);
    assert.deepEqual([pushedTo(one).length, pushedTo(two).length], [0, 1]);
  });

  it("[PU6] that one has a twin is told to who invited, with nothing but the name", async () => {
    const [ada, bea] = [await server.signUp("Ada"), await server.signUp("Bea")];
    await call("PUT", "/users/settings", ada, { quietHours: { enabled: false } });
    const token = await phone(ada, "d1");
    const { code } = await call("POST", "/twins/code", ada);
    await call("POST", "/twins/pair", bea, { code });
    await rings(token);
    assert.deepEqual(
      pushedTo(token).map(({ title, data }) => [title, data]),
      [["Bea", { kind: "paired" }]],
    );
  });

  it("[PU5] [PU7] killed right after the message was acknowledged, it rings once it is back", async () => {
    const { ada, bea } = await twins();
    const token = await phone(bea, "d1");
    await say(ada, { text: "hi" });
    await server.end("SIGKILL");
    await server.start();
    await eventually(() => pushedTo(token).length > 0, 40_000);
  });
});
