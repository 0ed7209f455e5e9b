import assert from "node:assert/strict";
import type { MediaId } from "../../schema/wire/ids.ts";
import { ChangeStory, ListStories, WriteStory } from "../../schema/wire/stories.ts";
import { code } from "../support/accounts-world.ts";
import { MediaWorld } from "../support/media-world.ts";
import type { Member } from "../support/privacy-world.ts";

describe("stories", function () {
  this.timeout(20_000);
  let world: MediaWorld;
  before(async () => {
    world = await MediaWorld.open();
  });
  beforeEach(() => world.privacy.news.splice(0));
  after(() => world.close());

  const write = async (who: Member, form: object) =>
    (await world.stories.write(who.caller, WriteStory.parse({ title: "A story", ...form }))).story;
  const change = async (
    who: Member,
    { id }: Pick<Awaited<ReturnType<typeof write>>, "id">,
    form: object,
    tag?: string,
  ) => (await world.stories.change(who.caller, id, ChangeStory.parse(form), tag)).story;
  const list = (who: Member, query: object = {}) => world.stories.list(who.caller, ListStories.parse(query));
  const titles = async (who: Member, query: object = {}) => (await list(who, query)).stories.map(({ title }) => title);
  const read = (who: Member, { id }: Pick<Awaited<ReturnType<typeof write>>, "id">) =>
    world.stories.read(who.caller, id);
  const heardBy = (who: Member) =>
    world.privacy.news.flatMap((news) =>
      news.what === "story.changed" && news.to === who.userId ? [news.change] : [],
    );

  it("[ST1] a story has a title, words, photos, a day and a mark for milestones, and is read by its author and the twin", async () => {
    const { ada, bea } = await world.privacy.twins();
    const { ada: eve } = await world.privacy.twins();
    const photos = [await world.ready(ada, "story"), await world.ready(ada, "story")];
    const form = { title: "First steps", content: "We fell.", photos, milestone: true, date: "1991-08-23" };
    const story = await write(ada, form);
    assert.deepEqual(
      story.photos.map(({ id, status }) => [id, status]),
      photos.map((id) => [id, "ready"]),
    );
    const { title, content, milestone, date, visibility, authorId } = story;
    assert.deepEqual([title, content, milestone, date], ["First steps", "We fell.", true, "1991-08-23"]);
    assert.deepEqual([visibility, authorId], ["twin", ada.userId]);
    assert.deepEqual((await read(bea, story)).story, story);
    assert.deepEqual(await Promise.all(photos.map((id) => world.seenBy(id, ada, bea, eve))), [
      [true, true, false],
      [true, true, false],
    ]);
    await assert.rejects(read(eve, story), code("NOT_FOUND"));
    assert.deepEqual(await titles(eve), []);
  });

  it("[ST2] a private one is its author's alone, and so are its photos", async () => {
    const { ada, bea } = await world.privacy.twins();
    const photo = await world.ready(ada, "story");
    const story = await write(ada, { visibility: "private", photos: [photo] });
    await assert.rejects(read(bea, story), code("NOT_FOUND"));
    assert.deepEqual([await titles(bea), await titles(ada)], [[], ["A story"]]);
    assert.deepEqual(await world.seenBy(photo, ada, bea), [true, false]);
    await change(ada, story, { visibility: "twin" });
    assert.deepEqual([await titles(bea), await world.seenBy(photo, bea)], [["A story"], [true]]);
  });

  it("[ST3] it is for the twin of the pair it was told in: not after they parted, and not for the next one", async () => {
    const { ada, bea } = await world.privacy.twins();
    const photo = await world.ready(ada, "story");
    const story = await write(ada, { photos: [photo] });
    await world.privacy.pairing.unpair(bea.caller);
    await assert.rejects(read(bea, story), code("NOT_FOUND"));
    assert.deepEqual(await world.seenBy(photo, ada, bea), [true, false]);
    const cleo = await world.privacy.member("Cleo");
    await world.privacy.pairUp(ada, cleo);
    assert.deepEqual(await titles(cleo), []);
    assert.deepEqual(await titles(ada), ["A story"]);
    await change(ada, story, { visibility: "private" });
    await change(ada, story, { visibility: "twin" });
    assert.deepEqual(await titles(cleo), ["A story"]);
  });

  it("[ST3] who has no twin tells stories, too", async () => {
    const solo = await world.privacy.member("Solo");
    await write(solo, { title: "Alone" });
    assert.deepEqual(await titles(solo), ["Alone"]);
  });

  it("[ST4] photos are one's own, ready, made for stories, ten at most, each once and in one story", async () => {
    const { ada, bea } = await world.privacy.twins();
    const [own, chat, twins, unready] = [
      await world.ready(ada, "story"),
      await world.ready(ada, "chat"),
      await world.ready(bea, "story"),
      await world.uploaded(ada, "story"),
    ];
    for (const id of [chat, twins, unready])
      await assert.rejects(write(ada, { photos: [own, id] }), code("VALIDATION_ERROR"));
    assert.equal(WriteStory.safeParse({ title: "t", photos: [own, own] }).success, false);
    assert.equal(
      WriteStory.safeParse({ title: "t", photos: Array.from({ length: 11 }, () => crypto.randomUUID()) }).success,
      false,
    );
    const story = await write(ada, { photos: [own] });
    await assert.rejects(write(ada, { photos: [own] }), code("CONFLICT"));
    assert.deepEqual((await change(ada, story, { photos: [own], title: "Again" })).photos.length, 1);
  });

  it("[ST4] photos that are taken out go, and all of them with the story", async () => {
    const { ada, bea } = await world.privacy.twins();
    const photos: MediaId[] = [await world.ready(ada, "story"), await world.ready(ada, "story")];
    const [first, second] = photos;
    assert.ok(first && second);
    const story = await write(ada, { photos });
    assert.deepEqual(
      (await change(ada, story, { photos: [second] })).photos.map(({ id }) => id),
      [second],
    );
    assert.deepEqual([await world.seenBy(first, ada, bea), await world.seenBy(second, bea)], [[false, false], [true]]);
    await world.stories.remove(ada.caller, story.id);
    assert.deepEqual(await world.seenBy(second, ada, bea), [false, false]);
    world.privacy.world.clock.advance(120_000);
    await world.sweeps.sweep();
    assert.deepEqual([...world.filesOf(first), ...world.filesOf(second)], []);
    await assert.rejects(read(ada, story), code("NOT_FOUND"));
    await assert.rejects(world.stories.remove(ada.caller, story.id), code("NOT_FOUND"));
  });

  it("[ST5] only its author changes it, and with If-Match only in the state that was read", async () => {
    const { ada, bea } = await world.privacy.twins();
    const { story, etag } = await world.stories.write(ada.caller, WriteStory.parse({ title: "One" }));
    await assert.rejects(change(bea, story, { title: "Two" }), code("NOT_FOUND"));
    await assert.rejects(world.stories.remove(bea.caller, story.id), code("NOT_FOUND"));
    await change(ada, story, { title: "Two" }, etag);
    await assert.rejects(change(ada, story, { title: "Three" }, etag), code("PRECONDITION_FAILED"));
    await assert.rejects(world.stories.remove(ada.caller, story.id, etag), code("PRECONDITION_FAILED"));
    const now = await read(bea, story);
    assert.equal(now.story.title, "Two");
    await world.stories.remove(ada.caller, story.id, now.etag);
  });

  it("[ST6] the twin hears of what is shown, changed and taken away, and the author's own devices, too", async () => {
    const { ada, bea } = await world.privacy.twins();
    const story = await write(ada, {});
    await change(ada, story, { title: "Other" });
    await change(ada, story, { visibility: "private" });
    await change(ada, story, { title: "Secret" });
    await change(ada, story, { visibility: "twin" });
    await world.stories.remove(ada.caller, story.id);
    assert.deepEqual(heardBy(bea), ["created", "updated", "deleted", "created", "deleted"]);
    assert.deepEqual(heardBy(ada), ["created", "updated", "updated", "updated", "updated", "deleted"]);
    world.privacy.news.splice(0);
    const other = await write(ada, {});
    await world.privacy.pairing.unpair(bea.caller);
    await change(ada, other, { title: "Of the past" });
    assert.deepEqual(heardBy(bea), ["created"]);
  });

  it("[ST7] lists are the newest first, each story once, page by page, whatever is told in one burst", async () => {
    const { ada, bea } = await world.privacy.twins();
    const told = [];
    for (let n = 0; n < 7; n++) told.push((await write(n % 2 ? ada : bea, { title: `Story ${n}` })).id);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await list(ada, { limit: "2", ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...page.stories.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    assert.deepEqual(seen, told.toSorted().toReversed());
    const { nextCursor } = await list(ada, { limit: "2" });
    await assert.rejects(list(bea, { cursor: nextCursor ?? "" }), code("VALIDATION_ERROR"));
  });

  it("[ST8] words are found in titles and contents, all of them, in any script, quoted ones together; milestones alone", async () => {
    const { ada, bea } = await world.privacy.twins();
    await write(ada, { title: "Zoë's birthday", content: "We ate a red cake" });
    world.privacy.world.clock.advance(1);
    await write(ada, { title: "Щенок", content: "cake that was red", milestone: true });
    world.privacy.world.clock.advance(1);
    await write(ada, { title: "Secret cake", visibility: "private" });
    assert.deepEqual(await titles(bea, { q: "ZOE'S" }), ["Zoë's birthday"]);
    assert.deepEqual(await titles(bea, { q: "red cake" }), ["Щенок", "Zoë's birthday"]);
    assert.deepEqual(await titles(bea, { q: '"red cake"' }), ["Zoë's birthday"]);
    assert.deepEqual(await titles(bea, { q: "щЕНОК" }), ["Щенок"]);
    assert.deepEqual(await titles(bea, { milestone: "true" }), ["Щенок"]);
    assert.deepEqual(await titles(bea, { q: "pie" }), []);
    assert.deepEqual(await titles(ada, { q: "cake", limit: "1" }), ["Secret cake"]);
  });

  it("[ST1] a title of nothing to see is none, and neither is one of two lines or of 201 characters", () => {
    for (const title of ["", "  ", "\u200b\u2060", "two\nlines", "x".repeat(201)])
      assert.equal(WriteStory.safeParse({ title }).success, false, JSON.stringify(title));
    assert.ok(
      WriteStory.safeParse({ title: "👨‍👩‍👧".padEnd(200, "x").slice(0, 150), content: "y".repeat(10_000) }).success,
    );
    assert.equal(WriteStory.safeParse({ title: "t", content: "y".repeat(10_001) }).success, false);
    assert.equal(WriteStory.safeParse({ title: "t", date: "23.8.1990" }).success, false);
  });
});
