/** The report as JSON: one document, keys in the order of the report's definition, a newline at the end. */

export function renderJson(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
