/**
 * Address mapping: a text of two-letter fields, most significant first, laid over the address above the request's own bits:
 * ro row, ch channel, ra rank, bg bank group, ba bank in the group, co burst in the row. Addresses are Numbers, since they
 * pass 2^32; rows beyond the capacity wrap. Source: mapping strings of DRAMsim3.
 */
import { ConfigError, quoteForMessage } from "../../sim/core/errors.js";
import type { DramOrganization } from "./device.js";

const FIELDS = ["ro", "ch", "ra", "bg", "ba", "co"] as const;
type Field = (typeof FIELDS)[number];

/** Where a request goes. Reused from request to request. */
export interface DecodedAddress {
  channel: number;
  rank: number;
  bankGroup: number;
  bank: number;
  row: number;
  column: number;
}

/** Place of a field in the number of a request: it starts at the power of two whose inverse is kept. */
interface FieldPlace {
  readonly inverse: number;
  readonly mask: number;
}

export class AddressMap {
  /** Bytes that have an address of their own; those beyond wrap. */
  readonly capacityBytes: number;
  private readonly perRequest: number;
  private readonly row: FieldPlace;
  private readonly channel: FieldPlace;
  private readonly rank: FieldPlace;
  private readonly bankGroup: FieldPlace;
  private readonly bank: FieldPlace;
  private readonly column: FieldPlace;

  /** @throws ConfigError unless the text has each of the six fields once and every count is a power of two */
  constructor(organization: DramOrganization, mapping: string) {
    const sizes: Readonly<Record<Field, number>> = {
      ro: organization.rows,
      ch: organization.channels,
      ra: organization.ranks,
      bg: organization.bankGroups,
      ba: organization.banksPerGroup,
      co: organization.burstsPerRow,
    };
    const places: Partial<Record<Field, FieldPlace>> = {};
    let unit = 1;
    for (const field of fieldsOf(mapping).toReversed()) {
      const size = sizes[field];
      if (!Number.isInteger(Math.log2(size))) {
        throw new ConfigError({
          where: `address mapping, ${field}`,
          got: String(size),
          want: "a power of two",
          fix: "mend the device's organisation",
        });
      }
      places[field] = { inverse: 1 / unit, mask: size - 1 };
      unit *= size;
    }
    const { ro, ch, ra, bg, ba, co } = places as Record<Field, FieldPlace>;
    this.row = ro;
    this.channel = ch;
    this.rank = ra;
    this.bankGroup = bg;
    this.bank = ba;
    this.column = co;
    this.perRequest = 1 / organization.requestBytes;
    this.capacityBytes = unit * organization.requestBytes;
  }

  /** Places of an address. */
  decode(address: number, into: DecodedAddress): void {
    const request = Math.floor(address * this.perRequest);
    into.channel = fieldOf(request, this.channel);
    into.rank = fieldOf(request, this.rank);
    into.bankGroup = fieldOf(request, this.bankGroup);
    into.bank = fieldOf(request, this.bank);
    into.row = fieldOf(request, this.row);
    into.column = fieldOf(request, this.column);
  }
}

/** Sizes are powers of two: the product is exact, and the conversion to 32 bits keeps the low ones, which the mask needs. */
function fieldOf(request: number, { inverse, mask }: FieldPlace): number {
  return (request * inverse) & mask;
}

function fieldsOf(mapping: string): readonly Field[] {
  const fields: readonly string[] = mapping.toLowerCase().match(/../g) ?? [];
  if (mapping.length !== 2 * FIELDS.length || FIELDS.some((field) => !fields.includes(field))) {
    throw new ConfigError({
      where: "address mapping",
      got: quoteForMessage(mapping),
      want: `the six fields ${FIELDS.join(", ")}, each once, most significant first`,
      fix: "for example rochrababgco",
    });
  }
  return fields as readonly Field[];
}
