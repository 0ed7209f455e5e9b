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
  "57P03": "PostgreSQL is starting or stopping: try again in a moment",
  "42501": "this user may not do what the server needs: let it own the database, or run the migrations as its owner",
};

/**
 * Why a start failed, in one line that says what to do; undefined if it is nothing an operator could have done
 * otherwise, and the stack is wanted.
 */
export function startProblem(error: unknown): string | undefined {
  if (error instanceof OperatorProblem) return error.message;
  if (!(error instanceof Error)) return undefined;
  return listenProblem(error) ?? databaseProblem(error);
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
