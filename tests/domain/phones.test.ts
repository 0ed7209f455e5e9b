import assert from "node:assert/strict";
import { parse } from "../../domain/refusal.ts";
import { networkOf } from "../../domain/sign-ins.ts";
import { NamePhone, ProvePhone } from "../../schema/wire/accounts.ts";
import { Listed } from "../../schema/wire/lists.ts";
import { PhoneNumber } from "../../schema/wire/phone.ts";
import { AccountsWorld, code } from "../support/accounts-world.ts";

const ARABIC = (digits: string) => digits.replace(/\d/g, (digit) => String.fromCodePoint(0x660 + Number(digit)));
const PERSIAN = (digits: string) => digits.replace(/\d/g, (digit) => String.fromCodePoint(0x6f0 + Number(digit)));
const WIDE = (digits: string) => digits.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)));

describe("phone numbers", () => {
  let world: AccountsWorld;
  let numbers = 0;
  before(async () => {
    world = await AccountsWorld.open();
  });
  after(() => world.close());

  const someone = async () => {
    const signedIn = await world.register();
    return { ...signedIn, caller: await world.callerOf(signedIn) };
  };
  const newNumber = () => `+49301${String(++numbers).padStart(6, "0")}`;
  const ask = (of: Awaited<ReturnType<typeof someone>>, phone: string, ip = `198.51.100.${numbers % 200}`) =>
    world.phones.ask(of.caller, parse(NamePhone, { phone }).phone, { ip });
  const prove = (of: Awaited<ReturnType<typeof someone>>, given: string) =>
    world.phones.prove(of.caller, parse(ProvePhone, { code: given }).code);
  const codeTo = (phone: string): string => {
    const sent = world.outbox.newestTo(phone);
    assert.ok(sent?.channel === "sms" && sent.letter.template === "phone_code");
    return sent.letter.code;
  };

  for (const [how, typed] of [
    ["as it was sent", (digits: string) => digits],
    ["in Arabic-Indic figures", ARABIC],
    ["in Persian figures", PERSIAN],
    ["in wide figures", WIDE],
    ["with a space in the middle", (digits: string) => `${digits.slice(0, 3)} ${digits.slice(3)}`],
    ["with a line break from autofill", (digits: string) => `${digits}\n`],
  ] as const) {
    it(`[PH1] a code typed ${how} proves the number`, async () => {
      const ada = await someone();
      const phone = newNumber();
      await ask(ada, phone);
      assert.equal(await prove(ada, typed(codeTo(phone))), phone);
    });
  }

  it("[PH2] five wrong codes end it, however they come, and it is kept nowhere in the open", async () => {
    const ada = await someone();
    const phone = newNumber();
    await ask(ada, phone);
    const right = codeTo(phone);
    assert.ok(!JSON.stringify(await world.sql("select * from phone_codes")).includes(right));
    const wrong = right === "000000" ? "111111" : "000000";
    const tries = await Promise.allSettled(Array.from({ length: 5 }, () => prove(ada, wrong)));
    assert.ok(tries.every(({ status }) => status === "rejected"));
    await assert.rejects(prove(ada, right), code("GONE"));
  });

  it("[PH2] is over after ten minutes, after its use, and when another was sent", async () => {
    const ada = await someone();
    const phone = newNumber();
    await ask(ada, phone);
    const first = codeTo(phone);
    await ask(ada, phone);
    const second = codeTo(phone);
    if (first !== second) await assert.rejects(prove(ada, first), code("VALIDATION_ERROR"));
    await prove(ada, second);
    await assert.rejects(prove(ada, second), code("GONE"));
    await ask(ada, phone);
    world.clock.advance(10 * 60_000 + 1);
    await assert.rejects(prove(ada, codeTo(phone)), code("GONE"));
  });

  it("[PH3] another's code is of no use, and the number goes to who proved it last", async () => {
    const [ada, bea] = [await someone(), await someone()];
    const phone = newNumber();
    await ask(ada, phone);
    const hers = codeTo(phone);
    await assert.rejects(prove(bea, hers), code("GONE"));
    await prove(ada, hers);
    await ask(bea, phone);
    await prove(bea, codeTo(phone));
    const rows = await world.sql("select id from users where phone = $1", [phone]);
    assert.deepEqual(rows, [{ id: bea.user.id }]);
  });

  it("[PH3] of two who prove one number at once both are told yes, and one has it; who lost it can see that they did", async () => {
    const [ada, bea] = [await someone(), await someone()];
    const phone = newNumber();
    const codes: string[] = [];
    for (const one of [ada, bea]) {
      await ask(one, phone);
      codes.push(codeTo(phone));
    }
    const [first = "", second = ""] = codes;
    assert.deepEqual(await Promise.all([prove(ada, first), prove(bea, second)]), [phone, phone]);
    assert.equal((await world.sql("select id from users where phone = $1", [phone])).length, 1);
    const lost = "select actor_id from audit_log where action = 'phone.changed' and actor_id is null";
    assert.equal((await world.sql(`${lost} and subject_id = any($1)`, [[ada.user.id, bea.user.id]])).length, 1);
  });

  it("[PH4] few messages are sent: for a person, a number and an address", async () => {
    const ada = await someone();
    for (let n = 0; n < 5; n++) await ask(ada, newNumber());
    await assert.rejects(ask(ada, newNumber()), code("RATE_LIMIT_EXCEEDED"));
    const phone = newNumber();
    for (let n = 0; n < 5; n++) await ask(await someone(), phone);
    await assert.rejects(ask(await someone(), phone), code("RATE_LIMIT_EXCEEDED"));
  });

  it("[PH5] is a number with its country, however it is written; anything else is refused by name", async () => {
    for (const [written, number] of [
      ["+49 30 123456", "+4930123456"],
      ["0049 (30) 12-34-56", "+4930123456"],
      [` ${ARABIC("+1 202 555 0123")} `, "+12025550123"],
      ["+44\u00a020\u20117946\u20110958", "+442079460958"],
    ] as const)
      assert.equal(PhoneNumber.parse(written), number);
    for (const written of [
      "030 123456",
      "+0 30 123456",
      "+49",
      "+49 30 12a456",
      "+1234567890123456",
      "",
      "☎",
      "\u0000+4930123456",
    ])
      assert.ok(!PhoneNumber.safeParse(written).success, written);
    await assert.rejects(ask(await someone(), "+9991234567"), code("VALIDATION_ERROR"));
  });
});

describe("sign-ins", () => {
  let world: AccountsWorld;
  before(async () => {
    world = await AccountsWorld.open();
  });
  after(() => world.close());

  const news = () => world.outbox.sent.filter(({ message }) => message.letter.template === "new_sign_in").length;

  it("[SI1] a new device is told of by mail, once; signing up and the same device again are not", async () => {
    const { user } = await world.register({ deviceId: "d1", deviceName: "Phone" });
    assert.equal(news(), 0);
    await world.login({ email: user.email, deviceId: "d1" });
    assert.equal(news(), 0);
    await world.login({ email: user.email, deviceId: "d2", deviceName: "Tablet" }, "203.0.113.77");
    await world.login({ email: user.email, deviceId: "d2" });
    assert.equal(news(), 1);
    const told = world.outbox.sent.at(-1)?.message.letter;
    assert.ok(told?.template === "new_sign_in");
    assert.deepEqual([told.deviceName, told.ip], ["Tablet", "203.0.113.0/24"]);
    world.clock.advance(90 * 86_400_000 + 1);
    await world.login({ email: user.email, deviceId: "d2" });
    assert.equal(news(), 2, "a device that was away for so long is new again");
  });

  it("[SI2] are listed page by page, the last one first, without the house they came from, for 90 days", async () => {
    const signedIn = await world.register();
    const caller = await world.callerOf(signedIn);
    for (let n = 0; n < 4; n++) {
      world.clock.advance(1000);
      await world.login({ email: signedIn.user.email, deviceId: `d${n}` }, "2001:db8:1:2::/64");
    }
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await world.signIns.list(caller, parse(Listed, { limit: "2", ...(cursor && { cursor }) }));
      seen.push(...page.items.map(({ deviceId }) => deviceId ?? "-"));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    assert.deepEqual(seen, ["d3", "d2", "d1", "d0", "-"]);
    const { items } = await world.signIns.list(caller, parse(Listed, {}));
    assert.deepEqual(new Set(items.map(({ network }) => network)), new Set(["2001:db8:1::/48", "192.0.2.0/24"]));
    world.clock.advance(90 * 86_400_000 + 1);
    await world.signIns.sweep();
    assert.equal((await world.sql("select from sign_ins")).length, 0);
  });

  it("[SI2] a network is what is left of an address when its house is taken off", () => {
    for (const [ip, network] of [
      ["203.0.113.77", "203.0.113.0/24"],
      ["2001:db8:1:2::/64", "2001:db8:1::/48"],
      ["2001:db8::/64", "2001:db8::/48"],
      ["::1", "::/48"],
      ["", "unknown"],
    ] as const)
      assert.equal(networkOf(ip), network);
  });
});
