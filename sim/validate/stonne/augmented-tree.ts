/**
 * The peer's augmented reduction tree (ART): a binary tree of adders in which adders 1 and 2, 3 and 4, ... of a level, which have no parent
 * in common, have a link. A row's outermost adder on such a link sends what it has to its neighbour instead of to its parent; the
 * neighbour adds three terms, a cycle later. A sum leaves where one adder is left, over the line of the bus that this adder has.
 * Source: Kwon et al., 'MAERI', ASPLOS 2018 (the tree); lines as in the peer.
 */

/** How the products of a row become one. */
export interface RowSum {
  /** Cycles from each of its multipliers to its sum. */
  readonly delays: Uint8Array;
  /** Additions, of two terms or of three. */
  readonly additions: number;
  /** Levels it passed, and the adder of the last one. */
  readonly levels: number;
  readonly adder: number;
}

/** An adder, or a multiplier, that has terms of the row; from and end are the multipliers below it. */
interface TreeNode {
  readonly at: number;
  inputs: number;
  from: number;
  end: number;
}

/** @param first number of the row's first multiplier */
export function sumOfRow(first: number, slots: number): RowSum {
  const delays = new Uint8Array(slots);
  let nodes: TreeNode[] = Array.from({ length: slots }, (_, leaf) => {
    return { at: first + leaf, inputs: 1, from: leaf, end: leaf + 1 };
  });
  let [additions, levels] = [0, 0];
  do {
    nodes = parentsOf(nodes);
    levels++;
    for (let leaf = 0; leaf < slots; leaf++) delays[leaf]!++;
    const senders = sendersOf(nodes);
    for (const { sender, receiver } of senders) {
      for (let leaf = sender.from; leaf < sender.end; leaf++) delays[leaf]!++;
      receiver.inputs++;
    }
    for (const { inputs } of nodes) if (inputs > 1) additions++;
    for (const { sender, receiver } of senders) {
      receiver.from = Math.min(receiver.from, sender.from);
      receiver.end = Math.max(receiver.end, sender.end);
    }
    const sent = new Set(senders.map(({ sender }) => sender));
    nodes = nodes.filter((node) => !sent.has(node));
  } while (nodes.length > 1);
  return { delays, additions, levels, adder: nodes[0]!.at };
}

function parentsOf(nodes: readonly TreeNode[]): TreeNode[] {
  const parents: TreeNode[] = [];
  for (const { at, from, end } of nodes) {
    const last = parents.at(-1);
    if (last?.at === at >> 1) {
      last.inputs++;
      last.end = end;
    } else {
      parents.push({ at: at >> 1, inputs: 1, from, end });
    }
  }
  return parents;
}

/** Adders at the ends of a row that have a link to the next one inside. Of two that are left the one with fewer terms sends. */
function sendersOf(nodes: readonly TreeNode[]): { readonly sender: TreeNode; readonly receiver: TreeNode }[] {
  const [first, second] = nodes;
  if (first === undefined || second === undefined) return [];
  const [beforeLast, last] = [nodes.at(-2)!, nodes.at(-1)!];
  if (nodes.length === 2) {
    if (first.at % 2 === 0) return [];
    return first.inputs >= last.inputs ? [{ sender: last, receiver: first }] : [{ sender: first, receiver: last }];
  }
  const senders = [];
  if (first.at % 2 === 1) senders.push({ sender: first, receiver: second });
  if (last.at % 2 === 0) senders.push({ sender: last, receiver: beforeLast });
  return senders;
}

/** Which line of the bus takes the sums of an adder: pairs with a link share one and are dealt out first, then the other adders. */
export class BusLines {
  readonly #treeLevels: number;
  /** By the adder's number in its level, after all adders of higher levels. */
  readonly #lineOf: Int32Array;

  /** @param multipliers a power of two */
  constructor(multipliers: number, lines: number) {
    this.#treeLevels = Math.log2(multipliers);
    this.#lineOf = new Int32Array(multipliers);
    const single: number[] = [];
    let linked = 0;
    for (let width = 1; width < multipliers; width *= 2) {
      for (let at = 0; at < width; at++) {
        const hasLink = at > 0 && at < width - 1;
        if (!hasLink) single.push(width + at);
        else if (at % 2 === 0) {
          const line = (linked / 2) % lines;
          this.#lineOf[width + at - 1] = line;
          this.#lineOf[width + at] = line;
          linked += 2;
        }
      }
    }
    for (const [index, adder] of single.entries()) this.#lineOf[adder] = (index + linked) % lines;
  }

  lineOf({ levels, adder }: RowSum): number {
    return this.#lineOf[2 ** (this.#treeLevels - levels) + adder]!;
  }
}
