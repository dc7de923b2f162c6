/** How runs end that are stopped, cannot write, or are asked for what cannot be: the exit code, and what is left behind. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, openSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CLI_ENTRY, CLI_MISSING, pj } from "../helpers/run-cli.js";

if (CLI_MISSING !== undefined) console.log(`skipped: ${CLI_MISSING}`);

const folder = mkdtempSync(join(tmpdir(), "pj-end-"));
const FOUR_PARTS = /where: [\s\S]*got: [\s\S]*want: [\s\S]*fix: /;

/** A run of half a minute, so that it is still going when the signal comes. */
const LONG_RUN = ["simulate", "llama3-8b-prefill", "--on", "systolic-8x8-os"];

/** Interrupts a run after some time; resolves with its exit code, and how long it took to end. */
function interrupt(args: readonly string[], afterMilliseconds: number) {
  return new Promise<{ code: number | null; stdout: string; stderr: string; endedAfter: number }>((resolve) => {
    const child = spawn(process.execPath, [CLI_ENTRY, ...args], { env: { ...process.env, NO_COLOR: "1" } });
    let [stdout, stderr, sentAt] = ["", "", 0];
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    setTimeout(() => {
      sentAt = Date.now();
      child.kill("SIGINT");
    }, afterMilliseconds);
    child.on("close", (code) => resolve({ code, stdout, stderr, endedAfter: Date.now() - sentAt }));
  });
}

describe.skipIf(CLI_MISSING !== undefined)("endings", () => {
  it("exits 130 soon after Ctrl-C, and writes nothing", async () => {
    const out = join(folder, "interrupted");

    const { code, stdout, stderr, endedAfter } = await interrupt([...LONG_RUN, "--out", out], 1500);

    expect(code).toBe(130);
    expect(stdout).toBe("");
    expect(stderr).toContain("nothing was written");
    expect(existsSync(out)).toBe(false);
    expect(endedAfter).toBeLessThan(5000);
  });

  it("exits 130 from a comparison as well", async () => {
    const { code, stdout } = await interrupt(["compare", "lenet5@eyeriss", "llama3-8b-prefill@systolic-8x8-os"], 1500);

    expect(code).toBe(130);
    expect(stdout).toBe("");
  });

  it.skipIf(!existsSync("/dev/full"))("exits 2 with a clear error when the output's disk is full", () => {
    const full = openSync("/dev/full", "w");

    const { status, stderr } = spawnSync(process.execPath, [CLI_ENTRY, "list", "networks"], {
      stdio: ["ignore", full, "pipe"],
      encoding: "utf8",
    });

    expect(status).toBe(2);
    expect(stderr).toMatch(FOUR_PARTS);
    expect(stderr).toContain("ENOSPC");
  });

  it.skipIf(!existsSync("/proc/self"))("does not hang on a folder that the system will not make", async () => {
    const { code, stderr } = await pj(["simulate", "lenet5", "--on", "eyeriss", "--out", "/proc/pj/x"]);

    expect(code).toBe(2);
    expect(stderr).toMatch(FOUR_PARTS);
  });

  it("makes a folder several levels deep", async () => {
    const out = join(folder, "a", "b", "c");

    const { code } = await pj(["simulate", "lenet5", "--on", "eyeriss", "--out", out, "--formats", "csv", "--quiet"]);

    expect(code).toBe(0);
    expect(readdirSync(out)).toEqual(["report.csv"]);
  });

  it("leaves no half-written file where a folder stands in a report's place", async () => {
    const out = join(folder, "blocked");
    mkdirSync(join(out, "report.csv", "x"), { recursive: true });

    const { code, stdout } = await pj(["simulate", "lenet5", "--on", "eyeriss", "--out", out, "--formats", "csv"]);

    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(readdirSync(out)).toEqual(["report.csv"]);
  });
});
