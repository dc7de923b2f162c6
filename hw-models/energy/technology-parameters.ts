/** Parameter tables of process, supply and energy sources. */
import { z } from "zod";
import { real } from "../../sim/core/params.js";

export const NODES_NM = [180, 130, 90, 65, 45, 32, 20, 16, 14, 10, 7] as const;

const operatingPointTable = z.strictObject({
  name: z.string().min(1).max(40).meta({ description: "Name of the operating point", source: "design choice" }),
  clockHz: real(0, 1e11, { unit: "Hz", description: "Core clock at this point", source: "design choice" }),
  supplyVolts: real(0, 5, { unit: "V", description: "Core supply at this point", source: "design choice" }),
});

export const technologyTable = z.strictObject({
  nodeNm: z.union(NODES_NM.map((node) => z.literal(node))).meta({
    unit: "nm",
    description: "Process node; energies and areas of other nodes are scaled to it",
    source: "nodes of Stillmaker & Baas, Integration 58 (2017)",
  }),
  supplyVolts: real(0, 5, { unit: "V", description: "Core supply voltage", source: "design choice" }),
  operatingPoints: z.array(operatingPointTable).max(16).default([]).meta({
    description: "Clock and supply pairs for DVFS; the run is repeated at each with --operating-points",
    source: "design choice",
  }),
});

export const energyTable = z.strictObject({
  overrides: z
    .record(
      z.string().min(1).max(60),
      z.strictObject({
        energyPj: z.number().min(0).max(1e9).meta({ unit: "pJ", description: "Energy of one action", source: "user" }),
        source: z.string().min(1).meta({ description: "Where the figure comes from", source: "user" }),
      }),
    )
    .default({})
    .meta({
      description: "Energies that replace table entries, by action class (see 'pj show design')",
      source: "user",
    }),
});
