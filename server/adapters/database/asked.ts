import type { EntityManager } from "@mikro-orm/core";

/** The rows of a statement of ours, within the transaction that the domain is in. Rows are of the asker's own shape. */
export const asked = <Row>(em: EntityManager, sql: string, values: readonly unknown[]): Promise<Row[]> =>
  em.getConnection().execute(sql, [...values], "all", em.getTransactionContext());

/** As PostgreSQL writes lists of numbers, ids and plain words, which need no quotes. */
export const plainList = (values: readonly (string | number)[]): string => `{${values.join(",")}}`;
