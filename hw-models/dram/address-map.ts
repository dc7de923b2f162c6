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

export class AddressMap {
  private readonly requestBytes: number;
  /** Power of two that a field starts at, and how many values it has. */
  private readonly unit: Readonly<Record<Field, number>>;
  private readonly size: Readonly<Record<Field, number>>;

  /** @throws ConfigError unless the text has each of the six fields once and every count is a power of two */
  constructor(organization: DramOrganization, mapping: string) {
    const fields = mapping.toLowerCase().match(/../g) ?? [];
    if (fields.length !== FIELDS.length || FIELDS.some((field) => !fields.includes(field))) {
      throw new ConfigError({
        where: "address mapping",
        got: quoteForMessage(mapping),
        want: `the six fields ${FIELDS.join(", ")}, each once, most significant first`,
        fix: "for example rochrababgco",
      });
    }
    this.requestBytes = organization.requestBytes;
    this.size = {
      ro: organization.rows,
      ch: organization.channels,
      ra: organization.ranks,
      bg: organization.bankGroups,
      ba: organization.banksPerGroup,
      co: organization.burstsPerRow,
    };
    const unit: Partial<Record<Field, number>> = {};
    let next = 1;
    for (const field of (fields as Field[]).toReversed()) {
      if (!Number.isInteger(Math.log2(this.size[field]))) {
        throw new ConfigError({
          where: `address mapping, ${field}`,
          got: String(this.size[field]),
          want: "a power of two",
          fix: "mend the device's organisation",
        });
      }
      unit[field] = next;
      next *= this.size[field];
    }
    this.unit = unit as Record<Field, number>;
  }

  channelOf(address: number): number {
    return this.field(Math.floor(address / this.requestBytes), "ch");
  }

  decode(address: number, into: DecodedAddress): void {
    const request = Math.floor(address / this.requestBytes);
    into.channel = this.field(request, "ch");
    into.rank = this.field(request, "ra");
    into.bankGroup = this.field(request, "bg");
    into.bank = this.field(request, "ba");
    into.row = this.field(request, "ro");
    into.column = this.field(request, "co");
  }

  private field(request: number, field: Field): number {
    return Math.floor(request / this.unit[field]) % this.size[field];
  }
}
