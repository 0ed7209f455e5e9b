import { z } from "zod";
import type { TwintuitionFact } from "../../../domain/room/twintuition-history.ts";
import { MessageId, UserId } from "../../../schema/wire/ids.ts";
import {
  AlertId,
  AlertKind,
  MomentAlgorithm,
  MomentId,
  MomentType,
  PairDay,
  PressId,
} from "../../../schema/wire/twintuition.ts";
import type { Asks } from "./unavailable.ts";

const time = z.string().transform((at) => Date.parse(at));
const momentId = MomentId.nullable();

export const PressRow = z
  .object({
    id: PressId,
    user_id: UserId,
    at: time,
    uncertainty_ms: z.int(),
    window_ms: z.int(),
    feeling: z.string().nullable(),
    salt: z.string().nullable(),
    moment_id: momentId,
  })
  .transform(
    ({ user_id: userId, uncertainty_ms: uncertaintyMs, window_ms: windowMs, moment_id: momentId, ...rest }) =>
      ({ fact: "press", ...rest, userId, uncertaintyMs, windowMs, momentId }) as const,
  );

export const AlertRow = z
  .object({
    id: AlertId,
    user_id: UserId,
    kind: AlertKind,
    text: z.string().nullable(),
    intensity: z.int().nullable(),
    at: time,
    salt: z.string().nullable(),
    moment_id: momentId,
    seen_at: time.nullable(),
  })
  .transform(
    ({ user_id: userId, moment_id: momentId, ...rest }) => ({ fact: "alert", ...rest, userId, momentId }) as const,
  );

export const MomentRow = z
  .object({
    id: MomentId,
    number: z.int(),
    day: PairDay,
    of_day: z.int(),
    at: time,
    type: MomentType,
    algorithm: MomentAlgorithm,
    confidence: z.number(),
    dt_ms: z.int().nullable(),
    uncertainty_ms: z.int().nullable(),
    window_ms: z.int().nullable(),
    feelings: z.array(z.object({ userId: UserId, feeling: z.string() })),
    message_id: MessageId.nullable(),
    phrases: z.array(z.string()),
    parts: z.array(z.string()),
  })
  .transform(
    ({
      of_day: ofDay,
      dt_ms: dtMs,
      uncertainty_ms: uncertaintyMs,
      window_ms: windowMs,
      message_id: messageId,
      ...rest
    }) => ({ fact: "moment", ...rest, ofDay, dtMs, uncertaintyMs, windowMs, messageId }) as const,
  );

interface FactRow {
  readonly fact: TwintuitionFact["fact"];
  readonly row: unknown;
}

const READ = {
  press: (row: unknown): TwintuitionFact => PressRow.parse(row),
  alert: (row: unknown): TwintuitionFact => plainAlert(AlertRow.parse(row)),
  moment: (row: unknown): TwintuitionFact => MomentRow.parse(row),
};

/** Whether it was seen is no matter of the room's. */
const plainAlert = ({ seen_at: _, ...alert }: z.output<typeof AlertRow>): TwintuitionFact => alert;

/** What may still meet something, by ids which tell when they were made: the longest window, and a little more. */
const OPEN = `
select 'press' as fact, to_jsonb(p) as row from presses p
where pair_id = $1 and id >= uuidv7_from(now() - interval '17 minutes') and moment_id is null and salt is not null
union all
select 'alert', to_jsonb(a) from alerts a
where pair_id = $1 and id >= uuidv7_from(now() - interval '17 minutes') and moment_id is null and salt is not null
union all
(select 'moment', to_jsonb(m) from moments m where pair_id = $1 order by number desc limit 1)`;

const BY_ID = `
select 'press' as fact, to_jsonb(p) as row from presses p where pair_id = $1 and id = any($2::uuid[])
union all
select 'alert', to_jsonb(a) from alerts a where pair_id = $1 and id = any($2::uuid[])
union all
select 'moment', to_jsonb(m) from moments m where pair_id = $1 and id = any($2::uuid[])`;

/** What a room opens with, beside its messages; the oldest first. */
export async function openTwintuitionOf(pool: Asks, pairId: string): Promise<readonly TwintuitionFact[]> {
  const { rows } = await pool.query<FactRow>(OPEN, [pairId]);
  return rows.map(factOf).sort((a, b) => (a.id < b.id ? -1 : 1));
}

export async function twintuitionById(
  pool: Asks,
  pairId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, TwintuitionFact>> {
  if (ids.length === 0) return new Map();
  const { rows } = await pool.query<FactRow>(BY_ID, [pairId, ids]);
  return new Map(rows.map((row) => [String(factOf(row).id), factOf(row)]));
}

const factOf = ({ fact, row }: FactRow): TwintuitionFact => READ[fact](row);

type RowOf<Kind extends TwintuitionFact["fact"]> = readonly [pairId: string, fact: TwintuitionFact & { fact: Kind }];

/** What an append writes of them: a list of rows a table, as JSON. */
export function twintuitionLists(facts: readonly (readonly [string, TwintuitionFact])[]): string[] {
  const of = <Kind extends TwintuitionFact["fact"]>(kind: Kind, rowOf: (row: RowOf<Kind>) => object): string => {
    const isOfKind = (row: readonly [string, TwintuitionFact]): row is RowOf<Kind> => row[1].fact === kind;
    return JSON.stringify(facts.filter(isOfKind).map(rowOf));
  };
  return [
    of("alert", ([pair_id, { at, userId: user_id, momentId: moment_id, ...alert }]) => ({
      ...{ ...alert, pair_id, user_id, moment_id, at: iso(at) },
    })),
    of("press", ([pair_id, { at, userId: user_id, momentId: moment_id, ...press }]) => {
      const { uncertaintyMs: uncertainty_ms, windowMs: window_ms } = press;
      return { ...press, pair_id, user_id, moment_id, uncertainty_ms, window_ms, at: iso(at) };
    }),
    of("moment", ([pair_id, { at, ofDay: of_day, messageId: message_id, ...moment }]) => {
      const { dtMs: dt_ms, uncertaintyMs: uncertainty_ms, windowMs: window_ms } = moment;
      return { ...moment, pair_id, of_day, message_id, dt_ms, uncertainty_ms, window_ms, at: iso(at) };
    }),
  ];
}

const iso = (ms: number): string => new Date(ms).toISOString();
