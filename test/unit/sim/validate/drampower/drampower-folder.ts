/** A folder with a table of a few rows, their parameter sets and traces, to be spoiled in one place. */
import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const FIXTURES = "test/fixtures/drampower";

export interface Folder {
  readonly table: string;
  readonly sets: string;
  trace(name: string): string;
}

/** Copies the rows of these cases with what they need. */
export async function folderOf(cases: readonly string[]): Promise<Folder> {
  const folder = await mkdtemp(join(tmpdir(), "drampower-"));
  const [header = "", ...rows] = (await readFile(join(FIXTURES, "drampower.csv"), "utf8")).trimEnd().split("\n");
  const chosen = cases.map((name) => rows.find((row) => row.startsWith(`${name},`))!);
  const sets = JSON.parse(await readFile(join(FIXTURES, "drampower-specs.json"), "utf8")) as Record<string, unknown>;
  const names = new Set(cases.map((name) => name.split("/")[0]!));
  const own = Object.fromEntries(Object.entries(sets).filter(([name]) => names.has(name)));
  await writeFile(join(folder, "drampower.csv"), [header, ...chosen].join("\n"));
  await writeFile(join(folder, "drampower-specs.json"), JSON.stringify(own));
  await mkdir(join(folder, "drampower-traces"));
  const trace = (name: string): string => join(folder, "drampower-traces", `${name.replace("/", "__")}.csv`);
  for (const name of cases) {
    const file = `${name.replace("/", "__")}.csv`;
    await writeFile(trace(name), await readFile(join(FIXTURES, "drampower-traces", file), "utf8"));
  }
  return { table: join(folder, "drampower.csv"), sets: join(folder, "drampower-specs.json"), trace };
}

/** Replaces a cell of the table; rows are counted from 0. */
export async function setCell(table: string, row: number, column: string, value: string): Promise<void> {
  const lines = (await readFile(table, "utf8")).split("\n").map((line) => line.split(","));
  lines[row + 1]![lines[0]!.indexOf(column)] = value;
  await writeFile(table, lines.map((cells) => cells.join(",")).join("\n"));
}

/** Rewrites a file as text. */
export async function rewrite(path: string, change: (text: string) => string): Promise<void> {
  await writeFile(path, change(await readFile(path, "utf8")));
}

/** Sets, or with undefined removes, one parameter of a set. */
export async function setParameter(sets: string, path: readonly string[], value: unknown): Promise<void> {
  const data = JSON.parse(await readFile(sets, "utf8")) as Record<string, unknown>;
  let at = data;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
  at[path.at(-1)!] = value;
  await writeFile(sets, JSON.stringify(data));
}
