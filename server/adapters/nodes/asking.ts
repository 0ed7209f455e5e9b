import { Elsewhere, type RoomsOfOne } from "../../../rooms/neighbours.ts";
import { type Neighbour, NoWay } from "../pipe/pipe.ts";
import type { Calls } from "./calls.ts";
import { CALLS, type Call, ELSEWHERE, REFUSED, readRefusal } from "./wire.ts";

/** A room that is opened for it first, on a busy node, is there by then. */
const WORK_MS = 5000;

/**
 * Asks one node, in the form of that call. Throws Refusal as the other node refused; Elsewhere if the room is not there,
 * or if nobody knows what became of the call: whatever is asked may be asked again.
 */
export async function askNode<Asked extends object, Answer>(
  calls: Pick<Calls, "call">,
  to: Neighbour,
  { name, answers }: Call<Asked, Answer>,
  asked: Asked,
  limitMs: number,
): Promise<Answer> {
  const { status, body } = await calls.call(to, name, asked, limitMs);
  if (status === REFUSED) throw readRefusal(body);
  if (status === ELSEWHERE) throw new Elsewhere(`Not at ${to.processId}`);
  if (status !== 200) throw new NoWay("stranger", to);
  return answers.parse(body);
}

/** The rooms of another process; `lost` is called when no answer came. */
export function roomsAt(calls: Pick<Calls, "call">, to: Neighbour, lost: () => unknown = () => undefined): RoomsOfOne {
  const ask = async <Asked extends object, Answer>(call: Call<Asked, Answer>, asked: Asked): Promise<Answer> => {
    try {
      return await askNode(calls, to, call, asked, WORK_MS);
    } catch (error) {
      if (!isLost(error)) throw error;
      lost();
      throw new Elsewhere(`Nothing was heard from ${to.processId}`, { cause: error });
    }
  };
  return {
    reserve: (pairId, seat, known) => ask(CALLS.seat, { pairId, seat, known }),
    execute: (twin, name, payload) => ask(CALLS.execute, { twin, name, payload }),
    inspect: (pairId) => ask(CALLS.inspect, { pairId }),
    mark: async (twin, what, upTo) => (await ask(CALLS.mark, { twin, what, upTo })).upTo,
  };
}

/** No way, or one that broke. */
const isLost = (error: unknown): boolean =>
  error instanceof NoWay || (error instanceof Error && "code" in error && /^E[A-Z]+$/.test(String(error.code)));
