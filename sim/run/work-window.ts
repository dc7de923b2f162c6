/**
 * The works of a run, made when they are first looked at and trimmed to their counts when they are done, so that memory does
 * not grow with the tiles of the whole network.
 */
import type { Work, WorkSummary } from "./work.js";

export class WorkWindow {
  readonly length: number;
  /** Counts of the works that are done. */
  readonly summaries: WorkSummary[] = [];
  private readonly make: (index: number) => Work;
  private readonly open: (Work | undefined)[];

  /** @param make the work of an operation, by its number */
  constructor(length: number, make: (index: number) => Work) {
    this.length = length;
    this.make = make;
    this.open = new Array<Work | undefined>(length);
  }

  at(index: number): Work {
    const known = this.open[index];
    if (known !== undefined) return known;
    const work = this.make(index);
    this.open[index] = work;
    return work;
  }

  /** A work is done: its columns may go. */
  retire(index: number): void {
    const {
      classOf: _classOf,
      weight: _weight,
      metadataBytes: _metadataBytes,
      decodeCycles: _decodeCycles,
      ifmap: _ifmap,
      psumReadBytes: _psumReadBytes,
      residualReadBytes: _residualReadBytes,
      psumWriteBytes: _psumWriteBytes,
      ofmapWriteBytes: _ofmapWriteBytes,
      accesses: _accesses,
      ...summary
    } = this.at(index);
    this.summaries[index] = summary;
    this.open[index] = undefined;
  }
}
