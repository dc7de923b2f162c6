/**
 * A design as written: plain data, and for each path in it the place where it stands. Sources are laid over each other:
 * mappings merge, everything else replaces, `null` removes what was inherited.
 */

export type PlainValue = null | boolean | number | string | readonly PlainValue[] | PlainMap;
export interface PlainMap {
  readonly [key: string]: PlainValue;
}

/** Where a value was written. */
export interface Origin {
  /** What a message says before the path: `file.yaml:3:9`, `--set`, `preset NAME`. */
  readonly place: string;
  /**
   * Rank of the text it came with: 1 for overrides, 0 for the file that was asked for, below 0 for what that file extends.
   */
  readonly layer: number;
}

/** A design with the origin of each path in it. */
export interface DesignSource {
  readonly data: PlainMap;
  readonly originOf: ReadonlyMap<string, Origin>;
}

/** Path of a value as messages write it: `peArray.rows`, `technology.operatingPoints[0].name`. */
export function joinPath(parent: string, key: string | number): string {
  if (typeof key === "number") return `${parent}[${key}]`;
  return parent === "" ? key : `${parent}.${key}`;
}

export function isMap(value: unknown): value is PlainMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Data that all comes from one place. */
export function uniformSource(data: PlainMap, origin: Origin): DesignSource {
  const originOf = new Map<string, Origin>();
  const visit = (value: unknown, path: string): void => {
    originOf.set(path, origin);
    if (Array.isArray(value)) for (const [index, item] of value.entries()) visit(item, joinPath(path, index));
    else if (isMap(value)) for (const [key, item] of Object.entries(value)) visit(item, joinPath(path, key));
  };
  visit(data, "");
  return { data, originOf };
}

/** `over` on top of `base`. */
export function mergeSources(base: DesignSource, over: DesignSource): DesignSource {
  const originOf = new Map(base.originOf);
  const merge = (below: PlainMap, above: PlainMap, path: string): PlainMap => {
    const merged: Record<string, PlainValue> = { ...below };
    for (const [key, value] of Object.entries(above)) {
      const child = joinPath(path, key);
      const before = Object.hasOwn(merged, key) ? merged[key] : undefined;
      if (isMap(value) && isMap(before)) {
        merged[key] = merge(before, value, child);
        continue;
      }
      if (typeof before === "object") forget(originOf, child);
      const origin = over.originOf.get(child) ?? firstOriginBelow(over, child);
      if (origin !== undefined) originOf.set(child, origin);
      if (value === null) delete merged[key];
      else merged[key] = value;
    }
    return merged;
  };
  const data = merge(base.data, over.data, "");
  for (const [path, origin] of over.originOf) originOf.set(path, origin);
  return { data, originOf };
}

/** Whether `path` is a value or something in it. */
export function isWithin(path: string, ancestor: string): boolean {
  return path === ancestor || path.startsWith(`${ancestor}.`) || path.startsWith(`${ancestor}[`);
}

function firstOriginBelow(source: DesignSource, path: string): Origin | undefined {
  for (const [known, origin] of source.originOf) if (isWithin(known, path)) return origin;
  return undefined;
}

/** Drops the places of a value that is replaced, and of everything in it. */
function forget(originOf: Map<string, Origin>, path: string): void {
  for (const known of originOf.keys()) {
    if (isWithin(known, path)) originOf.delete(known);
  }
}
