/**
 * A transfer as the DMA unit makes it: rows of bytes at up to three regular distances, walked innermost first.
 *
 *     for volume { for plane { for row { rowBytes from address + volume * volumePitch + plane * planePitch + row * rowPitch } } }
 *
 * Memory moves whole bursts; the burst that two consecutive rows share is moved once. Pitches may have fractions where
 * elements are smaller than a byte: a row starts in the byte that holds its first bit.
 */

export interface BlockAccess {
  /** First byte. */
  address: number;
  rowBytes: number;
  rows: number;
  rowPitch: number;
  planes: number;
  planePitch: number;
  volumes: number;
  volumePitch: number;
}

export function emptyAccess(): BlockAccess {
  return { address: 0, rowBytes: 0, rows: 1, rowPitch: 0, planes: 1, planePitch: 0, volumes: 1, volumePitch: 0 };
}

/** Makes an access one stretch of bytes. */
export function setStretch(access: BlockAccess, address: number, bytes: number): void {
  access.address = address;
  access.rowBytes = bytes;
  access.rows = 1;
  access.planes = 1;
  access.volumes = 1;
}

/** Joins rows that follow each other without a gap, and planes and volumes that do. */
export function joinRows(access: BlockAccess): void {
  if (access.rows > 1 && access.rowPitch === access.rowBytes) {
    access.rowBytes *= access.rows;
    access.rows = 1;
  }
  if (access.rows > 1) return;
  access.rows = access.planes;
  access.rowPitch = access.planePitch;
  access.planes = access.volumes;
  access.planePitch = access.volumePitch;
  access.volumes = 1;
  if (access.rows > 1 && access.rowPitch === access.rowBytes) joinRows(access);
}

/** Bursts that an access moves. */
export function burstsOf(access: BlockAccess, burstBytes: number): number {
  if (access.rowBytes <= 0) return 0;
  if (access.rows * access.planes * access.volumes === 1) {
    const last = Math.floor((Math.floor(access.address) + access.rowBytes - 1) / burstBytes);
    return last - Math.floor(access.address / burstBytes) + 1;
  }
  const walk = new BurstWalk(burstBytes);
  walk.start(access);
  let bursts = 0;
  while (walk.nextRow()) bursts += walk.lastBurst - walk.burst + 1;
  return bursts;
}

/** Walks the bursts of an access, row by row: those of a row are `burst` to `lastBurst`. */
export class BurstWalk {
  /** Number of the first burst of the row that is not taken yet, and of its last: addresses over the burst's size. */
  burst = 0;
  lastBurst = -1;
  private readonly burstBytes: number;
  private readonly access: BlockAccess = emptyAccess();
  private row = 0;
  private plane = 0;
  private volume = 0;
  private isOver = true;

  constructor(burstBytes: number) {
    this.burstBytes = burstBytes;
  }

  start(access: BlockAccess): void {
    Object.assign(this.access, access);
    this.row = 0;
    this.plane = 0;
    this.volume = 0;
    this.burst = 0;
    this.lastBurst = -1;
    this.isOver = access.rowBytes <= 0;
  }

  /** Goes to the next row that has a burst of its own; false when there is none. */
  nextRow(): boolean {
    const { access, burstBytes } = this;
    while (!this.isOver) {
      const start = Math.floor(
        access.address + this.row * access.rowPitch + this.plane * access.planePitch + this.volume * access.volumePitch,
      );
      const before = this.lastBurst;
      const first = Math.floor(start / burstBytes);
      this.burst = first === before ? first + 1 : first;
      this.lastBurst = Math.floor((start + access.rowBytes - 1) / burstBytes);
      this.advance();
      if (this.burst <= this.lastBurst) return true;
    }
    return false;
  }

  private advance(): void {
    const { access } = this;
    if (++this.row < access.rows) return;
    this.row = 0;
    if (++this.plane < access.planes) return;
    this.plane = 0;
    if (++this.volume === access.volumes) this.isOver = true;
  }
}
