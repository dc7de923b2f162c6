/** Widths of an operand that arrays are built for. */
import { z } from "zod";

export const operandBits = z.union([z.literal(8), z.literal(16)]);

/** Of arrays that take fewer cycles, or more products at a time, for narrow operands. */
export const narrowOperandBits = z.union([z.literal(2), z.literal(4), z.literal(8), z.literal(16)]);
