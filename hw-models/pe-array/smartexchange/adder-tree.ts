/** Trees of adders, one for each MAC of a line: they halve the sums of a slice's lines a level each cycle, into registers. */
export interface Settled {
  readonly sums: Float64Array;
  /** Where the sums belong. */
  readonly outputs: Int32Array;
}

interface Level {
  readonly sums: readonly Float64Array[];
  readonly outputs: Int32Array;
}

export class AdderTree {
  /** What stands in front of each level, and behind the last one. */
  readonly #levels: (Level | undefined)[];

  /** @param levels as many as halve all lines to one sum */
  constructor(levels: number) {
    this.#levels = Array.from({ length: levels + 1 }, () => undefined);
  }

  /** Takes the sums of all lines at the end of a pass. */
  enter(sums: readonly Float64Array[], outputs: Int32Array): void {
    this.#levels[0] = { sums, outputs };
  }

  get isEmpty(): boolean {
    return this.#levels.every((level) => level === undefined);
  }

  /** What has come through, once. */
  leave(): Settled | undefined {
    const last = this.#levels.length - 1;
    const settled = this.#levels[last];
    this.#levels[last] = undefined;
    return settled === undefined ? undefined : { sums: settled.sums[0]!, outputs: settled.outputs };
  }

  tick(): void {
    for (let level = this.#levels.length - 1; level > 0; level--) {
      const before = this.#levels[level - 1];
      this.#levels[level] = before === undefined ? undefined : { sums: halved(before.sums), outputs: before.outputs };
    }
    this.#levels[0] = undefined;
  }
}

function halved(sums: readonly Float64Array[]): Float64Array[] {
  const next: Float64Array[] = [];
  for (let at = 0; at < sums.length; at += 2) {
    const [left, right] = [sums[at]!, sums[at + 1]];
    next.push(right === undefined ? left : left.map((sum, position) => sum + right[position]!));
  }
  return next;
}
