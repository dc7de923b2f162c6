/** Bad input of every kind: a clear error in four parts, exit code 2, nothing on standard output. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { StringStringEntryProtoSchema, TensorProto_DataLocation } from "onnx-buf";
import { describe, expect, it } from "vitest";
import { FLOAT, floats, type GraphSpec, modelBytes, valueInfo } from "../helpers/onnx-models.js";
import { CLI_MISSING, pj } from "../helpers/run-cli.js";

if (CLI_MISSING !== undefined) console.log(`skipped: ${CLI_MISSING}`);

const folder = mkdtempSync(join(tmpdir(), "pj-bad-"));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const ON = ["--on", "systolic-8x8-os"];
/** A run on a DRAM device, with one thing set wrong. */
const onDevice = (wrong: string): string[] => [
  ...["simulate", "lenet5", ...ON, "--set", "dram.kind=device", "--set", "dram.device=LPDDR4_8Gb_x16_2400"],
  ...["--set", `dram.${wrong}`],
];
const design = (name: string, text: string): string[] => ["simulate", "lenet5", "--on", file(`${name}.yaml`, text)];
const extending = (name: string, text: string): string[] => design(name, `extends: systolic-8x8-os\n${text}`);
const model = (name: string, bytes: string | Uint8Array): string[] => ["simulate", file(`${name}.onnx`, bytes), ...ON];
const topology = (name: string, text: string): string[] => ["simulate", file(`${name}.csv`, text), ...ON];
const CONV_HEADER = "Layer,IFMAP Height,IFMAP Width,Filter Height,Filter Width,Channels,Num Filter,Strides,\n";
mkdirSync(join(folder, "folder.onnx"));
mkdirSync(join(folder, "folder.json"));

/** A protobuf field whose length says far more than the file has. */
const BOMB = new Uint8Array([0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x0a, 0x02]);

const INPUT = valueInfo("x", [1, 4]);
const graphOf = (name: string, spec: GraphSpec): string[] => model(name, modelBytes(spec));
const relu = (from: string, to: string, name = to) => ({ op: "Relu", in: [from], out: [to], name });

/** A weight whose values are said to lie in a file of that name. */
function outsideWeight(location: string) {
  const tensor = floats("w", [4, 4]);
  tensor.dataLocation = TensorProto_DataLocation.EXTERNAL;
  tensor.rawData = new Uint8Array();
  tensor.floatData = [];
  tensor.externalData = [create(StringStringEntryProtoSchema, { key: "location", value: location })];
  return tensor;
}

/** A weight of 16 floats with the bytes of three. */
function shortWeight() {
  const tensor = floats("w", [4, 4]);
  tensor.rawData = tensor.rawData.slice(0, 12);
  return tensor;
}

const product = { op: "MatMul", in: ["x", "w"], out: ["y"], name: "product" };

/** What is typed, and what the message must name. */
const CASES: Readonly<Record<string, readonly [readonly string[], RegExp]>> = {
  "an unknown network": [["simulate", "resnet5O", ...ON], /did you mean 'resnet50'/],
  "an unknown design": [["simulate", "lenet5", "--on", "systolic-8x8-oss"], /did you mean 'systolic-8x8-os'/],
  "no design": [["simulate", "lenet5"], /--on/],
  "a missing file": [["simulate", "nowhere.onnx", ...ON], /nowhere\.onnx/],
  "a directory as a model": [["simulate", join(folder, "folder.onnx"), ...ON], /directory|folder/],
  "an empty model": [model("empty", ""), /empty/],
  "a truncated model": [model("short", new Uint8Array([0x08, 0x0a, 0x3a, 0x20, 0x0a])), /short\.onnx/],
  "a protobuf bomb": [model("bomb", BOMB), /bomb\.onnx/],
  "text as a model": [model("text", "this is not a model at all, it is a sentence"), /text\.onnx/],
  "a graph that bites its tail": [
    graphOf("cycle", { inputs: [INPUT], nodes: [relu("b", "a"), relu("a", "b")], outputs: ["b"] }),
    /input b, which nothing before it defines/,
  ],
  "a tensor that nobody makes": [
    graphOf("missing", { inputs: [INPUT], nodes: [relu("nowhere", "y")], outputs: ["y"] }),
    /nowhere/,
  ],
  "a negative dimension": [
    graphOf("negative", { inputs: [valueInfo("x", [1, -4])], nodes: [relu("x", "y")], outputs: ["y"] }),
    /x/,
  ],
  "an axis left open": [
    graphOf("open", { inputs: [valueInfo("x", ["N", 4])], nodes: [relu("x", "y")], outputs: ["y"] }),
    /--shape/,
  ],
  "an unknown operator": [
    graphOf("unknown", {
      inputs: [INPUT],
      nodes: [{ op: "Frobnicate", in: ["x"], out: ["y"], name: "f" }],
      outputs: [valueInfo("y", [1, 4], FLOAT)],
    }),
    /Frobnicate/,
  ],
  "weights outside the model's folder": [
    graphOf("outside", {
      inputs: [INPUT],
      initializers: [outsideWeight("../../etc/passwd")],
      nodes: [product],
      outputs: ["y"],
    }),
    /passwd|folder/,
  ],
  "weights at an absolute path": [
    graphOf("absolute", {
      inputs: [INPUT],
      initializers: [outsideWeight("/etc/passwd")],
      nodes: [product],
      outputs: ["y"],
    }),
    /passwd|folder/,
  ],
  "a weight shorter than its shape": [
    graphOf("shorter", {
      inputs: [INPUT],
      initializers: [shortWeight()],
      nodes: [product],
      outputs: ["y"],
    }),
    /w/,
  ],
  "an empty topology": [topology("empty", ""), /empty/],
  "a topology with a word for a number": [topology("word", `${CONV_HEADER}a,x,8,3,3,3,8,1,\n`), /word\.csv:2/],
  "a topology with NaN": [topology("nan", `${CONV_HEADER}a,NaN,8,3,3,3,8,1,\n`), /nan\.csv:2/],
  "a topology with a negative extent": [topology("negative", `${CONV_HEADER}a,8,8,3,3,-3,8,1,\n`), /negative\.csv:2/],
  "a topology with a filter larger than its ifmap": [
    topology("filter", `${CONV_HEADER}a,8,8,9,9,3,8,1,\n`),
    /filter\.csv/,
  ],
  "an unknown key": [extending("key", "peArray:\n  rowz: 4\n"), /key\.yaml:3:3[\s\S]*did you mean 'rows'/],
  "a duplicate key": [design("twice", "extends: eyeriss\nclockHz: 1\nclockHz: 2\n"), /twice\.yaml:3:1/],
  "a wrong unit": [extending("unit", "clockHz: 64 KB\n"), /unit\.yaml:2:1[\s\S]*Hz/],
  "NaN in a design": [extending("nan", "buffers:\n  ifmap:\n    banks: .nan\n"), /nan\.yaml:4:5/],
  "infinity in a design": [extending("inf", "clockHz: .inf\n"), /inf\.yaml:2:1/],
  "a negative size": [extending("negative", "peArray: { rows: -1 }\n"), /from 1 to 4096/],
  "a huge array": [extending("huge", "peArray: { rows: 1e9 }\n"), /from 1 to 4096/],
  "a fraction of a row": [extending("fraction", "peArray: { rows: 2.5 }\n"), /whole number/],
  "a value that is not on the list": [extending("list", "dram: { technology: HBM3 }\n"), /did you mean 'HBM2'/],
  "a key that the dataflow does not have": [extending("os", "peArray: { weightPreload: shadow }\n"), /weightPreload/],
  "an empty design": [design("empty", ""), /empty/],
  "a design that is a list": [design("list2", "- 1\n- 2\n"), /mapping/],
  "a design that extends itself": [design("self", "extends: self.yaml\n"), /circle/],
  "an alias bomb": [
    design(
      "aliases",
      `a: &a [1,1]\n${"bcdefghi"
        .split("")
        .map((name, index) => `${name}: &${name} [*${"abcdefgh"[index]},*${"abcdefgh"[index]},*${"abcdefgh"[index]}]\n`)
        .join("")}`,
    ),
    /alias/,
  ],
  "a hostile key": [design("proto", "extends: eyeriss\n__proto__: { x: 1 }\n"), /__proto__/],
  "buffers too small for one window": [
    [
      "simulate",
      "lenet5",
      ...ON,
      "--set",
      "buffers.weight.capacityBytes=64",
      "--set",
      "buffers.ifmap.capacityBytes=64",
      "--set",
      "buffers.ofmap.capacityBytes=64",
      "--set",
      "arithmetic.psumSpillBits=32",
      "--layers",
      "nosuch",
    ],
    /nosuch/,
  ],
  "a DRAM of three channels": [onDevice("channels=3"), /dram\.channels\n +got: 3/],
  "a DRAM mapping that names a field twice": [onDevice("mapping=rorochrababg"), /dram\.mapping\n +got: rorochrababg/],
  "a DRAM device that nobody makes": [onDevice("device=DDR9_1Tb"), /dram\.device[\s\S]*LPDDR4_8Gb_x16_2400/],
  "a key of a DRAM pipe on a device": [onDevice("bytesPerClock=16"), /dram\.bytesPerClock[\s\S]*kind to pipe/],
  "a DRAM controller that would never come to rest": [
    onDevice("controller.drainLowWater=40"),
    /dram\.controller\.drainLowWater/,
  ],
  "power-down of a part that no source gives the current of": [
    onDevice("controller.powerDownAfterCycles=100"),
    /IDD3P/,
  ],
  "an override without a value": [["simulate", "lenet5", ...ON, "--set", "peArray.rows"], /--set/],
  "a batch of nothing": [["simulate", "lenet5", ...ON, "--batch", "0"], /--batch/],
  "a shape of words": [["simulate", "lenet5", ...ON, "--shape", "x=a,b"], /--shape/],
  "an unknown format": [["simulate", "lenet5", ...ON, "--formats", "xml"], /--formats/],
  "an unknown encoding": [["simulate", "lenet5", ...ON, "--encoding", "nn:n=2,m=4"], /encoding/],
  "an encoding sized by values that are not there": [
    ["simulate", "lenet5", ...ON, "--encoding", "csr"],
    /csr:density=0\.3/,
  ],
  "an encoding that keeps more than it has": [["simulate", "lenet5", ...ON, "--encoding", "nm:n=5,m=4"], /nm/],
  "an unknown option": [["simulate", "lenet5", "--onn", "x"], /unknown option/],
  "an unknown command": [["simulat"], /unknown command/],
  "an unknown operating point": [["simulate", "lenet5", ...ON, "--operating-points", "turbo"], /turbo/],
  "a word that every object of JavaScript has": [["list", "constructor"], /networks/],
  "a design's option for a network": [["show", "network", "lenet5", "--set", "a=1"], /--set/],
  "a network's option for an encoding": [["show", "encoding", "nm", "--option", "a=1"], /--option/],
  "formats beside the one document": [["simulate", "lenet5", ...ON, "--json", "--formats", "csv"], /--formats/],
  "all operating points of a design that has none": [
    ["simulate", "lenet5", "--on", "eyeriss", "--operating-points", "all"],
    /eyeriss/,
  ],
  "all operating points and one more": [["simulate", "lenet5", ...ON, "--operating-points", "all,low"], /all,low/],
  "several options at once": [
    ["simulate", "lenet5", "--batch", "0", "--fidelity", "fast"],
    /--on[\s\S]*--fidelity[\s\S]*--batch/,
  ],
  "an option of another network": [["simulate", "lenet5", ...ON, "--option", "contextTokens=5"], /contextTokens/],
  "a report that is a folder": [["compare", join(folder, "folder.json"), "lenet5@eyeriss"], /folder\.json/],
  "an unknown kind of list": [["list", "things"], /networks/],
  "a report that is no report": [["compare", file("x.json", "{}"), "lenet5@eyeriss"], /picojoule\/report@1/],
  "a table of another kind": [["validate", "scalesim", file("t.csv", "a,b\n1,2\n")], /column/],
  "an unknown kind of validation": [["validate", "scalesym", file("t2.csv", "a\n1\n")], /scalesim/],
  "a tolerance of nothing": [["validate", "scalesim", "x.csv", "--tolerance", "abc"], /--tolerance/],
};

describe.skipIf(CLI_MISSING !== undefined)("bad input", () => {
  for (const [name, [args, message]] of Object.entries(CASES)) {
    it(`refuses ${name}`, async () => {
      const { code, stdout, stderr } = await pj(args);

      expect(stderr).toMatch(message);
      expect(code).toBe(2);
      expect(stdout).toBe("");
      expect(stderr).not.toMatch(/\n\s+at /);
      if (!/unknown (option|command)/.test(stderr)) {
        for (const part of ["where:", "got:", "want:", "fix:"]) expect(stderr).toContain(part);
      }
    });
  }
});
