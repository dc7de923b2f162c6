/** Rows of a CSV fixture by column name. */
import { createReadStream } from "node:fs";
import { parse } from "fast-csv";

export async function readCsvFixture(name: string): Promise<Record<string, string>[]> {
  const rows: Record<string, string>[] = [];
  const path = new URL(`../fixtures/${name}`, import.meta.url);
  const stream = createReadStream(path).pipe(parse<Record<string, string>, Record<string, string>>({ headers: true }));
  for await (const row of stream) rows.push(row);
  return rows;
}
