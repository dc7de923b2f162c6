/**
 * Side files of the DRAM reference table: devices and traces by name. Devices are read from there, never taken from a preset
 * of ours; the peer's habits (a held drain, its reading of refresh intervals, a burst too much after an auto precharge, sleep
 * for unused ranks only) are put on here.
 */
import { readFile, stat } from "node:fs/promises";
import { z } from "zod";
import type { ControllerParameters } from "../../../hw-models/dram/controller-parameters.js";
import { DEFAULT_CONTROLLER } from "../../../hw-models/dram/controller-parameters.js";
import type { DramDevice, DramOrganization, DramTimings, TimingRule } from "../../../hw-models/dram/device.js";
import { DRAM_STANDARDS } from "../../../hw-models/dram/index.js";
import { type DramStandard, rulesOf } from "../../../hw-models/dram/standards/standard.js";
import type { DramPattern } from "../../../traces/dram-patterns.js";
import { quoteForMessage, TraceError } from "../../core/errors.js";

const MAX_SIDE_FILE_BYTES = 16 * 1024 * 1024;
const PS_PER_NS = 1000;

const count = z
  .int()
  .min(0)
  .max(2 ** 31);
const current = z.number().min(0);

/** One entry of the devices file, as far as a run needs it. */
const deviceTable = z.looseObject({
  protocol: z.string(),
  channels: count.min(1),
  ranks: count.min(1),
  bankgroups: count.min(1),
  banks_per_group: count.min(1),
  rows: count.min(1),
  columns: count.min(1),
  devices_per_rank: count.min(1),
  BL: count.min(1),
  burst_cycles: count.min(1),
  request_bytes: count.min(1),
  address_mapping: z.string(),
  tCK_ns: z.number().gt(0),
  AL: count,
  CL: count,
  CWL: count,
  tRCD: count.optional(),
  tRCDRD: count.optional(),
  tRCDWR: count.optional(),
  tRP: count,
  tRAS: count,
  tRFC: count,
  tREFI_effective: count.min(1),
  tRRD_S: count,
  tRRD_L: count,
  tWTR_S: count,
  tWTR_L: count,
  tFAW: count,
  t32AW: count.optional(),
  tWR: count,
  tRTP: count,
  tCCD_S: count,
  tCCD_L: count,
  tRTRS: count,
  tPPD: count.optional(),
  tCKESR: count,
  tXS: count,
  VDD: current,
  IDD0: current,
  IDD2N: current,
  IDD3N: current,
  IDD4R: current,
  IDD4W: current,
  IDD5AB: current,
  IDD6x: current,
  queue_structure: z.enum(["PER_BANK", "PER_RANK"]),
  cmd_queue_size: count.min(1),
  trans_queue_size: count.min(1),
  unified_queue: z.boolean(),
  row_buf_policy: z.enum(["OPEN_PAGE", "CLOSE_PAGE"]),
  self_refresh: z.boolean(),
  sref_threshold: count.optional(),
  hbm_dual_command: z.boolean(),
});
type DeviceEntry = z.infer<typeof deviceTable>;

export interface ReferenceDevice {
  readonly device: DramDevice;
  readonly controller: ControllerParameters;
  readonly mapping: string;
}

async function readSideFile(path: string): Promise<Readonly<Record<string, unknown>>> {
  const where = quoteForMessage(path);
  const fail = (got: string): TraceError =>
    new TraceError({
      where,
      got,
      want: "a JSON object of entries by name",
      fix: "put the table's side file beside it",
    });
  let text: string;
  try {
    if ((await stat(path)).size > MAX_SIDE_FILE_BYTES) throw fail(`more than ${MAX_SIDE_FILE_BYTES} bytes`);
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof TraceError) throw error;
    throw fail(`a file that cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`);
  }
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw fail(quoteForMessage(error instanceof Error ? error.message : String(error)));
  }
  if (typeof data !== "object" || data === null || Array.isArray(data)) throw fail(quoteForMessage(data));
  return data as Readonly<Record<string, unknown>>;
}

/** Devices of a side file, each checked. @throws TraceError naming every field that is missing or wrong */
export async function readReferenceDevices(path: string): Promise<ReadonlyMap<string, ReferenceDevice>> {
  const devices = new Map<string, ReferenceDevice>();
  for (const [name, data] of Object.entries(await readSideFile(path))) {
    const entry = deviceTable.safeParse(data);
    if (!entry.success) {
      throw new TraceError(
        entry.error.issues.map((issue) => ({
          where: `${quoteForMessage(path)} ${quoteForMessage(name)}.${issue.path.join(".")}`,
          got: issue.message,
          want: "the parameter of the device, in cycles, volts or milliamperes",
          fix: "mend the side file",
        })),
      );
    }
    devices.set(name, referenceDevice(name, entry.data, path));
  }
  return devices;
}

/** Traces of a side file. */
export async function readReferenceTraces(path: string): Promise<Readonly<Record<string, DramPattern>>> {
  return (await readSideFile(path)) as Readonly<Record<string, DramPattern>>;
}

/** Standards by the peer's word for them, the first that a protocol begins with. */
const PROTOCOLS: readonly (readonly [string, DramStandard])[] = [
  ...Object.entries(DRAM_STANDARDS),
  ["HBM", DRAM_STANDARDS.HBM2!],
  ["LPDDR", DRAM_STANDARDS.LPDDR3!],
];

function standardOf(name: string, { protocol }: DeviceEntry, path: string): DramStandard {
  const found = PROTOCOLS.find(([word]) => protocol.startsWith(word));
  if (found !== undefined) return found[1];
  throw new TraceError({
    where: `${quoteForMessage(path)} ${quoteForMessage(name)}.protocol`,
    got: quoteForMessage(protocol),
    want: `one of ${PROTOCOLS.map(([word]) => word).join(", ")}`,
    fix: "mend the side file",
  });
}

/** The peer counts the burst before the precharge of a read with auto precharge; the standards do not. */
function withBurstAfterAutoPrecharge(rules: readonly TimingRule[], { nBL }: DramTimings): TimingRule[] {
  return rules.map((rule) => {
    if (rule.preceding !== "RDA" || rule.following !== "ACT") return rule;
    return { ...rule, cycles: rule.cycles + nBL, formula: `${rule.formula} + nBL` };
  });
}

function timingsOf(entry: DeviceEntry): DramTimings {
  // The peer reads separate activate-to-column times for HBM and GDDR only.
  const separate = /^(HBM|GDDR)/.test(entry.protocol);
  const paced = /^(GDDR|LPDDR4)/.test(entry.protocol);
  return {
    tCKps: entry.tCK_ns * PS_PER_NS,
    nBL: entry.burst_cycles,
    nAL: entry.AL,
    nCL: entry.CL,
    nCWL: entry.CWL,
    nRCDRD: (separate ? entry.tRCDRD : entry.tRCD) ?? entry.tRCD ?? entry.tRCDRD ?? 0,
    nRCDWR: (separate ? entry.tRCDWR : entry.tRCD) ?? entry.tRCD ?? entry.tRCDWR ?? 0,
    nRP: entry.tRP,
    nRAS: entry.tRAS,
    nRFC: entry.tRFC,
    nREFI: entry.tREFI_effective,
    nRRDS: entry.tRRD_S,
    nRRDL: entry.tRRD_L,
    nWTRS: entry.tWTR_S,
    nWTRL: entry.tWTR_L,
    nFAW: entry.tFAW,
    ...(entry.t32AW === undefined ? {} : { n32AW: entry.t32AW }),
    nWR: entry.tWR,
    nRTP: entry.tRTP,
    nCCDS: entry.tCCD_S,
    nCCDL: entry.tCCD_L,
    nRTRS: entry.tRTRS,
    ...(paced && entry.tPPD !== undefined ? { nPPD: entry.tPPD } : {}),
    nCKESR: entry.tCKESR,
    nXS: entry.tXS,
  };
}

function referenceDevice(name: string, entry: DeviceEntry, path: string): ReferenceDevice {
  const standard = standardOf(name, entry, path);
  const organization: DramOrganization = {
    channels: entry.channels,
    ranks: entry.ranks,
    bankGroups: entry.bankgroups,
    banksPerGroup: entry.banks_per_group,
    rows: entry.rows,
    burstsPerRow: entry.columns / entry.BL,
    requestBytes: entry.request_bytes,
    devicesPerRank: entry.devices_per_rank,
  };
  const timings = timingsOf(entry);
  const { VDD, IDD0, IDD2N, IDD3N, IDD4R, IDD4W, IDD5AB, IDD6x } = entry;
  const threshold = entry.self_refresh ? entry.sref_threshold : undefined;
  return {
    device: {
      name,
      standard: standard.name,
      source: "side file of the reference table",
      organization,
      timings,
      currents: { VDD, IDD0, IDD2N, IDD3N, IDD4R, IDD4W, IDD5AB, IDD6: IDD6x },
      rules: withBurstAfterAutoPrecharge(rulesOf(standard, organization, timings), timings),
    },
    controller: {
      ...DEFAULT_CONTROLLER,
      queueStructure: entry.queue_structure === "PER_BANK" ? "per-bank" : "per-rank",
      commandQueueEntries: entry.cmd_queue_size,
      transactionQueueEntries: entry.trans_queue_size,
      unifiedQueue: entry.unified_queue,
      rowPolicy: entry.row_buf_policy === "OPEN_PAGE" ? "open" : "close",
      dualCommand: entry.hbm_dual_command,
      writeAfterRead: "hold",
      drainLowWater: 8,
      sleepOf: "untouched-ranks",
      ...(threshold === undefined ? {} : { selfRefreshAfterCycles: threshold }),
    },
    mapping: entry.address_mapping,
  };
}
