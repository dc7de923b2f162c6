/**
 * Compiles every `simd/` folder of AssemblyScript sources, from its index.ts, into a module beside it that holds the bytes
 * (`simd-bytes.ts`, git-ignored). Nothing is done where the module was made from the same sources with the same options.
 * Runs as a script, and before the tests as vitest's global set-up.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative } from "node:path";

const ROOT = import.meta.dirname;
const UNITS_WITH_SIMD = ["algorithms", "hw-models"];
const OPTIONS = ["-O3", "--noAssert", "--runtime", "stub", "--enable", "simd"];

function simdFolders() {
  return UNITS_WITH_SIMD.flatMap((unit) =>
    readdirSync(join(ROOT, unit), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name === "simd")
      .map((entry) => join(entry.parentPath, entry.name)),
  ).toSorted();
}

/** What decides about the bytes: the sources by name, the options and the compiler. */
function fingerprintOf(folder) {
  const { version } = createRequire(import.meta.url)("assemblyscript/package.json");
  const hash = createHash("sha256").update(JSON.stringify([version, OPTIONS]));
  for (const name of readdirSync(folder).toSorted()) {
    if (name.endsWith(".ts")) hash.update(JSON.stringify([name, readFileSync(join(folder, name), "utf8")]));
  }
  return hash.digest("hex");
}

function headerOf(fingerprint) {
  return `/** WebAssembly of simd/index.ts, made by build-simd.mjs. Fingerprint of the sources: ${fingerprint}. */\n`;
}

function isUpToDate(path, header) {
  try {
    return readFileSync(path, "utf8").startsWith(header);
  } catch {
    return false;
  }
}

async function compile(folder, path, header) {
  const { default: asc } = await import("assemblyscript/asc");
  let bytes;
  const entry = relative(ROOT, join(folder, "index.ts"));
  const { error, stderr } = await asc.main([entry, "--outFile", "module.wasm", ...OPTIONS], {
    readFile: (name, base) => {
      try {
        return readFileSync(join(ROOT, base, name), "utf8");
      } catch {
        return null;
      }
    },
    writeFile: (_, contents) => {
      bytes = contents;
    },
    listFiles: () => [],
  });
  if (error || bytes === undefined) throw new Error(`${entry} does not compile:\n${stderr.toString()}`);
  const base64 = Buffer.from(bytes).toString("base64");
  const draft = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(draft, `${header}export const SIMD_BYTES =\n  "${base64}";\n`);
    renameSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
}

export async function setup() {
  for (const folder of simdFolders()) {
    const path = join(folder, "..", "simd-bytes.ts");
    const header = headerOf(fingerprintOf(folder));
    if (!isUpToDate(path, header)) await compile(folder, path, header);
  }
}

if (process.argv[1] === import.meta.filename) await setup();
