/** Where a run may hand its spans of activity, for timelines. Without a sink nothing is recorded and nothing is paid. */

export interface SpanSink {
  /**
   * One stretch of activity; spans of a track come in order and do not overlap.
   * @param track the resource: `array`, `vector`, `decoder`, `dram weight read`, `dram ofmap write` and the like
   * @param startCycle first cycle; `endCycle` is the cycle after the last
   */
  span(track: string, name: string, layer: string, startCycle: number, endCycle: number): void;
}
