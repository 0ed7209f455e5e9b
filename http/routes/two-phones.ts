import { type RequestHandler, type Response, Router } from "express";
import { Refusal } from "../../domain/refusal.ts";
import type { PairId, UserId } from "../../schema/wire/ids.ts";
import type { JournalLine, SampleTwin } from "../../schema/wire/two-phones.ts";
import type { Admit } from "../admission.ts";
import { type BuiltPage, sendBuiltPage, sendFile } from "../built-page.ts";
import { notStored } from "../middleware.ts";
import { countedAs } from "../observe.ts";
import { notAllowed } from "../serve.ts";

/** Two phones side by side, for whoever tries this out. */
export interface TwoPhones {
  /** Built when it is first asked for. */
  readonly page: () => Promise<BuiltPage>;
  /** Makes them, if they are not there yet. Undefined where somebody else's people live. */
  readonly sampleTwins?: (() => Promise<readonly SampleTwin[]>) | undefined;
  /** What a person does not see of their own pair, and may not break; undefined in production. */
  readonly inside?: Inside | undefined;
  /** The origin of the store that pictures are sent to and shown from, where that is not this server. */
  readonly filesAt?: string | undefined;
}

export interface Inside {
  activePair(userId: UserId): Promise<PairId | null>;
  /** The newest first. */
  journal(pairId: PairId): Promise<readonly JournalLine[]>;
  /** Ends the room under everybody's hands, if it is open here. */
  killRoom(pairId: PairId): Promise<void>;
}

interface Deps {
  readonly admit: Admit;
}

const TWINS = "/dev/twins";
const JOURNAL = "/dev/journal";
const KILL = "/dev/room/kill";
const FILES = "/two-phones/:file";

export function twoPhonesRoutes(twoPhones: TwoPhones, { admit }: Deps): Router {
  const { sampleTwins, inside } = twoPhones;
  return Router({ caseSensitive: true })
    .get("/", countedAs("/"), async (_request, response) => sendPage(response, await twoPhones.page(), twoPhones))
    .get(FILES, countedAs(FILES), async (request, response) => sendFile(request, response, await twoPhones.page()))
    .use(sampleTwins ? sampleTwinsRoute(sampleTwins, admit) : Router())
    .use(inside ? insideRoutes(inside, admit) : Router());
}

function sampleTwinsRoute(sampleTwins: NonNullable<TwoPhones["sampleTwins"]>, admit: Admit): Router {
  return Router({ caseSensitive: true })
    .post(TWINS, countedAs(TWINS), notStored, async (request, response) => {
      await admit("none", request, response);
      response.json({ success: true, twins: await sampleTwins() });
    })
    .all(TWINS, notAllowed(["POST"]));
}

function insideRoutes(inside: Inside, admit: Admit): Router {
  const ofCaller =
    (answer: (pairId: PairId) => Promise<object>): RequestHandler =>
    async (request, response) => {
      const caller = await admit("required", request, response);
      const pairId = caller && (await inside.activePair(caller.userId));
      if (!pairId) throw new Refusal("NOT_PAIRED", "You have no twin here yet");
      response.json({ success: true, ...(await answer(pairId)) });
    };
  return Router({ caseSensitive: true })
    .get(
      JOURNAL,
      countedAs(JOURNAL),
      notStored,
      ofCaller(async (pairId) => ({ lines: await inside.journal(pairId) })),
    )
    .all(JOURNAL, notAllowed(["GET"]))
    .post(
      KILL,
      countedAs(KILL),
      notStored,
      ofCaller(async (pairId) => {
        await inside.killRoom(pairId);
        return {};
      }),
    )
    .all(KILL, notAllowed(["POST"]));
}

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Ccircle cx='11' cy='16' r='8' fill='%23ff8ad0'/%3E%3Ccircle cx='21' cy='16' r='8' fill='%237cc4ff' fill-opacity='.85'/%3E%3C/svg%3E";

function sendPage(response: Response, page: BuiltPage, { sampleTwins, inside, filesAt }: TwoPhones): void {
  sendBuiltPage(response, page, {
    title: "Twinship: two phones",
    folder: "/two-phones",
    icon: ICON,
    offers: [...(sampleTwins ? ["twins"] : []), ...(inside ? ["inside"] : [])].join(" "),
    unscripted: "Two phones need a script to run: this page's own, from this server.",
    filesAt,
    listens: true,
  });
}
