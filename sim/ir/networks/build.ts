/** Builds a network of the registry by name, with options as they come from a command line. */
import { lookUp } from "../../core/registry.js";
import type { Network } from "../network.js";
import { NETWORKS } from "./index.js";

/**
 * The network of that name. Options written as digits are numbers.
 * @throws ConfigError for an unknown name, or options that the network does not have or that are out of bounds
 */
export function buildNetwork(name: string, options: Readonly<Record<string, string | number>> = {}): Network {
  const values = Object.entries(options).map(([key, value]) => {
    return [key, typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value] as const;
  });
  return lookUp(NETWORKS, name, "network").build(Object.fromEntries(values));
}
