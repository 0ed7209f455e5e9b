import pg from "pg";
import { OperatorProblem } from "./operator-problem.ts";

/** Where the way is closed, in the words of the system, and what to do about it. */
const NETWORK: Readonly<Record<string, string>> = {
  ECONNREFUSED: "PostgreSQL does not answer there: start it, or mend DATABASE_URL",
  ECONNRESET: "PostgreSQL hangs up: look whether DATABASE_URL names its port, and whether it wants sslmode=require",
  ENOTFOUND: "the host in DATABASE_URL has no address: mend DATABASE_URL",
  EAI_AGAIN: "the host in DATABASE_URL has no address at the moment: mend DATABASE_URL, or the network",
  ETIMEDOUT: "PostgreSQL cannot be reached: mend DATABASE_URL, or the network",
  EHOSTUNREACH: "PostgreSQL cannot be reached: mend DATABASE_URL, or the network",
  ENETUNREACH: "there is no way to PostgreSQL's address (IPv6?): mend DATABASE_URL, or the network",
  ENOENT: "PostgreSQL's socket is not there: start it, or mend DATABASE_URL",
  DEPTH_ZERO_SELF_SIGNED_CERT:
    "PostgreSQL's certificate is signed by itself: name it in DATABASE_CA, or use sslmode=require",
  SELF_SIGNED_CERT_IN_CHAIN: "PostgreSQL's certificate is of a CA we do not know: name it in DATABASE_CA",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "PostgreSQL's certificate is of a CA we do not know: name it in DATABASE_CA",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "PostgreSQL's certificate is of a CA we do not know: name it in DATABASE_CA",
  CERT_HAS_EXPIRED: "PostgreSQL's certificate has expired: renew it",
  ERR_TLS_CERT_ALTNAME_INVALID:
    "PostgreSQL's certificate is for another host: mend the host in DATABASE_URL, or use sslmode=verify-ca",
};

const TLS_ONLY =
  "PostgreSQL takes encrypted connections only: add ?sslmode=require to DATABASE_URL, or verify-full with DATABASE_CA";

/** What PostgreSQL itself says, by SQLSTATE. */
const REFUSALS: Readonly<Record<string, string>> = {
  "28P01": "PostgreSQL does not take the user or password: mend DATABASE_URL",
  "28000": "PostgreSQL does not let this user in from here: mend DATABASE_URL, or its pg_hba.conf",
  "3D000": "PostgreSQL has no such database: create it, or mend DATABASE_URL",
  "53300": "PostgreSQL has no connection left: lower DB_MAX_CONNECTIONS, or raise its max_connections",
  "53100": "PostgreSQL's disk is full: make room there, and never in pg_wal by hand",
  "57P03": "PostgreSQL is starting or stopping: try again in a moment",
  "42501": "this user may not do what the server needs: let it own the database, or run the migrations as its owner",
};

/** What poolers say, all of it under the same two codes. */
const POOLERS: readonly (readonly [pattern: RegExp, problem: string])[] = [
  [
    /statement pooling mode/,
    "the pooler of DATABASE_URL is in statement mode, which takes no transactions: set pool_mode = transaction",
  ],
  [
    /tenant or user not found/i,
    "the pooler of DATABASE_URL knows no such user in its region: copy the URL anew from whoever runs the database",
  ],
  [/no such database/i, "the pooler of DATABASE_URL has no such database: add it there, or mend DATABASE_URL"],
  [
    /no such user|authentication failed|wrong password/i,
    "user or password are not taken, by the pooler of DATABASE_URL or by PostgreSQL behind it: mend DATABASE_URL, or the pooler's list",
  ],
  [
    /no more connections allowed/,
    "the pooler of DATABASE_URL takes no more clients: raise its max_client_conn, or lower DB_MAX_CONNECTIONS",
  ],
  [
    /server login|server_login_retry|cannot connect to server|connect failed/i,
    "the pooler of DATABASE_URL does not reach PostgreSQL: mend the pooler's configuration, or start PostgreSQL",
  ],
];

const VARIABLE = Symbol("the variable that leads there");

/** Whoever explains a failure of that work says that it is this variable which is to be mended. */
export async function blaming<T>(variable: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error) Reflect.set(error, VARIABLE, variable);
    throw error;
  }
}

/**
 * Why a start failed, in one line that says what to do; undefined if it is nothing an operator could have done
 * otherwise, and the stack is wanted.
 */
export function startProblem(error: unknown): string | undefined {
  if (error instanceof OperatorProblem) return error.message;
  if (!(error instanceof Error)) return undefined;
  const variable: unknown = Reflect.get(error, VARIABLE) ?? "DATABASE_URL";
  return listenProblem(error) ?? databaseProblem(error)?.replaceAll("DATABASE_URL", String(variable));
}

function listenProblem(error: Error): string | undefined {
  if (!("syscall" in error && error.syscall === "listen") && field(error, "code") !== "EADDRINUSE") return undefined;
  const port = field(error, "port");
  switch (field(error, "code")) {
    case "EADDRINUSE":
      return `Port ${port} is taken: stop whoever has it, or choose another with PORT`;
    case "EACCES":
      return `Port ${port} is not for us: choose one above 1023 with PORT`;
    default:
      return `We cannot listen on HOST ${field(error, "address")} (${field(error, "code")}): mend HOST and PORT, or leave HOST out`;
  }
}

function databaseProblem(error: Error): string | undefined {
  const [first] = error instanceof AggregateError ? error.errors : [error];
  const code = field(first, "code");
  if (code === "28000" && /no encryption/.test(error.message)) return TLS_ONLY;
  const ofPooler = POOLERS.find(([pattern]) => pattern.test(error.message))?.[1];
  if (ofPooler && (code === "08P01" || code === "XX000")) return ofPooler;
  if (first instanceof pg.DatabaseError || "sqlState" in error) return REFUSALS[code];
  if (/does not support SSL/.test(error.message))
    return "PostgreSQL offers no TLS there: use sslmode=disable, or switch it on";
  if (/timeout expired|timeout exceeded/.test(error.message)) return NETWORK["ETIMEDOUT"];
  const problem = NETWORK[code];
  const port = field(first, "port");
  return problem && (port ? `${field(first, "address")}:${port} ${problem}` : problem);
}

function field(error: unknown, name: string): string {
  const value: unknown = error instanceof Error ? Reflect.get(error, name) : undefined;
  return value === undefined ? "" : String(value);
}
