/**
 * The kernels of products and convolutions in two forms with equal bits: the plain loops that are read against the equations,
 * and their twins on SIMD. The twins hand to the plain loops what they do not take: other element types, operands past the
 * memory of a module, accumulators that may overflow.
 */
import { conv } from "./conv.js";
import { convInteger, qlinearConv } from "./conv-integer.js";
import { gemm, matmul } from "./matmul.js";
import { matmulInteger, qlinearMatmul, scaledMatmul } from "./matmul-integer.js";
import { simdConv } from "./simd-conv.js";
import { simdChannelSums, simdQlinearConv } from "./simd-conv-integer.js";
import { simdMultiplyMatrices } from "./simd-matmul.js";
import { simdQlinearMatmul, simdRowSums } from "./simd-matmul-integer.js";

export type KernelKind = "reference" | "simd";

export const REFERENCE_KERNELS = {
  conv,
  matmul,
  gemm,
  convInteger,
  qlinearConv,
  matmulInteger,
  qlinearMatmul,
  scaledMatmul,
} as const;

export type KernelSet = typeof REFERENCE_KERNELS;

export const SIMD_KERNELS: KernelSet = {
  conv: simdConv,
  matmul: (output, first, second) => matmul(output, first, second, simdMultiplyMatrices),
  gemm: (output, first, second, addend, options) => gemm(output, first, second, addend, options, simdMultiplyMatrices),
  convInteger: (output, operands) => convInteger(output, operands, simdChannelSums),
  qlinearConv: simdQlinearConv,
  matmulInteger: (output, operands) => matmulInteger(output, operands, simdRowSums),
  qlinearMatmul: simdQlinearMatmul,
  scaledMatmul: (output, operands, scaling) => scaledMatmul(output, operands, scaling, simdRowSums),
};

export const KERNEL_SETS: Readonly<Record<KernelKind, KernelSet>> = {
  reference: REFERENCE_KERNELS,
  simd: SIMD_KERNELS,
};
