/**
 * How sums reach the peer's memory: lines of a bus take one word a cycle each, and the memory retires only half of the words that wait
 * in its queue, rounded up, each cycle.
 */

/** Cycles in which words leave a line that takes one a cycle, from the cycles in which they reach it. Both ascend. */
export function throughLine(arrivals: Float64Array): Float64Array {
  const leaving = arrivals.slice().sort();
  for (let at = 1; at < leaving.length; at++) leaving[at] = Math.max(leaving[at]!, leaving[at - 1]! + 1);
  return leaving;
}

/** Cycle in which the last word is retired. @param arrivals cycles in which words reach the queue, ascending */
export function lastRetired(arrivals: Float64Array): number {
  let [cycle, waiting, next] = [arrivals[0]!, 0, 0];
  while (true) {
    for (; next < arrivals.length && arrivals[next]! <= cycle; next++) waiting++;
    waiting -= Math.ceil(waiting / 2);
    if (waiting === 0 && next === arrivals.length) return cycle;
    cycle = waiting === 0 ? arrivals[next]! : cycle + 1;
  }
}
