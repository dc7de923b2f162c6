/** Rebuild of SmartDeal weights on SIMD, with the bits of smartdeal-rebuild.ts: each row of a basis is shifted once for all codes. */
import { MemoryLayout } from "../../sim/core/web-assembly.js";
import { simdModule } from "./simd-module.js";
import { checkCodes, type SmartDealSlices, slicesOf, smartdealRebuild } from "./smartdeal-rebuild.js";

/** Codes of a coefficient. */
const CODES = 16;

/** The weights, [slices, rows of a slice, S]; by the plain loops where a module has too little memory. */
export function simdSmartdealRebuild(coded: SmartDealSlices): Int32Array {
  const { slices, rows } = slicesOf(coded);
  const { codes, bases, basisSize } = coded;
  const module = simdModule();
  const layout = new MemoryLayout(module);
  const [codesAt, basesAt] = [layout.take(codes.length), layout.take(bases.length * 2)];
  const shifted = layout.take(basisSize * CODES * 16 * Math.ceil(basisSize / 4));
  const weightsAt = layout.take(codes.length * 4);
  if (!layout.fit()) return smartdealRebuild(coded);

  const { buffer } = module.memory;
  new Uint8Array(buffer, codesAt, codes.length).set(codes);
  new Int16Array(buffer, basesAt, bases.length).set(bases);
  if (module.hasForeignCode(codesAt, codes.length) === 1) checkCodes(codes);
  module.rebuildSlices(codesAt, basesAt, slices, rows, basisSize, shifted, weightsAt);
  const weights = new Int32Array(codes.length);
  weights.set(new Int32Array(buffer, weightsAt, codes.length));
  return weights;
}
