/** When buffered writes go to the command queues, ahead of reads. */

/**
 * Contract: asked while no drain runs; a drain that starts moves all writes that wait at that moment, and no read meanwhile.
 * What may stay never makes a drain start while nothing else is to do, so that an idle channel comes to rest.
 */
export interface WriteDrain {
  /**
   * Whether a drain starts now.
   * @param writesWaiting in the buffer; @param isFull no further write would be accepted
   * @param commandsWaiting requests in the command queues
   */
  mustStart(writesWaiting: number, isFull: boolean, commandsWaiting: number): boolean;
  /** Whether so many writes may stay in the buffer of an idle channel. */
  mayStay(writesWaiting: number): boolean;
}

/** A drain starts when the buffer is full, or when it holds more than its low-water mark and no command waits. */
export function drainAboveLowWater(lowWater: number): WriteDrain {
  return {
    mustStart: (writesWaiting, isFull, commandsWaiting) =>
      isFull || (writesWaiting > lowWater && commandsWaiting === 0),
    mayStay: (writesWaiting) => writesWaiting <= lowWater,
  };
}
