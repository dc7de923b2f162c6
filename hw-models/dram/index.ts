/** Registries of DRAM standards and of the parts that users name. */
import type { DramPreset } from "./preset.js";
import { DDR3, DDR3_8GB_X8_1600 } from "./standards/ddr3.js";
import { DDR4, DDR4_8GB_X8_2400 } from "./standards/ddr4.js";
import { GDDR5 } from "./standards/gddr5.js";
import { GDDR6, GDDR6_8GB_X16 } from "./standards/gddr6.js";
import { HBM1 } from "./standards/hbm1.js";
import { HBM2, HBM2_8GB_X128 } from "./standards/hbm2.js";
import { LPDDR3 } from "./standards/lpddr3.js";
import { LPDDR4, LPDDR4_8GB_X16_2400 } from "./standards/lpddr4.js";
import type { DramStandard } from "./standards/standard.js";

export const DRAM_STANDARDS: Readonly<Record<string, DramStandard>> = {
  DDR3,
  DDR4,
  LPDDR3,
  LPDDR4,
  GDDR5,
  GDDR6,
  HBM1,
  HBM2,
};

export const DRAM_DEVICES: Readonly<Record<string, DramPreset>> = {
  DDR3_8Gb_x8_1600: DDR3_8GB_X8_1600,
  DDR4_8Gb_x8_2400: DDR4_8GB_X8_2400,
  LPDDR4_8Gb_x16_2400: LPDDR4_8GB_X16_2400,
  HBM2_8Gb_x128: HBM2_8GB_X128,
  GDDR6_8Gb_x16: GDDR6_8GB_X16,
};
