/**
 * Codes of tensors: drawn, made from floating-point numbers, or taken from integers less their zero point. A float tensor gets
 * one symmetric scale, its largest magnitude over the largest code (no scale where all is 0), rounded half to even.
 */
import { NetworkError, quoteForMessage, UnsupportedError } from "../../core/errors.js";
import { roundHalfEven, saturate } from "../../core/fixed-point.js";
import { Random } from "../../core/rng.js";
import { isNumberTensor, type TensorData } from "../../ir/tensor-data.js";
import type { Codes } from "./functional-operands.js";

/** Codes held of one tensor at most: as many bytes, or twice as many. */
const MAX_CODES = 2 ** 28;

/** @throws UnsupportedError for a tensor whose codes would not fit in memory */
export function checkCodeCount(elements: number, where: string): void {
  if (elements <= MAX_CODES) return;
  throw new UnsupportedError({
    where: quoteForMessage(where),
    got: `${elements} values to hold for a functional run`,
    want: `at most ${MAX_CODES}`,
    fix: "lower --batch, or choose smaller layers with --layers",
  });
}

/** Codes drawn evenly from the whole range of two's complement numbers of `bits`, at most 16. */
export function drawCodes(elements: number, bits: number, seed: string): Codes {
  const random = new Random(seed);
  const isNarrow = bits <= 8;
  const words = new Uint32Array(Math.ceil((elements * (isNarrow ? 1 : 2)) / 4));
  for (let at = 0; at < words.length; at++) words[at] = random.uint32();
  const codes = isNarrow ? new Int8Array(words.buffer, 0, elements) : new Int16Array(words.buffer, 0, elements);
  const spareBits = (isNarrow ? 8 : 16) - bits;
  if (spareBits > 0) for (let at = 0; at < elements; at++) codes[at] = codes[at]! >> spareBits;
  return codes;
}

/**
 * Codes of a tensor of real numbers. @param where the tensor, for messages
 * @throws NetworkError for numbers that are not finite
 */
export function quantizeSymmetrically(tensor: TensorData, bits: number, where: string): Codes {
  if (!isNumberTensor(tensor)) throw wrongType(tensor, where);
  const { values } = tensor;
  let largest = 0;
  for (let at = 0; at < values.length; at++) {
    const magnitude = Math.abs(values[at]!);
    if (!Number.isFinite(magnitude)) {
      throw new NetworkError({
        where: quoteForMessage(where),
        got: `${values[at]} at element ${at}`,
        want: "finite numbers, which can be quantized",
        fix: "check the weights and inputs of the model",
      });
    }
    if (magnitude > largest) largest = magnitude;
  }
  const most = 2 ** (bits - 1) - 1;
  const codes = bits <= 8 ? new Int8Array(values.length) : new Int16Array(values.length);
  if (largest === 0) return codes;
  for (let at = 0; at < values.length; at++) {
    codes[at] = saturate(roundHalfEven((values[at]! / largest) * most), -most, most);
  }
  return codes;
}

/**
 * Integers less their zero points, of which there is one, or one for each `repeat` elements in turn.
 * @throws UnsupportedError for integers of more than 16 bits
 */
export function centreCodes(tensor: TensorData, zeros: TensorData | undefined, repeat: number, where: string): Codes {
  if (!isNumberTensor(tensor) || (zeros !== undefined && !isNumberTensor(zeros))) throw wrongType(tensor, where);
  const { values } = tensor;
  const zeroValues: ArrayLike<number> = zeros?.values ?? [0];
  const isPlain = values instanceof Int8Array && Array.from(zeroValues).every((zero) => zero === 0);
  if (isPlain) return values.slice();
  const isByte = values instanceof Int8Array || values instanceof Uint8Array;
  if (!isByte && !(values instanceof Int16Array)) throw wrongType(tensor, where);
  const codes = new Int16Array(values.length);
  for (let at = 0; at < values.length; at++) {
    codes[at] = values[at]! - zeroValues[Math.floor(at / repeat) % zeroValues.length]!;
  }
  return codes;
}

function wrongType(tensor: TensorData, where: string): UnsupportedError {
  return new UnsupportedError({
    where: quoteForMessage(where),
    got: `${tensor.precision} values`,
    want: "real numbers, or integers of at most 16 bits",
    fix: "quantize the model, or leave this layer out with --layers",
  });
}
