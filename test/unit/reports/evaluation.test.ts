import { describe, expect, it } from "vitest";
import { renderEvaluationCsv, renderLayerNoiseCsv } from "../../../reports/evaluation-csv.js";
import { renderEvaluation } from "../../../reports/evaluation-table.js";
import { totalPairs } from "../../../reports/totals-block.js";
import type { DesignAccuracy } from "../../../sim/run/evaluation/accuracy-on-design.js";
import type { Evaluation } from "../../../sim/run/evaluation/evaluate.js";
import { testReport } from "../../helpers/test-report.js";

const CLASSES: Evaluation = {
  schema: "picojoule/evaluation@1",
  tool: { name: "picojoule", version: "0" },
  seed: "7",
  data: {
    name: "fashion-mnist",
    source: "IDX files a and b",
    isGenerated: false,
    task: "classification",
    size: 10_000,
  },
  samples: 200,
  calibrationSamples: 32,
  model: {
    name: "model",
    source: "m.onnx",
    accuracy: { top1: 0.915, invalidSamples: 0 },
    weights: { storedBits: 32_000, floatBits: 32_000 },
    seconds: 1.25,
  },
  variants: [
    {
      name: "int4",
      source: "m.onnx as int4",
      accuracy: { top1: 0.5, invalidSamples: 3 },
      seconds: 2,
      weights: { storedBits: 4800, floatBits: 32_000 },
      agreementFraction: 0.525,
      layers: [
        { name: "conv1", operator: "Conv", signalToNoiseDb: 21.04 },
        { name: "relu1", operator: "Relu" },
        { name: "=fc", operator: "Gemm", signalToNoiseDb: -3.5 },
      ],
    },
  ],
};

const TEXT: Evaluation = {
  ...CLASSES,
  data: { name: "text-lines:font=f.woff", source: "generated lines", isGenerated: true, task: "text", size: 200 },
  calibrationSamples: 0,
  model: {
    name: "model",
    source: "rec.onnx",
    accuracy: {
      characterAccuracy: 0.944,
      lineAccuracy: 0.565,
      spacelessCharacterAccuracy: 0.996,
      spacelessLineAccuracy: 0.95,
      invalidSamples: 0,
    },
  },
  variants: [],
};

describe("an evaluation as text", () => {
  it("has a row a model, and the values furthest from the model's", () => {
    expect(renderEvaluation(CLASSES, { width: 80 })).toBe(
      [
        "model   m.onnx",
        "data    fashion-mnist",
        "        IDX files a and b",
        "samples 200 of 10000, drawn by seed 7, 32 others for calibration",
        "",
        "model           top-1    weights       rate     agrees lowest SNR       time",
        "---------- ---------- ---------- ---------- ---------- ---------- ----------",
        // 32000 and 4800 bits are 4000 and 600 bytes, and 32000 / 4800 = 6.67.
        "model           91.5%    4.00 kB      1.00x                            1.3 s",
        "int4            50.0%      600 B      6.67x      52.5%    -3.5 dB      2.0 s",
        "",
        "lowest of int4                                   operator                    SNR",
        "------------------------------------------------ ------------------ ------------",
        "=fc                                              Gemm                    -3.5 dB",
        "conv1                                            Conv                    21.0 dB",
        "",
        "note 3 outputs of int4 hold NaN and count as wrong",
        "",
      ].join("\n"),
    );
  });

  it("says that data were generated, and counts text with spaces and without", () => {
    expect(renderEvaluation(TEXT, { width: 80 })).toBe(
      [
        "model   rec.onnx",
        "data    text-lines:font=f.woff (GENERATED, not real)",
        "        generated lines",
        "samples 200 of 200, drawn by seed 7",
        "",
        "model      characters      lines  no spaces      lines",
        "---------- ---------- ---------- ---------- ----------",
        "model           94.4%      56.5%      99.6%      95.0%",
        "",
      ].join("\n"),
    );
  });

  it("is never wider than the page", () => {
    for (const width of [40, 60, 80, 140]) {
      for (const evaluation of [CLASSES, TEXT]) {
        for (const line of renderEvaluation(evaluation, { width }).split("\n")) {
          expect(line.length).toBeLessThanOrEqual(width);
        }
      }
    }
  });
});

describe("accuracy beside energy", () => {
  const base = {
    ...{ data: "set", source: "", isGenerated: false, samples: 50, calibrationSamples: 32, top1: 0.9 },
    ...{ onnxTop1: 0.91, mismatchFraction: 0.0123, overflowEvents: 0, layers: [] },
  };
  const shown = (accuracy: DesignAccuracy): string[] =>
    totalPairs(testReport([{ name: "l" }], { accuracy }))
      .filter(([label]) => ["accuracy", "arithmetic", "evaluated on"].includes(label))
      .map(([, text]) => text);

  it("stands beside that of the float model, where there is one", () => {
    expect(shown({ ...base, method: "int8", floatTop1: 0.92, agreementFraction: 0.96 })).toEqual([
      "90.0%, in float 92.0% top-1 (quantized by int8, 96.0% agree)",
      "1.2% of codes differ from ONNX's (91.0% right), no overflow",
      "50 samples of set",
    ]);
    expect(shown({ ...base, agreementFraction: 1 })[0]).toBe("90.0% top-1 (as the file is quantized, 100.0% agree)");
  });

  it("counts characters of text, and says when it is generated", () => {
    const text = {
      ...{ method: "int8", floatTop1: 0.95, floatCharacterAccuracy: 0.99, characterAccuracy: 0.98 },
      ...{ onnxCharacterAccuracy: 0.985, mismatchFraction: 0.00002, overflowEvents: 1234 },
    };
    expect(shown({ ...base, ...text, isGenerated: true, agreementFraction: 0.9 })).toEqual([
      "98.0%, in float 99.0% of characters; lines 90.0%, in float 95.0% (quantized by int8, 90.0% agree)",
      "20 ppm of codes differ from ONNX's (98.5% right), 1 234 overflows",
      "50 samples of set (GENERATED, not real)",
    ]);
  });

  it("says when no sum is an integer, so that the design's arithmetic was not at work", () => {
    const { mismatchFraction: _, ...real } = base;

    expect(shown({ ...real, agreementFraction: 1 })[1]).toBe(
      "no integer sums in the model: it computes in real numbers",
    );
  });

  it("is absent when it was not asked for", () => {
    expect(totalPairs(testReport([{ name: "l" }])).map(([label]) => label)).not.toContain("accuracy");
  });
});

describe("an evaluation as CSV", () => {
  it("has a row a model with units in the header", async () => {
    expect(await renderEvaluationCsv(CLASSES)).toBe(
      [
        "model,source,data,data_generated,samples_count,top1_fraction,character_accuracy_fraction,line_accuracy_fraction,spaceless_character_accuracy_fraction,spaceless_line_accuracy_fraction,invalid_samples_count,agreement_fraction,weights_stored_bits,weights_float_bits",
        "model,m.onnx,fashion-mnist,false,200,0.915,,,,,0,,32000,32000",
        "int4,m.onnx as int4,fashion-mnist,false,200,0.5,,,,,3,0.525,4800,32000",
        "",
      ].join("\r\n"),
    );
  });

  it("has a row a value, names that a spreadsheet would run marked as text", async () => {
    expect(await renderLayerNoiseCsv(CLASSES)).toBe(
      [
        "model,layer,operator,signal_to_noise_db",
        "int4,conv1,Conv,21.04",
        "int4,relu1,Relu,",
        "int4,'=fc,Gemm,-3.5",
        "",
      ].join("\r\n"),
    );
    expect(await renderLayerNoiseCsv(TEXT)).toBe("model,layer,operator,signal_to_noise_db\r\n");
  });
});
