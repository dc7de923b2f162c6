/** Address mapping: every order of the six fields against bits cut out of a big integer. */
import { describe, expect, it } from "vitest";
import { AddressMap, type DecodedAddress } from "../../../../hw-models/dram/address-map.js";
import { capacityBytes, type DramOrganization } from "../../../../hw-models/dram/device.js";
import { DRAM_DEVICES } from "../../../../hw-models/dram/index.js";
import { mulberry32 } from "../../../../traces/mulberry32.js";

const FIELDS = ["ro", "ch", "ra", "bg", "ba", "co"] as const;
type Field = (typeof FIELDS)[number];

function permutations<Item>(items: readonly Item[]): Item[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item) => permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]));
}

function sizesOf(organization: DramOrganization): Readonly<Record<Field, number>> {
  const { rows, channels, ranks, bankGroups, banksPerGroup, burstsPerRow } = organization;
  return { ro: rows, ch: channels, ra: ranks, bg: bankGroups, ba: banksPerGroup, co: burstsPerRow };
}

/** The field's bits, counted from the least significant field up. */
function literalPlace(address: number, order: readonly Field[], organization: DramOrganization): DecodedAddress {
  const sizes = sizesOf(organization);
  let left = BigInt(address) / BigInt(organization.requestBytes);
  const values: Partial<Record<Field, number>> = {};
  for (const field of order.toReversed()) {
    values[field] = Number(left % BigInt(sizes[field]));
    left /= BigInt(sizes[field]);
  }
  const { ro, ch, ra, bg, ba, co } = values as Record<Field, number>;
  return { channel: ch, rank: ra, bankGroup: bg, bank: ba, row: ro, column: co };
}

describe("an address map", () => {
  for (const [name, { organization }] of Object.entries(DRAM_DEVICES)) {
    it(`of ${name} cuts addresses into the bits of its fields, in all 720 orders`, () => {
      const draw = mulberry32(11);
      const capacity = capacityBytes(organization);
      const orders = permutations(FIELDS);
      const place = { channel: 0, rank: 0, bankGroup: 0, bank: 0, row: 0, column: 0 };
      expect(orders).toHaveLength(720);
      for (const order of orders) {
        const map = new AddressMap(organization, order.join(""));
        expect(map.capacityBytes).toBe(capacity);
        const drawn = Array.from({ length: 8 }, () => Math.floor((draw() / 2 ** 32) * capacity));
        for (const address of [0, 1, capacity / 2, capacity - 1, ...drawn]) {
          map.decode(address, place);
          expect(place, `${order.join("")} ${address}`).toEqual(literalPlace(address, order, organization));
        }
      }
    });
  }

  it("takes capitals, as the peer's files have them", () => {
    const { organization } = DRAM_DEVICES.DDR4_8Gb_x8_2400!;
    const [small, capital] = [{} as DecodedAddress, {} as DecodedAddress];
    new AddressMap(organization, "rochrababgco").decode(123_456_789, small);
    new AddressMap(organization, "RoChRaBaBgCo").decode(123_456_789, capital);

    expect(capital).toEqual(small);
  });

  for (const [what, mapping] of [
    ["lacks a field", "rochrababg"],
    ["has a field twice", "rorochrababgco"],
    ["has a field that there is none of", "rochrababgxx"],
    ["is empty", ""],
  ] as const) {
    it(`refuses a text that ${what}`, () => {
      expect(() => new AddressMap(DRAM_DEVICES.DDR4_8Gb_x8_2400!.organization, mapping)).toThrow(/the six fields/);
    });
  }

  it("refuses a size that is no power of two", () => {
    const organization = { ...DRAM_DEVICES.DDR4_8Gb_x8_2400!.organization, banksPerGroup: 3 };

    expect(() => new AddressMap(organization, "rochrababgco")).toThrow(/address mapping, ba[\s\S]*power of two/);
  });
});
