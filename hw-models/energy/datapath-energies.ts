/**
 * Energies of the datapath: MACs, registers, vector operations, decoding. A width that a source lacks is interpolated in
 * log(energy) over log(width) between the widths it has; a multiplier of unequal operands counts as one of their geometric
 * mean, since its energy grows with the product of widths.
 */

import { ACCELERGY_45NM } from "./accelergy-45nm.js";
import { ALADDIN_40NM } from "./aladdin-40nm.js";
import { BIT_FUSION_45NM } from "./bit-fusion-45nm.js";
import { type Opinion, opinionOf, sumOpinions } from "./class-estimate.js";
import { EYERISS_65NM } from "./eyeriss-65nm.js";
import { HOROWITZ_45NM } from "./horowitz-45nm.js";
import { ISAAC_32NM } from "./isaac-32nm.js";
import { SMARTEXCHANGE_28NM } from "./smartexchange-28nm.js";
import type { Process } from "./technology-scaling.js";
import { TPUV4I_7NM, TPUV4I_HIGHEST_NODE_NM } from "./tpuv4i-7nm.js";
import type { UnitFigure } from "./unit-figure.js";

/** A figure at a width, from two that bracket it. */
function atWidth(small: UnitFigure, large: UnitFigure, bits: number, to: Process): Opinion {
  if (bits === small.bits) return opinionOf(small, to);
  if (bits === large.bits) return opinionOf(large, to);
  const slope = Math.log(large.value / small.value) / Math.log(large.bits! / small.bits!);
  const factor = (bits / small.bits!) ** slope;
  return opinionOf(small, to, factor, `from ${small.bits} to ${bits} bits by its own figure at ${large.bits} bits`);
}

/** Horowitz's adder has three widths. */
function horowitzAdd(bits: number, to: Process): Opinion {
  const { intAdd8, intAdd16, intAdd32 } = HOROWITZ_45NM;
  return bits <= 16 ? atWidth(intAdd8, intAdd16, bits, to) : atWidth(intAdd16, intAdd32, bits, to);
}

function aladdinAdd(bits: number, to: Process): Opinion {
  return opinionOf(ALADDIN_40NM.adderAdd32, to, bits / 32, `linear in width, to ${bits} bits`);
}

/** One multiply and one accumulate; registers apart. */
export function macOpinions(
  activationBits: number,
  weightBits: number,
  accumulatorBits: number,
  to: Process,
): Opinion[] {
  const width = Math.sqrt(activationBits * weightBits);
  const multipliers = `multiplier quadratic in width, to ${activationBits} x ${weightBits} bits`;
  const opinions = [
    sumOpinions(atWidth(HOROWITZ_45NM.intMult8, HOROWITZ_45NM.intMult32, width, to), horowitzAdd(accumulatorBits, to)),
    sumOpinions(
      opinionOf(ALADDIN_40NM.multiplierMult32, to, (width / 32) ** 2, multipliers),
      aladdinAdd(accumulatorBits, to),
    ),
  ];
  if (to.nodeNm <= TPUV4I_HIGHEST_NODE_NM) {
    opinions.push(
      sumOpinions(
        atWidth(TPUV4I_7NM.intMult8, TPUV4I_7NM.intMult32, width, to),
        atWidth(TPUV4I_7NM.intAdd8, TPUV4I_7NM.intAdd32, accumulatorBits, to),
      ),
    );
  }
  if (activationBits === 16 && weightBits === 16) return [...opinions, opinionOf(EYERISS_65NM.macAccess16, to)];
  if (activationBits !== 8 || weightBits !== 8) return opinions;
  const { macCompute } = ACCELERGY_45NM;
  return [
    ...opinions,
    opinionOf(macCompute, to, 1, "8-bit MAC of its Simba-like example; examples with 16-bit MACs give the same figure"),
    opinionOf(ALADDIN_40NM.intmacCompute8, to),
    opinionOf(SMARTEXCHANGE_28NM.macOp8, to),
  ];
}

/**
 * One digit of a radix-4 multiplication: a multiplier is as many digits as its operand has, so the part of one is charged, and
 * the accumulation is a whole one.
 */
export function digitOpinions(
  activationBits: number,
  weightBits: number,
  accumulatorBits: number,
  to: Process,
): Opinion[] {
  const width = Math.sqrt(activationBits * weightBits);
  const digits = Math.ceil(activationBits / 2);
  const { intMult8, intMult32 } = HOROWITZ_45NM;
  const whole = atWidth(intMult8, intMult32, width, to);
  const part = { energyPj: whole.energyPj / digits, source: `${whole.source}; one of ${digits} radix-4 digits` };
  const why = `quadratic in width, to ${activationBits} x ${weightBits} bits; one of ${digits} radix-4 digits`;
  return [
    sumOpinions(part, horowitzAdd(accumulatorBits, to)),
    sumOpinions(
      opinionOf(ALADDIN_40NM.multiplierMult32, to, (width / 32) ** 2 / digits, why),
      aladdinAdd(accumulatorBits, to),
    ),
  ];
}

/** A product with a power of two: a barrel shift and an addition, never the shift alone. */
export function shiftAddOpinions(shiftBits: number, sumBits: number, to: Process): Opinion[] {
  const shift = (bits: number): Opinion =>
    opinionOf(ALADDIN_40NM.shifterShift32, to, bits / 32, `linear in width, to ${bits} bits`);
  const unit = ISAAC_32NM.shiftAndAddOp16;
  return [
    sumOpinions(shift(shiftBits), horowitzAdd(sumBits, to)),
    sumOpinions(shift(shiftBits), aladdinAdd(sumBits, to)),
    opinionOf(unit, to, sumBits / unit.bits, `linear in width, to ${sumBits} bits`),
  ];
}

/** A part of an opinion. */
function partOf(whole: Opinion, part: number, why: string): Opinion {
  return { energyPj: whole.energyPj * part, source: `${whole.source}; ${why}` };
}

/** Operands of a brick: digits of 2 bits with a sign. */
const BRICK_OPERAND_BITS = 3;
/** A fusion unit: 16 bricks, whose products 12 adders of 8 bits and 3 of 16 put together four at a time. */
const BRICKS = 16;
const NARROW_TREE_ADDERS = 12;
const WIDE_TREE_ADDERS = 3;

/**
 * A digit of 2 bits times one of 2 bits, with its share of the unit's adders and of the multiplexers that shift before them: as the
 * unit was synthesised, or put together from figures of its parts, none of which was made so small.
 */
export function brickOpinions(to: Process): Opinion[] {
  const shiftedBits = (NARROW_TREE_ADDERS * 8 + WIDE_TREE_ADDERS * 16) / BRICKS;
  const [stage] = multiplexerOpinions(to);
  const shifts = partOf(stage!, shiftedBits, `${shiftedBits} bits shifted a brick`);
  const tree = (add: (bits: number, to: Process) => Opinion): Opinion[] => [
    partOf(add(8, to), NARROW_TREE_ADDERS / BRICKS, `${NARROW_TREE_ADDERS} a unit of ${BRICKS} bricks`),
    partOf(add(16, to), WIDE_TREE_ADDERS / BRICKS, `${WIDE_TREE_ADDERS} a unit of ${BRICKS} bricks`),
  ];
  const { intMult8, intMult32 } = HOROWITZ_45NM;
  const square = (BRICK_OPERAND_BITS / 32) ** 2;
  return [
    opinionOf(
      BIT_FUSION_45NM.fusionUnitOp8,
      to,
      1 / BRICKS,
      `one of ${BRICKS} bricks; holds the unit's psum adder too`,
    ),
    sumOpinions(atWidth(intMult8, intMult32, BRICK_OPERAND_BITS, to), ...tree(horowitzAdd), shifts),
    sumOpinions(
      opinionOf(ALADDIN_40NM.multiplierMult32, to, square, `quadratic in width, to ${BRICK_OPERAND_BITS} bits`),
      ...tree(aladdinAdd),
      shifts,
    ),
  ];
}

/**
 * A bit of one operand times the other operand, added up: a multiplier is as many rows of gates and adders as its serial operand
 * has bits, so the part of one is charged; or the addition alone.
 */
export function bitProductOpinions(wholeBits: number, serialBits: number, to: Process): Opinion[] {
  const { intMult8, intMult32 } = HOROWITZ_45NM;
  const width = Math.sqrt(wholeBits * serialBits);
  const why = `one of ${serialBits} rows`;
  const square = `quadratic in width, to ${wholeBits} x ${serialBits} bits`;
  return [
    partOf(atWidth(intMult8, intMult32, width, to), 1 / serialBits, why),
    opinionOf(ALADDIN_40NM.multiplierMult32, to, (width / 32) ** 2 / serialBits, `${square}; ${why}`),
    horowitzAdd(wholeBits, to),
  ];
}

/** Adding the sum of a tree to a psum. */
export function treeSumOpinions(accumulatorBits: number, to: Process): Opinion[] {
  return [horowitzAdd(accumulatorBits, to), aladdinAdd(accumulatorBits, to)];
}

/** Looking at an entry of an index: a comparison or addition of 8 bits. */
export function indexOpinions(to: Process): Opinion[] {
  const comparator = ALADDIN_40NM.comparatorCompare32;
  return [opinionOf(comparator, to, 8 / comparator.bits, "linear in width, to 8 bits of position"), horowitzAdd(8, to)];
}

/** A word through a crossbar of up to 32 ports, which has the stages of multiplexers of a 32-bit barrel shifter, and into a register. */
export function crossbarOpinions(bits: number, to: Process): Opinion[] {
  const stages = opinionOf(ALADDIN_40NM.shifterShift32, to, bits / 32, `its five stages of multiplexers, ${bits} bits`);
  const register = (times: number): Opinion =>
    opinionOf(ALADDIN_40NM.registerRead1, to, bits * times, `${bits} bits, ${times === 1 ? "once" : "in and out"}`);
  return [sumOpinions(stages, register(1)), sumOpinions(stages, register(2))];
}

/** A bit through one two-way stage of a multiplexer, alone or with the register bit behind it. */
export function multiplexerOpinions(to: Process): Opinion[] {
  const { shifterShift32, registerRead1 } = ALADDIN_40NM;
  const stages = Math.log2(shifterShift32.bits);
  const stage = opinionOf(shifterShift32, to, 1 / (shifterShift32.bits * stages), "one bit of one of its five stages");
  return [stage, sumOpinions(stage, opinionOf(registerRead1, to, 1, "1 bit behind it"))];
}

/** Writing a register; the sources give reads, and a write of a flip-flop is charged like one. */
export function registerOpinions(bits: number, to: Process): Opinion[] {
  const file = EYERISS_65NM.rfAccess16;
  return [
    opinionOf(ALADDIN_40NM.registerRead1, to, bits, `${bits} bits`),
    opinionOf(file, to, bits / file.bits, `register file of 0.5 KB, an upper bound for a register; ${bits} bits`),
  ];
}

/** One operation of a vector lane: an addition and a register write at the accumulator's width. */
export function vectorOpinions(bits: number, to: Process): Opinion[] {
  const register = opinionOf(ALADDIN_40NM.registerRead1, to, bits, `${bits} bits`);
  return [sumOpinions(horowitzAdd(bits, to), register), sumOpinions(aladdinAdd(bits, to), register)];
}

/** Placing one decoded weight: comparing its position and writing it. */
export function decodeOpinions(weightBits: number, to: Process): Opinion[] {
  const register = opinionOf(ALADDIN_40NM.registerRead1, to, weightBits, `${weightBits} bits`);
  const comparator = opinionOf(ALADDIN_40NM.comparatorCompare32, to, 8 / 32, "linear in width, to 8 bits of position");
  return [sumOpinions(comparator, register), sumOpinions(horowitzAdd(8, to), register)];
}
