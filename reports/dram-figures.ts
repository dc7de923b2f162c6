/** Figures that only memories have. */

const BINARY_PREFIXES = ["", "Ki", "Mi", "Gi", "Ti", "Pi"] as const;

/** Bytes of a memory, which come in powers of two: `16 GiB`. */
export function binaryBytes(count: number): string {
  let value = count;
  let prefix = 0;
  while (value >= 1024 && prefix < BINARY_PREFIXES.length - 1) {
    value /= 1024;
    prefix++;
  }
  return `${Number.isInteger(value) ? value : value.toPrecision(3)} ${BINARY_PREFIXES[prefix]}B`;
}
