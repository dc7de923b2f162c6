/** `--workers` of `pj simulate` and `pj compare`, as a user types it. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CLI_MISSING, pj } from "../helpers/run-cli.js";

if (CLI_MISSING !== undefined) console.log(`skipped: ${CLI_MISSING}`);

const WORKER_TELLER = "process.on('worker',()=>process.stderr.write('started%20'))";

describe.skipIf(CLI_MISSING !== undefined)("pj with --workers", () => {
  beforeEach(() => {
    vi.stubEnv("NODE_OPTIONS", `--import=data:text/javascript,${WORKER_TELLER}`);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  // Of each network one layer has 2^17 weights or more: 128 * 256 * 9 of layer3.0.conv1, 784 * 300 of mlp-1; two designs, one store.
  it.each([
    ["simulate", "resnet18", "--on", "smartexchange", "--layers", "layer1.0.conv1,layer3.0.conv1"],
    ["compare", "mlp-1@smartexchange", "mlp-1@diannao"],
    ["compare", "mlp-1@diannao,smartexchange"],
  ])("gives the same bytes on two threads: %s %s", async (...args) => {
    const all = [...args, "--values", "gaussian", "--encoding", "smartdeal:t=0.004", "--no-cache", "--json"];

    const [alone, two] = [await pj(all), await pj([...all, "--workers", "2"])];

    expect([alone.code, alone.stderr, two.code, two.stderr]).toEqual([0, "", 0, "started started "]);
    expect(alone.stdout).toMatch(/^\{/);
    expect(two.stdout).toBe(alone.stdout);
  });

  it.each([
    ["0", ["simulate", "lenet5", "--on", "smartexchange"]],
    ["two", ["simulate", "lenet5", "--on", "diannao"]],
    ["1.5", ["compare", "lenet5@diannao", "lenet5@scnn"]],
    ["65", ["compare", "lenet5@diannao,scnn"]],
  ])("refuses %s threads with exit code 2 and nothing on standard output: %j", async (workers, args) => {
    const { code, stdout, stderr } = await pj([...args, "--workers", workers]);

    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(`where: --workers\n  got: ${workers}\n want: a whole number of threads, 1 to 64\n  fix: `);
  });
});
