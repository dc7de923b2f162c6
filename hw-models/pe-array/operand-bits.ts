/** Widths of an operand that arrays are built for. */
import { z } from "zod";

export const operandBits = z.union([z.literal(8), z.literal(16)]);
