import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { startEmbedded } from "../../server/adapters/database/embedded.ts";
import { type OpenedDatabase, openDatabase } from "../../server/adapters/database/open.ts";

/** A database of one's own with all tables, on a server that is shared. */
export interface TemporaryDatabase extends OpenedDatabase {
  readonly url: string;
}

interface Server {
  readonly url: string;
  readonly template: string;
  stop(): Promise<void>;
}

const silent = { info: () => undefined, warn: () => undefined };

/** Few, since many databases are open on one server at a time. */
const CONNECTIONS = 10;

let starting: Promise<Server> | undefined;
let open = 0;

/**
 * All tables and no rows, on the embedded PostgreSQL, or on the one that TEST_DATABASE_URL names. The server starts with
 * the first and ends with the run; each database is a copy of one that was migrated once.
 */
export async function temporaryDatabase(connections = CONNECTIONS): Promise<TemporaryDatabase> {
  starting ??= startServer();
  open++;
  const server = await starting;
  const name = `test_${randomBytes(6).toString("hex")}`;
  await onServer(server.url, `create database ${name} template ${server.template}`);
  const url = urlOf(server.url, name);
  const opened = await openDatabase({ url, migrate: "never", connections, log: silent });
  const close = async () => {
    await opened.close();
    await drop(server, name);
  };
  return { ...opened, url, close };
}

/** Nothing at all, on the same server. */
export async function emptyDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  starting ??= startServer();
  open++;
  const server = await starting;
  const name = `test_${randomBytes(6).toString("hex")}`;
  await onServer(server.url, `create database ${name} template template0 encoding 'UTF8'`);
  return { url: urlOf(server.url, name), drop: () => drop(server, name) };
}

async function drop(server: Server, name: string): Promise<void> {
  await onServer(server.url, `drop database ${name} with (force)`);
  open--;
  if (!isMochaRun && open === 0) await stopServer();
}

const isMochaRun = "after" in globalThis;
// Said at the root of the run, since this file is read before any suite begins.
if (isMochaRun) after(stopServer);

async function stopServer(): Promise<void> {
  const server = await starting;
  starting = undefined;
  await server?.stop();
}

async function startServer(): Promise<Server> {
  const given = process.env["TEST_DATABASE_URL"];
  const { url, stop } = given ? { url: given, stop: async () => undefined } : await startOwn();
  const template = `test_${randomBytes(6).toString("hex")}`;
  await onServer(url, `create database ${template} template template0 encoding 'UTF8'`);
  const migrated = await openDatabase({ url: urlOf(url, template), migrate: "auto", connections: 4, log: silent });
  await migrated.close();
  const dropTemplate = () => onServer(url, `drop database ${template} with (force)`);
  return { url, template, stop: given ? dropTemplate : stop };
}

async function startOwn() {
  const folder = mkdtempSync(join(tmpdir(), "twinship-test-"));
  // Started by root, PostgreSQL runs as somebody else, who must get in.
  chmodSync(folder, 0o755);
  const postgres = await startEmbedded(folder);
  const stop = async () => {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { url: postgres.url, stop };
}

async function onServer(url: string, sql: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function urlOf(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}
