import { randomBytes } from "node:crypto";
import pg from "pg";

/**
 * A database of its own for a server, which reaches it through the pooler that TEST_POOLER_URL names and, for migrations,
 * past it; nothing where the run is not about poolers.
 */
export async function pooledDatabase(): Promise<Readonly<Record<string, string>>> {
  const { TEST_POOLER_URL: pooler, TEST_POOLED_URL: postgres } = process.env;
  if (!pooler || !postgres) return {};
  const name = `pooled_${randomBytes(6).toString("hex")}`;
  const client = new pg.Client(postgres);
  await client.connect();
  try {
    await client.query(`create database ${name} template template0 encoding 'UTF8'`);
  } finally {
    await client.end();
  }
  return { DATABASE_URL: named(pooler, name), DATABASE_DIRECT_URL: named(postgres, name) };
}

function named(url: string, name: string): string {
  const other = new URL(url);
  other.pathname = `/${name}`;
  return other.href;
}
