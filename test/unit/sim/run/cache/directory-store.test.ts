import { createHash } from "node:crypto";
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConfigError, ModelError } from "../../../../../sim/core/errors.js";
import { DirectoryStore } from "../../../../../sim/run/cache/directory-store.js";

const [A, B, C] = ["a", "b", "c"].map((digit) => digit.repeat(64)) as [string, string, string];
const bytesOf = (length: number, value = 7): Uint8Array => new Uint8Array(length).fill(value);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pj-store-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const IS_ROOT = process.getuid?.() === 0;
if (IS_ROOT) console.log("skipped: root may write into folders without permission");

describe("a store in a folder", () => {
  it("gives what was put, to another store of that folder too, and nothing else", async () => {
    const inside = join(folder, "not", "made", "yet");
    await new DirectoryStore(inside).put(A, Uint8Array.of(1, 2, 3));

    expect([...(await new DirectoryStore(inside).get(A))!]).toEqual([1, 2, 3]);
    expect(await new DirectoryStore(inside).get(B)).toBeUndefined();
    expect(await new DirectoryStore(join(folder, "missing")).get(A)).toBeUndefined();
  });

  it("keeps a file a key: its SHA-256, then its bytes", async () => {
    await new DirectoryStore(folder).put(A, bytesOf(5));

    const file = readFileSync(join(folder, A));
    expect(readdirSync(folder)).toEqual([A]);
    expect(file.subarray(32)).toEqual(Buffer.from(bytesOf(5)));
    expect(file.subarray(0, 32)).toEqual(createHash("sha256").update(bytesOf(5)).digest());
  });

  it.each([
    ["a changed byte", (file: Buffer) => file.with(40, file[40]! ^ 1)],
    ["a changed checksum", (file: Buffer) => file.with(0, file[0]! ^ 1)],
    ["an end cut off", (file: Buffer) => file.subarray(0, 40)],
    ["hardly anything left", (file: Buffer) => file.subarray(0, 3)],
    ["nothing left", () => new Uint8Array()],
  ])("takes a file with %s for missing, removes it, and can be given it again", async (_, damage) => {
    const store = new DirectoryStore(folder);
    await store.put(A, bytesOf(100));
    writeFileSync(join(folder, A), damage(readFileSync(join(folder, A))));

    expect(await store.get(A)).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
    await store.put(A, bytesOf(100));
    expect(await store.get(A)).toEqual(Buffer.from(bytesOf(100)));
  });

  it("removes the oldest files when all together pass the bound, and not before", async () => {
    // Three files of 32 + 68 bytes.
    const fill = async (mostBytes: number): Promise<string[]> => {
      const store = new DirectoryStore(folder, mostBytes);
      for (const [second, key] of [B, A].entries()) {
        await store.put(key, bytesOf(68));
        utimesSync(join(folder, key), 1000 + second, 1000 + second);
      }
      await store.put(C, bytesOf(68));
      return readdirSync(folder).sort();
    };

    expect(await fill(300)).toEqual([A, B, C]);
    expect(await fill(299)).toEqual([A, C]);
    expect(await fill(100)).toEqual([C]);
  });

  it("counts what other stores have put, and leaves files alone that are not its own", async () => {
    writeFileSync(join(folder, "notes.txt"), "x".repeat(1000));
    await new DirectoryStore(folder, 300).put(A, bytesOf(68));
    utimesSync(join(folder, A), 1000, 1000);
    await new DirectoryStore(folder, 199).put(B, bytesOf(68));

    expect(readdirSync(folder).sort()).toEqual([B, "notes.txt"]);
  });

  it("removes a file that a process left unfinished, as the old file it is", async () => {
    const left = join(folder, `${A}.123e4567-e89b-12d3-a456-426614174000.tmp`);
    writeFileSync(left, "x".repeat(100));
    utimesSync(left, 1000, 1000);
    await new DirectoryStore(folder, 150).put(B, bytesOf(68));

    expect(readdirSync(folder)).toEqual([B]);
  });

  it("neither stores nor reads what is larger than all may be", async () => {
    await new DirectoryStore(folder, 99).put(A, bytesOf(68));
    expect(readdirSync(folder)).toEqual([]);

    await new DirectoryStore(folder).put(A, bytesOf(68));
    expect(await new DirectoryStore(folder, 99).get(A)).toBeUndefined();
  });

  it("stays whole under many writers and readers of the same keys", async () => {
    const stores = Array.from({ length: 8 }, () => new DirectoryStore(folder, 2000));
    const keys = Array.from({ length: 16 }, (_, key) => key.toString(16).repeat(64));
    const found = await Promise.all(
      stores.flatMap((store) =>
        keys.flatMap((key, index) => [store.put(key, bytesOf(200, index)).then(() => undefined), store.get(key)]),
      ),
    );

    for (const bytes of found) if (bytes !== undefined) expect(new Set(bytes).size).toBe(1);
    const files = readdirSync(folder);
    expect(files.every((name) => name.length === 64)).toBe(true);
    await new DirectoryStore(folder, 2000).put(A, bytesOf(1));
    expect(readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)).toBeLessThanOrEqual(
      2000,
    );
  });

  it("says so when the folder is a file", async () => {
    const path = join(folder, "file");
    writeFileSync(path, "");
    const store = new DirectoryStore(path);

    await expect(store.put(A, bytesOf(1))).rejects.toThrow(ConfigError);
    await expect(store.get(A)).rejects.toThrow(/got: no folder \(ENOTDIR\)/);
  });

  it.skipIf(IS_ROOT)("stores nothing where it may not write, and goes on", async () => {
    chmodSync(folder, 0o500);
    await new DirectoryStore(folder).put(A, bytesOf(1));

    expect(await new DirectoryStore(folder).get(A)).toBeUndefined();
    chmodSync(folder, 0o700);
  });

  it("takes no key that is a path", async () => {
    await expect(new DirectoryStore(folder).get("../x")).rejects.toThrow(ModelError);
    await expect(new DirectoryStore(folder).put("A".repeat(64), bytesOf(1))).rejects.toThrow(ModelError);
  });
});
