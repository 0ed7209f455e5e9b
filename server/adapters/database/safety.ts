import { OperatorProblem } from "../../operator-problem.ts";

const OLDEST = 150_000;

interface Facts {
  readonly version: number;
  readonly version_name: string;
  readonly fsync: string;
  readonly full_page_writes: string;
  readonly read_only: boolean;
  readonly standby: boolean;
  readonly encoding: string;
}

export interface AsksFacts {
  query(sql: string): Promise<{ rows: Facts[] }>;
}

const FACTS = `select current_setting('server_version_num')::int as version, current_setting('server_version') as version_name,
  current_setting('fsync') as fsync, current_setting('full_page_writes') as full_page_writes,
  current_setting('default_transaction_read_only')::bool as read_only, pg_is_in_recovery() as standby,
  pg_encoding_to_char(encoding) as encoding from pg_database where datname = current_database()`;

/** [P1] What we acknowledge must survive PostgreSQL's own restart. Says everything that stands against it at once. */
export async function refuseUnsafe(client: AsksFacts): Promise<void> {
  // In a transaction: what gives each statement to another server refuses to begin one.
  await client.query("begin");
  const { rows } = await client.query(FACTS);
  await client.query("rollback");
  const problems = rows.flatMap(problemsOf);
  if (problems.length > 0) throw new OperatorProblem(`This PostgreSQL cannot be used:\n${problems.join("\n")}`);
}

function problemsOf({ version, version_name, fsync, full_page_writes, read_only, standby, encoding }: Facts): string[] {
  return [
    version < OLDEST && `it is version ${version_name}, and 15 is the oldest that will do`,
    fsync === "off" && "fsync is off: a crash of its machine would lose what was acknowledged; set fsync = on",
    full_page_writes === "off" && "full_page_writes is off: a crash may tear its pages; set full_page_writes = on",
    standby && "it is a standby, which takes no writes: DATABASE_URL must name the primary",
    !standby && read_only && "it is read-only: set default_transaction_read_only = off for this role and database",
    encoding !== "UTF8" && `its encoding is ${encoding}, which cannot hold what people write: create it with UTF8`,
  ].flatMap((problem) => problem || []);
}
