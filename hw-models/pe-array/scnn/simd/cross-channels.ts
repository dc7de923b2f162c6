/** Steps of a PE through channels, banks in 32 lanes of a byte; see crossing.ts. */

/** Counts that one activation sends to the banks. */
// @ts-ignore: decorator
@inline
function low(table: usize, places: usize, index: i32): v128 {
  return v128.load(table + <usize>load<i32>(places + (<usize>index << 2)));
}

// @ts-ignore: decorator
@inline
function high(table: usize, places: usize, index: i32): v128 {
  return v128.load(table + <usize>load<i32>(places + (<usize>index << 2)), 16);
}

function longestOf(bytes: v128): i32 {
  let most = i8x16.max_u(bytes, i8x16.shuffle(bytes, bytes, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15));
  most = i8x16.max_u(most, i8x16.shuffle(most, most, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7));
  most = i8x16.max_u(most, i8x16.shuffle(most, most, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3));
  return max(<i32>i8x16.extract_lane_u(most, 0), <i32>i8x16.extract_lane_u(most, 1));
}

/**
 * @param queue 32 bytes
 * @param starts int32 first activation of the PE in the first channel, and its end behind it; channels `startStride` bytes apart
 * @param places int32 of each activation
 * @param vectors int32 vectors of weights of each channel
 * @param tables of the channels, `channelBytes` apart; vectors `tableBytes` apart
 * @returns cycles
 */
export function crossChannels(
  queue: usize,
  starts: usize,
  startStride: usize,
  channels: i32,
  places: usize,
  vectors: usize,
  tables: usize,
  channelBytes: usize,
  tableBytes: usize,
  activationVector: i32,
  queueEntries: i32,
): i32 {
  let cycles = 0;
  let queueLow = v128.load(queue);
  let queueHigh = v128.load(queue, 16);
  const one = i8x16.splat(1);
  const entries = i8x16.splat(<i8>queueEntries);
  for (let channel = 0; channel < channels; channel++) {
    const end = load<i32>(starts, 4);
    const first = load<i32>(starts);
    starts += startStride;
    const steps = load<i32>(vectors + (<usize>channel << 2));
    const tableEnd = tables + <usize>steps * tableBytes;
    for (let at = first; at < end; at += activationVector) {
      const count = min(activationVector, end - at);
      const place = places + (<usize>at << 2);
      cycles += steps;
      for (let table = tables; table < tableEnd; table += tableBytes) {
        queueLow = i8x16.sub_sat_u(queueLow, one);
        queueHigh = i8x16.sub_sat_u(queueHigh, one);
        if (count == 4) {
          const a = i8x16.add(low(table, place, 0), low(table, place, 1));
          const b = i8x16.add(low(table, place, 2), low(table, place, 3));
          const c = i8x16.add(high(table, place, 0), high(table, place, 1));
          const d = i8x16.add(high(table, place, 2), high(table, place, 3));
          queueLow = i8x16.add(queueLow, i8x16.add(a, b));
          queueHigh = i8x16.add(queueHigh, i8x16.add(c, d));
        } else {
          for (let index = 0; index < count; index++) {
            queueLow = i8x16.add(queueLow, low(table, place, index));
            queueHigh = i8x16.add(queueHigh, high(table, place, index));
          }
        }
        if (v128.any_true(i8x16.gt_u(i8x16.max_u(queueLow, queueHigh), entries))) {
          const wait = longestOf(i8x16.max_u(queueLow, queueHigh)) - queueEntries;
          cycles += wait;
          const waits = i8x16.splat(<i8>wait);
          queueLow = i8x16.sub_sat_u(queueLow, waits);
          queueHigh = i8x16.sub_sat_u(queueHigh, waits);
        }
      }
    }
    tables += channelBytes;
  }
  v128.store(queue, queueLow);
  v128.store(queue, queueHigh, 16);
  return cycles;
}
