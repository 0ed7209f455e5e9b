import assert from "node:assert/strict";
import { ageOn, dayOf, zodiacSign } from "../../domain/birthdays.ts";
import type { Caller } from "../../domain/ports.ts";
import { twinView } from "../../domain/profile-views.ts";
import { parse, Refusal } from "../../domain/refusal.ts";
import type { User } from "../../schema/entities/user.ts";
import { User as UserEntity } from "../../schema/entities/user.ts";
import { ChangeProfile, ChangeSettings, ReplaceProfile, type Settings } from "../../schema/wire/people.ts";
import { AccountsWorld, code, noon } from "../support/accounts-world.ts";

describe("birthdays", () => {
  it("[PF1] one is a year older on the day itself", () => {
    assert.deepEqual(
      ["2026-06-14", "2026-06-15", "2026-06-16"].map((today) => ageOn(today, "2013-06-15")),
      [12, 13, 13],
    );
  });

  it("[PF1] who was born on 29 February has their birthday on 1 March where there is no such day", () => {
    const days = ["2026-02-28", "2026-03-01", "2028-02-28", "2028-02-29"];
    assert.deepEqual(
      days.map((today) => ageOn(today, "2008-02-29")),
      [17, 18, 19, 20],
    );
  });

  it("[PF1] the day is that of UTC, whatever zone the machine is in", () => {
    assert.deepEqual([Date.UTC(2026, 5, 15) - 1, Date.UTC(2026, 5, 15)].map(dayOf), ["2026-06-14", "2026-06-15"]);
  });

  it("[PF2] each sign begins on its day and ends before the next", () => {
    const signs: Record<string, string> = {
      "01-01": "Capricorn",
      "01-19": "Capricorn",
      "01-20": "Aquarius",
      "02-18": "Aquarius",
      "02-19": "Pisces",
      "02-29": "Pisces",
      "03-20": "Pisces",
      "03-21": "Aries",
      "04-19": "Aries",
      "04-20": "Taurus",
      "05-20": "Taurus",
      "05-21": "Gemini",
      "06-20": "Gemini",
      "06-21": "Cancer",
      "07-22": "Cancer",
      "07-23": "Leo",
      "08-22": "Leo",
      "08-23": "Virgo",
      "09-22": "Virgo",
      "09-23": "Libra",
      "10-22": "Libra",
      "10-23": "Scorpio",
      "11-21": "Scorpio",
      "11-22": "Sagittarius",
      "12-21": "Sagittarius",
      "12-22": "Capricorn",
      "12-31": "Capricorn",
    };
    for (const [day, sign] of Object.entries(signs)) assert.equal(zodiacSign(`1992-${day}`), sign, day);
  });
});

describe("profiles", () => {
  let world: AccountsWorld;
  let caller: Caller;
  before(async () => {
    world = await AccountsWorld.open();
  });
  after(() => world.close());
  beforeEach(async () => {
    world.clock.time = noon;
    caller = await world.callerOf(await world.register());
    world.changed.splice(0);
  });

  const change = async (fields: object, ifMatch?: string) =>
    world.profiles.change(caller, parse(ChangeProfile, fields), ifMatch);
  const replace = async (fields: object, ifMatch?: string) =>
    world.profiles.replace(caller, parse(ReplaceProfile, fields), ifMatch);
  const changeSettings = async (fields: object, ifMatch?: string) =>
    world.profiles.changeSettings(caller, parse(ChangeSettings, fields), ifMatch);
  const personOf = (): Promise<User> =>
    world.opened.database.read((em) => em.findOneOrFail(UserEntity, { id: caller.userId }));
  const naming = (path: string) => (error: unknown) => {
    assert.ok(error instanceof Refusal, String(error));
    assert.deepEqual([error.code, error.details?.[0]?.path], ["VALIDATION_ERROR", path]);
    return true;
  };

  const whole = {
    name: "Ada",
    gender: "woman",
    sexualOrientation: "straight",
    showSexualOrientation: true,
    twinType: "other",
    otherTwinTypeDescription: "mirror",
    twinDeceased: true,
    birthDate: "1990-08-23",
    placeOfBirth: "Žilina",
    timeOfBirth: "3:45 PM",
    profilePicture: null,
    accentColor: "neon-cyan",
    timezone: "Europe/Bratislava",
  };

  it("[PF3] shows what was said, and what follows from it", async () => {
    const { profile } = await replace(whole);
    const { id, isConnected, lastSeen, age, zodiacSign: sign, createdAt, updatedAt, ...said } = profile;
    assert.deepEqual(said, whole);
    assert.deepEqual([id, isConnected, lastSeen, age, sign], [caller.userId, false, null, 35, "Virgo"]);
    assert.deepEqual([createdAt, updatedAt], [new Date(noon).toISOString(), new Date(noon).toISOString()]);
    assert.deepEqual((await world.profiles.read(caller)).profile, profile);
  });

  it("[PF4] a change touches what it names", async () => {
    const { profile: before } = await replace(whole);
    world.clock.advance(5000);
    const { profile } = await change({ placeOfBirth: null, twinDeceased: false });
    const updatedAt = new Date(noon + 5000).toISOString();
    assert.deepEqual(profile, { ...before, placeOfBirth: null, twinDeceased: false, updatedAt });
  });

  it("[PF4] a replacement lets fall back what it does not name; the name it must", async () => {
    await replace(whole);
    const { profile } = await replace({ name: "Ada L." });
    assert.deepEqual(
      [profile.name, profile.gender, profile.accentColor, profile.birthDate, profile.age, profile.timezone],
      ["Ada L.", null, "neon-purple", null, null, "UTC"],
    );
    await assert.rejects(async () => replace({ gender: "woman" }), naming("name"));
  });

  it("[PF4] a profile can be sent back as it was given: what is computed has no effect, what nobody knows is refused", async () => {
    const { profile } = await replace(whole);
    const again = await replace({ ...profile, id: "another", age: 7, gender: "man" });
    assert.deepEqual([again.profile.id, again.profile.age, again.profile.gender], [caller.userId, 35, "man"]);
    await assert.rejects(async () => replace({ name: "Ada", isAdmin: true }), naming(""));
    await assert.rejects(async () => change({ age: 7 }), naming(""));
    await assert.rejects(async () => change({ emailVerified: true }), naming(""));
  });

  it("[PF5] refuses what cannot be, names the field, and stores nothing", async () => {
    await replace(whole);
    const wrong: [object, string][] = [
      [{ birthDate: "0000-01-01" }, "birthDate"],
      [{ birthDate: "0001-01-01" }, "birthDate"],
      [{ birthDate: "1850-01-01" }, "birthDate"],
      [{ birthDate: "1899-12-31" }, "birthDate"],
      [{ birthDate: "1991-02-29" }, "birthDate"],
      [{ birthDate: "1990-8-23" }, "birthDate"],
      [{ birthDate: "1990-08-23T00:00:00Z" }, "birthDate"],
      [{ birthDate: "+12000-01-01" }, "birthDate"],
      [{ birthDate: "2013-06-16" }, "birthDate"],
      [{ birthDate: "2026-06-16" }, "birthDate"],
      [{ timeOfBirth: "24:00" }, "timeOfBirth"],
      [{ timeOfBirth: "12:60 PM" }, "timeOfBirth"],
      [{ timeOfBirth: "0:15 AM" }, "timeOfBirth"],
      [{ timeOfBirth: "00:15 AM" }, "timeOfBirth"],
      [{ timeOfBirth: "13:00 PM" }, "timeOfBirth"],
      [{ timeOfBirth: "noon" }, "timeOfBirth"],
      [{ timezone: "Mars/Olympus" }, "timezone"],
      [{ timezone: "+01:00" }, "timezone"],
      [{ timezone: "" }, "timezone"],
      [{ accentColor: "neon-black" }, "accentColor"],
      [{ accentColor: null }, "accentColor"],
      [{ twinType: "clone" }, "twinType"],
      [{ twinType: "other", otherTwinTypeDescription: null }, "otherTwinTypeDescription"],
      [{ otherTwinTypeDescription: null }, "otherTwinTypeDescription"],
      [{ profilePicture: "5c5b5e0e-8f5c-4f0e-9d6e-0a6a3f1b2c3d" }, "profilePicture"],
      [{ profilePicture: "https://example.org/a.png" }, "profilePicture"],
      [{ name: null }, "name"],
      [{ name: "  " }, "name"],
      [{ gender: "g".repeat(101) }, "gender"],
      [{ placeOfBirth: "nul\0" }, "placeOfBirth"],
      [{ showSexualOrientation: "true" }, "showSexualOrientation"],
    ];
    for (const [fields, field] of wrong)
      await assert.rejects(async () => change(fields), naming(field), JSON.stringify(fields));
    assert.deepEqual(
      { ...(await world.profiles.read(caller)).profile, ...whole },
      (await world.profiles.read(caller)).profile,
    );
  });

  it("[PF5] takes what can be", async () => {
    const right = [
      ...["1900-01-01", "2008-02-29", "2013-06-15"].map((birthDate) => ({ birthDate })),
      ...["14:30", "0:05", "23:59", "3:45 PM", "12:00 AM", "12:59 PM"].map((timeOfBirth) => ({ timeOfBirth })),
      ...["Europe/Berlin", "Asia/Kolkata", "America/Argentina/Buenos_Aires", "UTC"].map((timezone) => ({ timezone })),
    ];
    for (const fields of right) {
      const { profile } = await change(fields);
      assert.deepEqual({ ...profile, ...fields }, profile);
    }
    assert.equal((await change({ timeOfBirth: " 3:45\u202fpm" })).profile.timeOfBirth, "3:45 PM", "as phones write it");
  });

  it("[PF6] the description of another kind of twins goes with the kind", async () => {
    await replace(whole);
    assert.equal((await change({ twinType: "identical" })).profile.otherTwinTypeDescription, null);
    await assert.rejects(async () => change({ twinType: "other" }), naming("otherTwinTypeDescription"));
    const { profile } = await change({ twinType: "other", otherTwinTypeDescription: "semi-identical" });
    assert.equal(profile.otherTwinTypeDescription, "semi-identical");
  });

  it("[PF7] a change asked for on a state is made on that state only", async () => {
    const { etag: first } = await world.profiles.read(caller);
    const { etag: second } = await change({ gender: "woman" }, first);
    assert.notEqual(first, second);
    await assert.rejects(change({ gender: "man" }, first), code("PRECONDITION_FAILED"));
    for (const wrong of ["", "p-2", '"s-2"', `"p-1", "p-9"`])
      await assert.rejects(change({ gender: "man" }, wrong), code("PRECONDITION_FAILED"));
    assert.equal((await world.profiles.read(caller)).profile.gender, "woman");
    let { etag } = await world.profiles.read(caller);
    for (const ifMatch of [etag, () => `W/${etag}`, () => `"x", ${etag}`, "*"]) {
      ({ etag } = await change({ gender: "man" }, typeof ifMatch === "string" ? ifMatch : ifMatch()));
    }
  });

  it("[PF7] of many changes asked for on one state at once, one is made", async () => {
    const { etag } = await world.profiles.read(caller);
    const asked = Array.from({ length: 5 }, (_, n) => change({ gender: `g${n}` }, etag));
    const settled = await Promise.allSettled(asked);
    assert.equal(settled.filter(({ status }) => status === "fulfilled").length, 1);
  });

  it("[PF7] no change is lost to another one made at the same time", async () => {
    await Promise.all([
      change({ gender: "woman" }),
      change({ placeOfBirth: "Žilina" }),
      change({ accentColor: "neon-red" }),
      changeSettings({ privacy: { showLastSeen: false } }),
      changeSettings({ privacy: { sendReadReceipts: false } }),
    ]);
    const { profile, etag } = await world.profiles.read(caller);
    assert.deepEqual([profile.gender, profile.placeOfBirth, profile.accentColor], ["woman", "Žilina", "neon-red"]);
    const { settings } = await world.profiles.settings(caller);
    assert.deepEqual([settings.privacy.showLastSeen, settings.privacy.sendReadReceipts], [false, false]);
    assert.equal(etag, '"p-4"');
  });

  it("[PF8] the rooms hear of each change, once it is made", async () => {
    await change({ gender: "woman" });
    await changeSettings({ privacy: { showLastSeen: false } });
    assert.deepEqual(world.changed, [caller.userId, caller.userId]);
    await assert.rejects(async () => change({ gender: "x" }, '"p-0"'));
    assert.equal(world.changed.length, 2);
  });

  describe("what the twin sees", () => {
    const seen = async () => twinView(await personOf(), noon);

    it("[PF9] neither address nor orientation, unless it is shown", async () => {
      await replace({ ...whole, showSexualOrientation: false });
      assert.ok(!JSON.stringify(await seen()).includes("example.org"));
      assert.ok(!JSON.stringify(await seen()).includes("straight"));
      await change({ showSexualOrientation: true });
      assert.equal((await seen()).sexualOrientation, "straight");
    });

    it("[PF10] no time at all of who hides when they were there, not even that of hiding it", async () => {
      const userId = caller.userId;
      await world.sql("update users set last_seen_at = $2 where id = $1", [userId, new Date(noon + 60_000)]);
      assert.equal((await seen()).lastSeen, new Date(noon + 60_000).toISOString());
      world.clock.advance(120_000);
      await changeSettings({ privacy: { showLastSeen: false } });
      const times = JSON.stringify(await seen()).match(/\d{4}-\d\d-\d\dT[\d:.]+Z/g);
      assert.deepEqual(times, [new Date(noon).toISOString()], "only that of signing up");
    });

    it("[PF11] of a profile that is not visible, whom one talks to and no more", async () => {
      await replace(whole);
      await changeSettings({ privacy: { profileVisible: false } });
      const view = await seen();
      assert.deepEqual(
        [view.name, view.accentColor, view.gender, view.birthDate, view.age, view.zodiacSign, view.placeOfBirth],
        ["Ada", "neon-cyan", null, null, null, null, null],
      );
    });
  });

  describe("settings", () => {
    const first: Settings = {
      researchParticipation: false,
      notificationsEnabled: true,
      pushNotifications: { messages: true, twintuition: true, assessments: true, research: false },
      privacy: {
        profileVisible: true,
        shareUsageData: false,
        allowResearchContact: false,
        showLastSeen: true,
        sendReadReceipts: true,
      },
      quietHours: { enabled: true, start: "22:00", end: "08:00" },
      twintuition: { windowSeconds: 30, keywordMoments: true },
    };

    it("[PF12] are there before anybody sets them: nights are quiet, nothing is shared", async () => {
      assert.deepEqual(await world.profiles.settings(caller), { settings: first, etag: '"s-1"' });
    });

    it("[PF12] keep what a change does not name, within a group too", async () => {
      await changeSettings({ privacy: { showLastSeen: false }, quietHours: { start: "23:30" } });
      const { settings } = await changeSettings({ privacy: { sendReadReceipts: false } });
      assert.deepEqual(settings, {
        ...first,
        privacy: { ...first.privacy, showLastSeen: false, sendReadReceipts: false },
        quietHours: { ...first.quietHours, start: "23:30" },
      });
      assert.deepEqual((await changeSettings(settings)).settings, settings, "and can be sent back as they were given");
    });

    it("[PF12] stored before a setting existed have its first value", async () => {
      await world.sql(`update users set settings = '{"privacy":{"showLastSeen":false},"gone":1}' where id = $1`, [
        caller.userId,
      ]);
      const { settings } = await world.profiles.settings(caller);
      assert.deepEqual(settings, { ...first, privacy: { ...first.privacy, showLastSeen: false } });
    });

    it("[PF13] are refused out of their bounds", async () => {
      const wrong: [object, string][] = [
        [{ twintuition: { windowSeconds: 4 } }, "twintuition.windowSeconds"],
        [{ twintuition: { windowSeconds: 901 } }, "twintuition.windowSeconds"],
        [{ twintuition: { windowSeconds: 7.5 } }, "twintuition.windowSeconds"],
        [{ quietHours: { start: "24:00" } }, "quietHours.start"],
        [{ quietHours: { end: "8:00" } }, "quietHours.end"],
        [{ privacy: { showLastSeen: "no" } }, "privacy.showLastSeen"],
        [{ privacy: { unknown: true } }, "privacy"],
        [{ unknown: true }, ""],
        [{ notificationsEnabled: null }, "notificationsEnabled"],
      ];
      for (const [fields, field] of wrong)
        await assert.rejects(async () => changeSettings(fields), naming(field), JSON.stringify(fields));
      for (const windowSeconds of [5, 900])
        assert.equal(
          (await changeSettings({ twintuition: { windowSeconds } })).settings.twintuition.windowSeconds,
          windowSeconds,
        );
    });

    it("[PF13] have a state of their own, apart from the profile's", async () => {
      const { etag } = await world.profiles.settings(caller);
      await change({ gender: "woman" });
      await changeSettings({ notificationsEnabled: false }, etag);
      await assert.rejects(changeSettings({ notificationsEnabled: true }, etag), code("PRECONDITION_FAILED"));
    });
  });
});
