/** Checks that every encoding makes on the matrix it is handed. */
import { ConfigError, ModelError } from "../../core/errors.js";
import type { WeightMatrixShape } from "./encoding.js";

const MAX_VALUE_BITS = 32;

/** @throws ConfigError when the shape cannot be stored */
export function checkShape(encoding: string, shape: WeightMatrixShape): void {
  const { reduction, columns, valueBits } = shape;
  const whole = Number.isSafeInteger(reduction) && Number.isSafeInteger(columns) && reduction >= 0 && columns >= 0;
  if (!whole || !Number.isInteger(valueBits) || valueBits < 1 || valueBits > MAX_VALUE_BITS) {
    throw new ConfigError({
      where: `encoding ${encoding}`,
      got: `a matrix of ${reduction} x ${columns} values of ${valueBits} bits`,
      want: `whole, non-negative sizes and 1 to ${MAX_VALUE_BITS} bits a value`,
      fix: "give the weight tensor a shape and a width",
    });
  }
}

/** @throws ConfigError naming the first value that does not fit `valueBits` */
export function checkValues(encoding: string, values: Int32Array, shape: WeightMatrixShape): void {
  checkShape(encoding, shape);
  if (values.length !== shape.reduction * shape.columns) {
    throw new ModelError(
      `encoding ${encoding}`,
      `${values.length} values for a matrix of ${shape.reduction} x ${shape.columns}`,
    );
  }
  const most = 2 ** (shape.valueBits - 1) - 1;
  const least = -(2 ** (shape.valueBits - 1));
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    if (value < least || value > most) {
      throw new ConfigError({
        where: `encoding ${encoding}, weight [${Math.floor(index / shape.columns)}, ${index % shape.columns}]`,
        got: String(value),
        want: `${least} to ${most} (${shape.valueBits} bits)`,
        fix: "quantize the weights to that width, or store them wider",
      });
    }
  }
}
