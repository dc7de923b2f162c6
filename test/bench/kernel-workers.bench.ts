/** A large layer (3x3, 256 to 256 channels, 56 x 56: 1.85 GMAC) on one thread and on two, workers started before. */
import { afterAll, bench, describe } from "vitest";
import type { WindowGeometry } from "../../algorithms/kernels/window-geometry.js";
import { KernelWorkers } from "../../dist/sim/run/inference/kernel-workers.js";
import type { NumberTensor } from "../../sim/ir/tensor-data.js";

const [CHANNELS, SIZE] = [256, 56];
const geometry: WindowGeometry = {
  sizes: [1, SIZE, SIZE],
  kernel: [1, 3, 3],
  strides: [1, 1, 1],
  dilations: [1, 1, 1],
  padBegins: [0, 1, 1],
  padEnds: [0, 1, 1],
  outputs: [1, SIZE, SIZE],
};
const image = [1, CHANNELS, SIZE, SIZE];
const filter = [CHANNELS, CHANNELS, 3, 3];
const count = (shape: readonly number[]): number => shape.reduce((product, extent) => product * extent, 1);

const reals = (shape: readonly number[]): NumberTensor => ({
  ...{ shape, precision: "fp32" },
  values: new Float32Array(count(shape)).map((_, at) => Math.sin(at)),
});
const codes = (shape: readonly number[]): NumberTensor => ({
  ...{ shape, precision: "int8" },
  values: new Int8Array(count(shape)).map((_, at) => (at * 37) % 251),
});
const [x, w, y] = [reals(image), reals(filter), reals(image)];
const operands = { input: codes(image), weight: codes(filter), inputZero: 3, weightZeros: [0], geometry, groups: 1 };
const sums: NumberTensor = { shape: image, precision: "int32", values: new Int32Array(count(image)) };

for (const threads of [1, 2]) {
  const workers = new KernelWorkers(threads);
  afterAll(() => workers.close());
  describe("one layer", () => {
    bench(`float32 convolution, threads: ${threads}`, () => workers.kernels.conv(y, x, w, undefined, geometry, 1));
    bench(`int8 convolution, threads: ${threads}`, () => workers.kernels.convInteger(sums, operands));
  });
}
