/** Accesses against naive walks: the bursts of rows, and the bytes of boxes of feature maps in each layout. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BlockAccess, BurstWalk, burstsOf, emptyAccess, joinRows } from "../../sim/engine/block-access.js";
import { boxAccess } from "../../sim/run/feature-map-layout.js";

/** Numbers of the bursts that hold any byte of an access, each once. */
function touchedBursts(access: BlockAccess, burstBytes: number): Set<number> {
  const touched = new Set<number>();
  for (let volume = 0; volume < access.volumes; volume++) {
    for (let plane = 0; plane < access.planes; plane++) {
      for (let row = 0; row < access.rows; row++) {
        const start = access.address + volume * access.volumePitch + plane * access.planePitch + row * access.rowPitch;
        for (let byte = 0; byte < access.rowBytes; byte++) touched.add(Math.floor((start + byte) / burstBytes));
      }
    }
  }
  return touched;
}

/** Rows that follow each other upwards, as those of tensors do. */
const access: fc.Arbitrary<BlockAccess> = fc
  .record({
    address: fc.integer({ min: 0, max: 5000 }),
    rowBytes: fc.integer({ min: 1, max: 200 }),
    rows: fc.integer({ min: 1, max: 6 }),
    rowGap: fc.integer({ min: 0, max: 150 }),
    planes: fc.integer({ min: 1, max: 4 }),
    planeGap: fc.integer({ min: 0, max: 150 }),
    volumes: fc.integer({ min: 1, max: 3 }),
    volumeGap: fc.integer({ min: 0, max: 150 }),
  })
  .map(({ address, rowBytes, rows, rowGap, planes, planeGap, volumes, volumeGap }) => {
    const rowPitch = rowBytes + rowGap;
    const planePitch = rows * rowPitch + planeGap;
    const volumePitch = planes * planePitch + volumeGap;
    return { address, rowBytes, rows, rowPitch, planes, planePitch, volumes, volumePitch };
  });

describe("a block access", () => {
  it("moves each burst that holds one of its bytes once", () => {
    fc.assert(
      fc.property(access, fc.constantFrom(16, 32, 64, 128), (block, burstBytes) => {
        const walk = new BurstWalk(burstBytes);
        walk.start(block);
        const walked: number[] = [];
        while (walk.nextRow()) for (let burst = walk.burst; burst <= walk.lastBurst; burst++) walked.push(burst);

        expect(walked).toEqual([...touchedBursts(block, burstBytes)]);
        expect(burstsOf(block, burstBytes)).toBe(walked.length);
      }),
      { numRuns: 500 },
    );
  });

  it("touches the same bytes after joining rows", () => {
    fc.assert(
      fc.property(access, (block) => {
        const joined = { ...block };
        joinRows(joined);

        expect(touchedBursts(joined, 1)).toEqual(touchedBursts(block, 1));
      }),
      { numRuns: 500 },
    );
  });

  it("is one stretch when nothing lies between its rows", () => {
    const block = {
      ...emptyAccess(),
      rowBytes: 8,
      rows: 4,
      rowPitch: 8,
      planes: 3,
      planePitch: 32,
      volumes: 2,
      volumePitch: 96,
    };

    joinRows(block);

    expect(block).toMatchObject({ rowBytes: 192, rows: 1, planes: 1, volumes: 1 });
  });
});

describe("a box of a feature map", () => {
  const size = fc.record({
    batch: fc.integer({ min: 1, max: 3 }),
    channels: fc.integer({ min: 1, max: 6 }),
    height: fc.integer({ min: 1, max: 7 }),
    width: fc.integer({ min: 1, max: 7 }),
    bitsPerElement: fc.constantFrom(8, 16, 32),
    fractions: fc.array(fc.integer({ min: 0, max: 99 }), { minLength: 8, maxLength: 8 }),
  });

  for (const layout of ["row-major", "channel-interleaved"] as const) {
    it(`is the bytes of its elements (${layout})`, () => {
      fc.assert(
        fc.property(size, ({ batch, channels, height, width, bitsPerElement, fractions }) => {
          const part = (extent: number, index: number): [number, number] => {
            const from = Math.floor((fractions[index]! * extent) / 100);
            return [from, 1 + Math.floor((fractions[index + 1]! * (extent - from)) / 100)];
          };
          const [n, ns] = part(batch, 0);
          const [c, cs] = part(channels, 2);
          const [y, ys] = part(height, 4);
          const [x, xs] = part(width, 6);
          const bytes = bitsPerElement / 8;
          const expected = new Set<number>();
          for (let i = n; i < n + ns; i++) {
            for (let k = c; k < c + cs; k++) {
              for (let h = y; h < y + ys; h++) {
                for (let w = x; w < x + xs; w++) {
                  const element =
                    layout === "row-major"
                      ? ((i * channels + k) * height + h) * width + w
                      : ((i * height + h) * width + w) * channels + k;
                  for (let byte = 0; byte < bytes; byte++) expected.add(1000 + element * bytes + byte);
                }
              }
            }
          }
          const map = { base: 1000, bitsPerElement, channels, height, width };
          const box = { batch: n, batches: ns, channel: c, channels: cs, line: y, lines: ys, column: x, columns: xs };
          const into = emptyAccess();

          boxAccess(map, box, layout, into);

          expect(touchedBursts(into, 1)).toEqual(expected);
        }),
        { numRuns: 400 },
      );
    });
  }
});
