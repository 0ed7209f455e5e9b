import type pg from "pg";
import { type RoomEvent, type RoomFact, roomCommand, roomRules } from "../domain/room/rules.ts";
import { Committer } from "../rooms/durable/committer.ts";
import { DurableRoom } from "../rooms/durable/durable-room.ts";
import type { PairHistory } from "../rooms/pair-history.ts";
import { type PairId, UserId } from "../schema/wire/ids.ts";
import { databaseClaims } from "../server/adapters/database/claims.ts";
import { databaseJournal } from "../server/adapters/database/journal.ts";
import { chance } from "../server/chance.ts";
import { pair } from "../tests/support/twins.ts";
import { type Figures, figuresOf } from "./figures.ts";

const ada = UserId.parse("00000000-0000-4000-8000-000000000001");

const TEXT = "Were you thinking of me just now, or was it the coffee?";

export interface Setup {
  readonly pairs: number;
  readonly rowsPerBatch: number;
  /** Committers side by side, each with a connection of its own. */
  readonly lanes: number;
}

/**
 * Durable chat, in process: rules, room, committer, journal and PostgreSQL, without sockets. Each pair says one thing
 * after the other, the next when the last is acknowledged (a closed loop); or, with `ratePerSecond`, all pairs together
 * say so many a second whatever the answers do.
 */
export class ChatBench {
  readonly #pool: pg.Pool;
  #keys = 0;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async closedLoop(setup: Setup, seconds: number): Promise<Figures> {
    const rooms = await this.#open(setup);
    const end = performance.now() + seconds * 1000;
    const times: number[] = [];
    const talk = async (room: PairHistory) => {
      while (performance.now() < end) times.push(await this.#say(room));
    };
    await Promise.all(rooms.map(talk));
    return figuresOf(times, seconds);
  }

  async openLoop(setup: Setup, ratePerSecond: number, seconds: number): Promise<Figures> {
    const rooms = await this.#open(setup);
    const times: number[] = [];
    const saying: Promise<unknown>[] = [];
    const started = performance.now();
    for (let said = 0; said < ratePerSecond * seconds; ) {
      const due = Math.floor(((performance.now() - started) / 1000) * ratePerSecond);
      for (; said < Math.min(due, ratePerSecond * seconds); said++) {
        const room = rooms[said % rooms.length];
        if (room) saying.push(this.#say(room).then((time) => times.push(time)));
      }
      await new Promise((later) => setTimeout(later, 1));
    }
    await Promise.all(saying);
    return figuresOf(times, seconds);
  }

  /** The least a durable message can cost here: one row changed, one flush. */
  async bareCommit(): Promise<Figures> {
    const times: number[] = [];
    for (let n = 0; n < 500; n++) {
      const started = performance.now();
      await this.#pool.query("update pair_rooms set claimed_at = now() where pair_id = $1", [pair(0)]);
      times.push(performance.now() - started);
    }
    return figuresOf(times, 1);
  }

  async #open({ pairs, rowsPerBatch, lanes }: Setup): Promise<PairHistory[]> {
    const journal = databaseJournal(this.#pool);
    const claims = databaseClaims(this.#pool);
    const rules = roomRules({ now: Date.now, ...chance, ...noSeal });
    const committerOf = () => new Committer<RoomEvent, RoomFact>({ journal, report: console.error, rowsPerBatch });
    const committers = Array.from({ length: lanes }, committerOf);
    const open = async (n: number) => {
      const [pairId, committer = committerOf()] = [pair(n), committers[n % lanes]];
      const epoch = await claim(this.#pool, claims, pairId);
      const deaf = { announce: () => undefined, superseded: () => undefined };
      return DurableRoom.open({ pairId, epoch, rules, journal, committer, ...deaf });
    };
    return Promise.all(Array.from({ length: pairs }, (_, n) => open(n)));
  }

  async #say(room: PairHistory): Promise<number> {
    const started = performance.now();
    this.#keys += 1;
    const payload = { key: `${started}-${this.#keys}`, text: TEXT };
    await room.execute(roomCommand({ userId: ada, pairId: pair(0) }, "chat.send", payload, null));
    return performance.now() - started;
  }
}

/** Nobody seals anything here. */
const noSeal = { seal: (text: string) => text, open: (sealed: string) => sealed };

async function claim(pool: pg.Pool, claims: ReturnType<typeof databaseClaims>, pairId: PairId): Promise<number> {
  await pool.query("insert into pair_rooms (pair_id) values ($1) on conflict do nothing", [pairId]);
  const row = await claims.look(pairId);
  const epoch = await claims.claim(pairId, row?.epoch ?? 0, "bench");
  if (epoch === undefined) throw new Error("Nobody else claims pairs here");
  return epoch;
}
