/**
 * What the registry knows of a built-in network: how to build it, with which options, and what has been published of its
 * size. Nothing is built until `build` is called.
 */
import type { z } from "zod";
import { ConfigError, quoteForMessage } from "../../core/errors.js";
import type { Network } from "../network.js";

interface PublishedTotals {
  /** MACs of one inference with the default options, as far as a source gives them. */
  readonly macs?: {
    readonly value: number;
    /** Relative; half a unit of the last digit published, and what the source counts differently. */
    readonly tolerance: number;
    readonly source: string;
  };
  /** Learned parameters, exact. */
  readonly parameters?: { readonly value: number; readonly source: string };
}

export interface NetworkEntry {
  readonly name: string;
  readonly description: string;
  /** Paper, and the code whose layers are followed where the paper leaves a choice. */
  readonly source: string;
  readonly optionsTable: z.ZodObject;
  readonly published: PublishedTotals;
  /** @throws ConfigError naming every option that is unknown or out of bounds */
  build(options?: Readonly<Record<string, unknown>>): Network;
}

/** An entry whose options are checked against its table before the network is built. */
export function defineNetwork<Table extends z.ZodObject>(
  parts: Omit<NetworkEntry, "build" | "optionsTable"> & {
    readonly optionsTable: Table;
    readonly build: (options: z.output<Table>) => Network;
  },
): NetworkEntry {
  return {
    ...parts,
    build: (options = {}) => {
      const parsed = parts.optionsTable.safeParse(options);
      if (parsed.success) return parts.build(parsed.data);
      throw new ConfigError(
        parsed.error.issues.map((issue) => ({
          where: ["network", parts.name, ...issue.path.map(String)].join("."),
          got: quoteForMessage(valueAt(options, issue.path)),
          want: issue.message,
          fix: `'pj show network ${parts.name}' lists the options`,
        })),
      );
    },
  };
}

function valueAt(options: Readonly<Record<string, unknown>>, path: readonly PropertyKey[]): unknown {
  const key = path[0];
  return key === undefined ? options : options[String(key)];
}
