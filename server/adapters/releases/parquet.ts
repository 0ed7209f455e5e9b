import type { ReleaseRow } from "../../../domain/research/files.ts";

/** The counts of a release for whoever works with columns. Loaded when there is something to write. */
export async function parquetOf(rows: readonly ReleaseRow[]): Promise<Uint8Array> {
  const { parquetWriteBuffer } = await import("hyparquet-writer");
  const text = (name: "twin_type" | "born" | "measure" | "band") =>
    ({ name, data: rows.map((row) => row[name]), type: "STRING", nullable: false }) as const;
  const count = (name: "cohort" | "pairs_in_group" | "pairs", nullable: boolean) =>
    ({ name, data: rows.map((row) => row[name]), type: "INT32", nullable }) as const;
  return new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        count("cohort", false),
        ...[text("twin_type"), text("born")],
        count("pairs_in_group", false),
        ...[text("measure"), text("band")],
        count("pairs", true),
      ],
    }),
  );
}
