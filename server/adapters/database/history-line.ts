import { randomUUID } from "node:crypto";
import { Socket } from "node:net";
import type { ClientBase } from "pg";

/** The first eight signs of a WAL file's name: a standby that is promoted begins a new timeline. */
const TIMELINE = "substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)";

/**
 * Which line this is, and its name. Timelines are numbered by each cluster for itself, so the cluster's own number stands
 * before them; and two standbys promoted from one primary both begin the second, so it is the name that is compared: the
 * other one's was never written there. A standby has no line of its own.
 */
const HERE = `
with place as (
  select case when pg_is_in_recovery() then null
    else (select system_identifier from pg_control_system()) || '/' || ${TIMELINE} end as timeline
)
select timeline, (select l.id from history_lines l where l.timeline = place.timeline) as id from place`;

/** Of several who find a new line, the first one's name holds. On disk, since devices will carry it. */
const MAKE = `
with durable as materialized (select set_config('synchronous_commit', 'on', true))
insert into history_lines (id, timeline) select $1::uuid, $2 from durable on conflict (timeline) do nothing`;

/** Who answers is a standby: it may become a primary any moment, or never. In PostgreSQL's own code for it. */
export class StandbyProblem extends Error {
  override readonly name = "StandbyProblem";
  readonly code = "25006";
}

type Asks = Pick<ClientBase, "query">;

/**
 * Names the line of history this database is on. A database that lost its tail would give versions out a second time; it
 * does so on another timeline, so the name changes with it and devices that carry the old one start over. Every new
 * connection is looked at before anybody is lent it, and a failover breaks all old ones: so nothing is written to a line
 * that is not known yet.
 */
export class HistoryLine {
  readonly #report: (error: unknown) => void;
  readonly #listeners = new Set<() => void>();
  readonly #connections = new Map<ClientBase, string>();
  #name: string | undefined;

  constructor(report: (error: unknown) => void) {
    this.#report = report;
  }

  /** As of the newest connection. */
  name(): string {
    if (this.#name === undefined) throw new Error("A line of history is known once the database was asked");
    return this.#name;
  }

  /** Told when history went on from another place than we knew: what is in memory may never have been. Returns how to stop. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Looks where a new connection leads, before it is used. Throws StandbyProblem if it leads to a standby. */
  readonly admit = async (client: ClientBase): Promise<void> => {
    const name = await nameOf(client);
    this.#connections.set(client, name);
    client.once("end", () => this.#connections.delete(client));
    this.#arrive(name);
  };

  /** Looks again over connections that are open already, for who cannot trust them to break. */
  async look(pool: Asks): Promise<void> {
    this.#arrive(await nameOf(pool));
  }

  #arrive(name: string): void {
    const isChange = this.#name !== undefined && this.#name !== name;
    this.#name = name;
    if (!isChange) return;
    // A primary that was cut off and lives on would still take what is sent over these.
    for (const [client, line] of this.#connections) if (line !== name) cut(client);
    for (const listener of this.#listeners) this.#tell(listener);
  }

  #tell(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      this.#report(error);
    }
  }
}

async function nameOf(asks: Asks): Promise<string> {
  const here = await asks.query<{ timeline: string | null; id: string | null }>(HERE);
  const { timeline = null, id = null } = here.rows[0] ?? {};
  if (timeline === null) throw new StandbyProblem("The database that answers is a standby");
  if (id !== null) return id;
  await asks.query(MAKE, [randomUUID(), timeline]);
  const made = await asks.query<{ id: string }>("select id from history_lines where timeline = $1", [timeline]);
  if (!made.rows[0]) throw new Error("A line of history that was made is there");
  return made.rows[0].id;
}

/** At once, without a word; its pool hears that it broke, and so does whoever waits for an answer. pg has no name for this. */
function cut(client: ClientBase): void {
  const stream: unknown = Object(Reflect.get(client, "connection")).stream;
  if (stream instanceof Socket) stream.destroy();
}
