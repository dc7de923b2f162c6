/** `pj dram`, and DRAM devices in `pj list` and `pj show`, as their users and their scripts meet them. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { CLI_ENTRY, CLI_MISSING, pj } from "../helpers/run-cli.js";

if (CLI_MISSING !== undefined) console.log(`skipped: ${CLI_MISSING}`);

const folder = mkdtempSync(join(tmpdir(), "pj-dram-cli-"));
const ON = ["--device", "DDR4_8Gb_x8_2400"];
const TRACES = JSON.parse(readFileSync(new URL("../fixtures/dram/dram-traces.json", import.meta.url), "utf8")) as {
  copy: { sha256: Record<string, string> };
};

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

interface Json {
  readonly totals: { readonly cycles: number };
}

describe.skipIf(CLI_MISSING !== undefined)("pj dram", () => {
  it("shows help with examples and the forms of a trace, within 80 columns", async () => {
    const { code, stdout } = await pj(["dram", "--help"]);

    expect(code).toBe(0);
    for (const part of ["Examples:", "--json", "--generate", "LD|ST ADDR", "mixtile:tiles"]) {
      expect(stdout).toContain(part);
    }
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  it("replays a trace file and prints a page of 80 columns", async () => {
    const { code, stdout, stderr } = await pj(["dram", file("one.txt", "LD 0x40\n"), ...ON]);

    expect(code).toBe(0);
    expect(stderr).toBe("");
    // 1 + RCD 17 + CL 17 + burst 4.
    expect(stdout).toMatch(/^max +39 cycles +32\.4 ns$/m);
    expect(stdout).toMatch(/^per bit moved +[\d.]+ pJ {2}\(published for DDR4: 4\.5 to 40\.6, 3 sources\)$/m);
    expect(stdout).toMatch(/^not modelled +DRAM interface and termination: no source/m);
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  it("gives one JSON document, the same for the same run", async () => {
    const args = [
      "dram",
      "--generate",
      "rand:n=2000,span=0x100000,wpct=30",
      ...ON,
      "--seed",
      "5",
      "--channels",
      "2",
      "--json",
    ];
    const first = await pj(args);
    const second = await pj(args);

    expect(first.code).toBe(0);
    expect(first.stderr).toBe("");
    expect(second.stdout).toBe(first.stdout);
    expect(JSON.parse(first.stdout)).toMatchObject({
      schema: "picojoule/dram@1",
      seed: "5",
      trace: { requests: 2000 },
      device: { name: "DDR4_8Gb_x8_2400", organization: { channels: 2 } },
    });
  });

  it("writes the generated trace with the bytes of the reference, and the commands", async () => {
    const out = join(folder, "copy.txt.gz");
    const commands = join(folder, "copy.csv");
    const { code, stdout } = await pj([
      ...["dram", "--generate", "copy:n=60000", ...ON, "--out", out],
      ...["--commands", commands],
    ]);

    expect(code).toBe(0);
    expect(stdout).toContain(`wrote ${out}\nwrote ${commands}\n`);
    const sha256 = createHash("sha256")
      .update(gunzipSync(readFileSync(out)))
      .digest("hex");
    expect(sha256).toBe(TRACES.copy.sha256["64"]);
    const [header, first] = readFileSync(commands, "utf8").split("\n");
    expect(header).toBe("cycle,command,channel,rank,bankgroup,bank,row,column");
    expect(first).toBe("2,ACT,0,0,0,0,0,");
    const replayed = await pj(["dram", out, ...ON, "--json"]);
    expect(JSON.parse(replayed.stdout)).toMatchObject({ trace: { requests: 60_000, reads: 40_000, writes: 20_000 } });
  });

  it("takes a mapping, a page policy and settings of the controller: cycles as in the reference table", async () => {
    const rows = readFileSync(new URL("../fixtures/dram/dram.csv", import.meta.url), "utf8").split("\n");
    const pattern = "rand:n=50000,span=1073741824,seed=1";
    const variants: Readonly<Record<string, readonly string[]>> = {
      "": [],
      "+bgil": ["--mapping", "rorachbacobg"],
      "+perrank": ["--set", "queueStructure=per-rank", "--set", "commandQueueEntries=16"],
    };

    for (const [name, args] of Object.entries(variants)) {
      const row = rows.find((line) => line.startsWith(`DDR4_8Gb_x8_2400${name}/rand_r,`));
      const { code, stdout } = await pj(["dram", "--generate", pattern, ...ON, "--json", ...args]);

      expect(code).toBe(0);
      expect([name, (JSON.parse(stdout) as Json).totals.cycles]).toEqual([name, Number(row!.split(",")[6])]);
    }
    // The reference waits a burst too long between a read that precharges and the activate after it.
    const { stdout } = await pj(["dram", "--generate", pattern, ...ON, "--json", "--page", "close"]);
    const { cycles } = (JSON.parse(stdout) as Json).totals;
    const reference = Number(rows.find((line) => line.startsWith("DDR4_8Gb_x8_2400+close/rand_r,"))!.split(",")[6]);
    expect(cycles).toBeLessThan(reference);
    expect(cycles).toBeGreaterThan(0.995 * reference);
  });

  const truncated = gzipSync("0x40 READ 0\n".repeat(1000)).subarray(0, 40);
  mkdirSync(join(folder, "folder"));
  const BAD: Readonly<Record<string, readonly [readonly string[], RegExp]>> = {
    "no device": [["x.txt"], /--device/],
    "no trace": [ON, /--generate/],
    "a trace and a pattern": [["x.txt", "--generate", "seq:n=1", ...ON], /one of the two/],
    "a missing file": [["nowhere.txt", ...ON], /nowhere\.txt[\s\S]*ENOENT/],
    "a folder": [[join(folder, "folder"), ...ON], /a folder/],
    "an empty file": [[file("empty.txt", ""), ...ON], /empty\.txt[\s\S]*an empty file/],
    "binary junk": [
      [
        file(
          "junk.txt",
          Uint8Array.from({ length: 999 }, (_, n) => n % 256),
        ),
        ...ON,
      ],
      /junk\.txt:1/,
    ],
    "a truncated gzip file": [[file("cut.gz", truncated), ...ON], /cut\.gz[\s\S]*break off/],
    "a bad address": [[file("hex.txt", "0x40 READ 0\n0x4Z READ 1\n"), ...ON], /hex\.txt:2[\s\S]*0x4Z/],
    "a negative cycle": [[file("negative.txt", "0x40 READ -1\n"), ...ON], /negative\.txt:1[\s\S]*-1/],
    "cycles that decrease": [[file("back.txt", "0x40 READ 9\n0x40 READ 8\n"), ...ON], /back\.txt:2[\s\S]*at least 9/],
    "an address beyond the memory": [[file("far.txt", "R 17179869184\n"), ...ON], /far\.txt:1[\s\S]*17179869184/],
    "a number above 2^53": [[file("huge.txt", "R 99999999999999999999\n"), ...ON], /huge\.txt:1[\s\S]*2\^53/],
    "a missing field": [[file("field.txt", "0x40 READ\n"), ...ON], /field\.txt:1[\s\S]*3 fields/],
    "an extra field": [[file("extra.txt", "W 0x40 7\n"), ...ON], /extra\.txt:1[\s\S]*2 fields/],
    "a wrong pattern": [["--generate", "seq:m=1", ...ON], /m=1/],
    "a page policy given twice": [
      ["--generate", "seq:n=1", ...ON, "--page", "open", "--set", "rowPolicy=open"],
      /--page/,
    ],
    "a setting that is no pair, with a setting as the example": [
      ["--generate", "seq:n=1", ...ON, "--set", "rowPolicy"],
      /--set[\s\S]*for example --set rowPolicy=close/,
    ],
    "refreshes that leave no time": [
      [
        ...["--generate", "seq:n=1", "--device", "LPDDR4_8Gb_x16_2400"],
        "--set",
        "refresh=per-bank",
        "--set",
        "refreshRate=8",
      ],
      /refreshRate[\s\S]*1352 of every 1082\.5 cycles/,
    ],
    "--out for a file": [["x.txt", ...ON, "--out", "y.txt"], /--out/],
    "one file for two things": [["--generate", "seq:n=1", ...ON, "--out", "y", "--commands", "y"], /--commands/],
    "a file that cannot be written": [["--generate", "seq:n=1", ...ON, "--commands", "/nowhere/x"], /\/nowhere\/x/],
    "several options at once": [
      ["x.txt", "--channels", "0", "--page", "ajar"],
      /--device[\s\S]*--channels[\s\S]*--page/,
    ],
  };
  for (const [name, [args, message]] of Object.entries(BAD)) {
    it.concurrent(`refuses ${name} in four parts, with code 2`, async () => {
      const { code, stdout, stderr } = await pj(["dram", ...args]);

      expect(stderr).toMatch(message);
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).not.toMatch(/\n\s+at /);
      for (const part of ["where:", "got:", "want:", "fix:"]) expect(stderr).toContain(part);
    });
  }

  it("ends soon after Ctrl-C, also between two requests that are far apart, and leaves no file", async () => {
    // A thousand million cycles between requests: a minute of refreshes.
    const out = join(folder, "interrupted.csv");
    const args = ["dram", "--generate", "seq:n=1000,gap=1000000000", ...ON, "--commands", out];
    const child = spawn(process.execPath, [CLI_ENTRY, ...args], { env: { ...process.env, NO_COLOR: "1" } });
    const ended = once(child, "close");
    await sleep(1500);
    const sentAt = performance.now();
    child.kill("SIGINT");
    const [code] = await ended;

    expect(code).toBe(130);
    expect(performance.now() - sentAt).toBeLessThan(2000);
    expect(readdirSync(folder).filter((name) => name.includes("interrupted"))).toEqual([]);
  });

  it("leaves no half a file behind", () => {
    expect(readdirSync(folder).filter((name) => name.startsWith("."))).toEqual([]);
  });
});

describe.skipIf(CLI_MISSING !== undefined)("DRAM devices", () => {
  it("are listed with their sources", async () => {
    const { code, stdout } = await pj(["list", "devices", "--json"]);

    const entries = JSON.parse(stdout) as { name: string; source: string }[];
    expect(code).toBe(0);
    expect(entries.map(({ name }) => name)).toContain("HBM2_8Gb_x128");
    for (const { source } of entries) expect(source).toMatch(/DRAMsim3, commit/);
  });

  it("are shown with organisation, timings, rules and settings, as text and as JSON", async () => {
    const text = await pj(["show", "device", "ddr3_8gb_x8_1600"]);
    const json = await pj(["show", "device", "DDR3_8Gb_x8_1600", "--json"]);

    expect([text.code, json.code]).toEqual([0, 0]);
    expect(text.stdout).toMatch(/^nREFI +6240 cycles/m);
    expect(text.stdout).toMatch(/^ACT +ACT +bank +39 nRC$/m);
    expect(text.stdout).toMatch(/^rowHitCap +Column accesses/m);
    for (const line of text.stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    const { timings, rules } = JSON.parse(json.stdout) as {
      timings: { name: string; unit: string }[];
      rules: object[];
    };
    expect(timings.find(({ name }) => name === "nRP")).toMatchObject({ value: 11, unit: "cycles" });
    expect(rules.length).toBeGreaterThan(20);
  });

  it("are not shown when nobody knows them, and take no option of a design", async () => {
    const unknown = await pj(["show", "device", "DDR4_8Gb_x8_2401"]);
    const idle = await pj(["show", "device", "DDR4_8Gb_x8_2400", "--set", "a=1"]);

    expect([unknown.code, idle.code]).toEqual([2, 2]);
    expect(unknown.stderr).toMatch(/did you mean 'DDR4_8Gb_x8_2400'/);
    expect(idle.stderr).toMatch(/--set/);
  });
});
