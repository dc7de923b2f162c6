/**
 * Sizes of the built-in networks against published ones, and against counts made here by independent loops over the tables
 * of the papers. Parameters must agree exactly. Published MACs are rounded, so they come with a tolerance; the hand counts
 * are exact. MACs are those of convolutions, linear layers and matrix products.
 */
import { describe, expect, test } from "vitest";
import { networkMacs, networkParameters } from "../../sim/ir/network.js";
import { buildNetwork } from "../../sim/ir/networks/build.js";
import { NETWORKS } from "../../sim/ir/networks/index.js";

/**
 * torchvision: `num_params` and `_ops` (10^9) of the weights' metadata; attention products are included.
 * Hugging Face: parameters of BertModel (bert-base-uncased, with pooler), GPT2LMHeadModel (gpt2), Meta-Llama-3-8B.
 * imgclsmob: model zoo, PreResNet-164(BN) on CIFAR-10.
 */
const PUBLISHED_PARAMETERS: Record<string, number> = {
  alexnet: 61_100_840,
  vgg11: 132_863_336,
  vgg16: 138_357_544,
  resnet18: 11_689_512,
  resnet50: 25_557_032,
  mobilenetv2: 3_504_872,
  "efficientnet-b0": 5_288_548,
  googlenet: 6_624_904,
  "vit-b16": 86_567_656,
  resnet164: 1_703_258,
  "bert-base": 109_482_240,
  "gpt2-prefill": 124_439_808,
  "gpt2-decode": 124_439_808,
  "llama3-8b-prefill": 8_030_261_248,
  "llama3-8b-decode": 8_030_261_248,
};

/** Value and relative tolerance: half a unit of the last digit, wider where the source counts other work too. */
const PUBLISHED_MACS: Record<string, readonly [value: number, tolerance: number]> = {
  alexnet: [0.714e9, 0.0005 / 0.714],
  vgg11: [7.609e9, 0.0005 / 7.609],
  vgg16: [15.47e9, 0.005 / 15.47],
  resnet18: [1.814e9, 0.0005 / 1.814],
  resnet50: [4.089e9, 0.0005 / 4.089],
  mobilenetv2: [0.301e9, 0.0005 / 0.301],
  "efficientnet-b0": [0.386e9, 0.0005 / 0.386],
  googlenet: [1.498e9, 0.0005 / 1.498],
  "vit-b16": [17.564e9, 0.0005 / 17.564],
  // Baseline of the CIFAR-10 pruning literature (HRank, FilterSketch).
  resnet56: [125.49e6, 0.005 / 125.49],
  // DeepLabV3Plus-Pytorch, ResNet-50 at output stride 16; the image size behind it is not stated beside the figure.
  deeplabv3plus: [62.7e9, 0.01],
};

function print(name: string, what: string, got: number, want: number): void {
  const gap = ((got / want - 1) * 100).toFixed(3);
  console.info(`${name}: ${got} ${what}, published ${want}, gap ${gap}%`);
}

describe("published sizes", () => {
  test.each(Object.entries(PUBLISHED_PARAMETERS))("%s has its published parameters exactly", (name, parameters) => {
    expect(networkParameters(buildNetwork(name))).toBe(parameters);
    expect(NETWORKS[name]!.published.parameters?.value).toBe(parameters);
  });

  test.each(Object.entries(PUBLISHED_MACS))(
    "%s has its published MACs within the rounding",
    (name, [macs, tolerance]) => {
      const counted = networkMacs(buildNetwork(name));

      print(name, "MACs", counted, macs);
      expect(Math.abs(counted / macs - 1)).toBeLessThanOrEqual(tolerance);
      expect(NETWORKS[name]!.published.macs?.value).toBe(macs);
    },
  );

  test.each(Object.values(NETWORKS))("$name agrees with every figure its entry quotes", ({ build, published }) => {
    const network = build();

    if (published.parameters !== undefined) expect(networkParameters(network)).toBe(published.parameters.value);
    if (published.macs !== undefined) {
      const gap = Math.abs(networkMacs(network) / published.macs.value - 1);
      expect(gap).toBeLessThanOrEqual(published.macs.tolerance);
    }
  });
});

/** MACs and parameters, added up layer by layer. */
class Tally {
  macs = 0;
  parameters = 0;

  /** Convolution with an ofmap of size x size; `extra` parameters per output channel (1: bias, 2: batch norm). */
  conv(size: number, inputs: number, outputs: number, kernel: number, extra: number, groups = 1): void {
    const weights = (inputs / groups) * outputs * kernel * kernel;
    this.macs += weights * size * size;
    this.parameters += weights + extra * outputs;
  }

  linear(rows: number, inputs: number, outputs: number, bias = true): void {
    this.macs += rows * inputs * outputs;
    this.parameters += inputs * outputs + (bias ? outputs : 0);
  }
}

function expectTotals(name: string, tally: Tally, options: Record<string, string | number> = {}): void {
  const network = buildNetwork(name, options);
  expect({ macs: networkMacs(network), parameters: networkParameters(network) }).toEqual({
    macs: tally.macs,
    parameters: tally.parameters,
  });
}

describe("hand counts", () => {
  test("LeNet-5: 416,520 MACs and 61,706 parameters as in the paper, 2,293,000 and 431,080 in the Caffe form", () => {
    const lecun = new Tally();
    lecun.conv(28, 1, 6, 5, 1);
    lecun.conv(10, 6, 16, 5, 1);
    lecun.linear(1, 400, 120);
    lecun.linear(1, 120, 84);
    lecun.linear(1, 84, 10);
    const caffe = new Tally();
    caffe.conv(24, 1, 20, 5, 1);
    caffe.conv(8, 20, 50, 5, 1);
    caffe.linear(1, 800, 500);
    caffe.linear(1, 500, 10);

    expect([lecun.macs, lecun.parameters]).toEqual([416_520, 61_706]);
    expect([caffe.macs, caffe.parameters]).toEqual([2_293_000, 431_080]);
    expectTotals("lenet5", lecun);
    expectTotals("lenet5", caffe, { variant: "caffe" });
  });

  test.each([
    ["mlp-1", [784, 300, 100, 10]],
    ["mlp-2", [784, 500, 300, 10]],
  ] as const)("%s is the perceptron %j", (name, widths) => {
    const tally = new Tally();
    for (let layer = 0; layer < 3; layer++) tally.linear(1, widths[layer]!, widths[layer + 1]!);

    expectTotals(name, tally);
  });

  test("AlexNet: ofmaps of 55, 27 and 13", () => {
    const tally = new Tally();
    tally.conv(55, 3, 64, 11, 1);
    tally.conv(27, 64, 192, 5, 1);
    tally.conv(13, 192, 384, 3, 1);
    tally.conv(13, 384, 256, 3, 1);
    tally.conv(13, 256, 256, 3, 1);
    tally.linear(1, 256 * 6 * 6, 4096);
    tally.linear(1, 4096, 4096);
    tally.linear(1, 4096, 1000);

    expectTotals("alexnet", tally);
  });

  test.each([
    ["vgg11", "64 M 128 M 256 256 M 512 512 M 512 512 M"],
    ["vgg16", "64 64 M 128 128 M 256 256 256 M 512 512 512 M 512 512 512 M"],
  ])("%s follows its column of the paper's table 1", (name, configuration) => {
    const tally = new Tally();
    let [size, channels] = [224, 3];
    for (const item of configuration.split(" ")) {
      if (item === "M") size /= 2;
      else {
        tally.conv(size, channels, Number(item), 3, 1);
        channels = Number(item);
      }
    }
    tally.linear(1, 512 * 7 * 7, 4096);
    tally.linear(1, 4096, 4096);
    tally.linear(1, 4096, 1000);

    expectTotals(name, tally);
  });

  test("VGG-19 for CIFAR-10 has 20,035,018 parameters, and 797,304,842 operations by the rule of the pruning literature", () => {
    const tally = new Tally();
    let [size, channels, elements, pooled] = [32, 3, 0, 0];
    for (const item of "64 64 M 128 128 M 256 256 256 256 M 512 512 512 512 M 512 512 512 512".split(" ")) {
      if (item === "M") {
        size /= 2;
        pooled += 4 * channels * size * size;
      } else {
        tally.conv(size, channels, Number(item), 3, 2);
        channels = Number(item);
        elements += channels * size * size;
      }
    }
    tally.linear(1, 512, 10);

    expectTotals("vgg19", tally);
    expect(tally.parameters).toBe(20_035_018);
    // Two to a MAC, biases, two per element for batch norm, one for ReLU, a window's size per pooled value.
    expect(2 * tally.macs + 10 + 2 * elements + elements + pooled).toBe(797_304_842);
  });

  test("ResNet-18 and ResNet-50: table 1 of the paper, stride in the 3x3 convolution", () => {
    const basic = new Tally();
    const bottleneck = new Tally();
    for (const tally of [basic, bottleneck]) tally.conv(112, 3, 64, 7, 2);
    let channels = 64;
    for (const [stage, width] of [64, 128, 256, 512].entries()) {
      const size = 56 / 2 ** stage;
      for (let block = 0; block < 2; block++) {
        basic.conv(size, channels, width, 3, 2);
        basic.conv(size, width, width, 3, 2);
        if (channels !== width) basic.conv(size, channels, width, 1, 2);
        channels = width;
      }
    }
    channels = 64;
    for (const [stage, blocks] of [3, 4, 6, 3].entries()) {
      const [size, width] = [56 / 2 ** stage, 64 * 2 ** stage];
      for (let block = 0; block < blocks; block++) {
        const sizeBefore = stage > 0 && block === 0 ? 2 * size : size;
        bottleneck.conv(sizeBefore, channels, width, 1, 2);
        bottleneck.conv(size, width, width, 3, 2);
        bottleneck.conv(size, width, 4 * width, 1, 2);
        if (block === 0) bottleneck.conv(size, channels, 4 * width, 1, 2);
        channels = 4 * width;
      }
    }
    basic.linear(1, 512, 1000);
    bottleneck.linear(1, 2048, 1000);

    expectTotals("resnet18", basic);
    expectTotals("resnet50", bottleneck);
  });

  test("ResNet-56 has 853,018 parameters and 125,485,696 MACs: shortcuts cost neither", () => {
    const tally = new Tally();
    tally.conv(32, 3, 16, 3, 2);
    let channels = 16;
    for (const [stage, width] of [16, 32, 64].entries()) {
      for (let conv = 0; conv < 18; conv++) {
        tally.conv(32 / 2 ** stage, channels, width, 3, 2);
        channels = width;
      }
    }
    tally.linear(1, 64, 10);

    expect([tally.parameters, tally.macs]).toEqual([853_018, 125_485_696]);
    expectTotals("resnet56", tally);
  });

  test("ResNet-164: 54 bottlenecks, and half its operations by the rule of the model zoo that publishes 255.08M", () => {
    const tally = new Tally();
    let [elements, filterPlanes] = [0, 0];
    const conv = (size: number, inputs: number, outputs: number, kernel: number): void => {
      tally.conv(size, inputs, outputs, kernel, 0);
      filterPlanes += inputs * outputs;
    };
    conv(32, 3, 16, 3);
    let channels = 16;
    for (const [stage, width] of [16, 32, 64].entries()) {
      const size = 32 / 2 ** stage;
      for (let block = 0; block < 18; block++) {
        const sizeBefore = stage > 0 && block === 0 ? 2 * size : size;
        conv(sizeBefore, channels, width, 1);
        conv(size, width, width, 3);
        conv(size, width, 4 * width, 1);
        tally.parameters += 2 * (channels + width + width);
        elements += (channels + width) * sizeBefore ** 2 + width * size ** 2;
        if (block === 0) conv(size, channels, 4 * width, 1);
        channels = 4 * width;
      }
    }
    tally.parameters += 2 * 256;
    elements += 256 * 8 ** 2;
    tally.linear(1, 256, 10);

    expectTotals("resnet164", tally);
    // imgclsmob model_stats: two to a MAC, less one for each pair of channels of a convolution without bias; four per
    // element for batch norm, one for ReLU, one per pooled value. Its README lists half of the sum.
    const operations = 2 * tally.macs - filterPlanes + 4 * elements + elements + 256 * 8 ** 2;
    expect(operations / 2).toBe(255_078_504);
  });

  test("MobileNetV2: table 2 of the paper", () => {
    const tally = new Tally();
    tally.conv(112, 3, 32, 3, 2);
    let [size, channels] = [112, 32];
    for (const [t, c, n, s] of [
      [1, 16, 1, 1],
      [6, 24, 2, 2],
      [6, 32, 3, 2],
      [6, 64, 4, 2],
      [6, 96, 3, 1],
      [6, 160, 3, 2],
      [6, 320, 1, 1],
    ] as const) {
      for (let block = 0; block < n; block++) {
        const hidden = t * channels;
        if (t > 1) tally.conv(size, channels, hidden, 1, 2);
        if (block === 0) size /= s;
        tally.conv(size, hidden, hidden, 3, 2, hidden);
        tally.conv(size, hidden, c, 1, 2);
        channels = c;
      }
    }
    tally.conv(7, 320, 1280, 1, 2);
    tally.linear(1, 1280, 1000);

    expectTotals("mobilenetv2", tally);
  });

  test("EfficientNet-B0: table 1 of the paper, gates squeezed to a quarter of the block's input", () => {
    const tally = new Tally();
    tally.conv(112, 3, 32, 3, 2);
    let [size, channels] = [112, 32];
    for (const [t, k, s, c, n] of [
      [1, 3, 1, 16, 1],
      [6, 3, 2, 24, 2],
      [6, 5, 2, 40, 2],
      [6, 3, 2, 80, 3],
      [6, 5, 1, 112, 3],
      [6, 5, 2, 192, 4],
      [6, 3, 1, 320, 1],
    ] as const) {
      for (let block = 0; block < n; block++) {
        const hidden = t * channels;
        const squeezed = Math.floor(channels / 4);
        if (t > 1) tally.conv(size, channels, hidden, 1, 2);
        if (block === 0) size /= s;
        tally.conv(size, hidden, hidden, k, 2, hidden);
        tally.linear(1, hidden, squeezed);
        tally.linear(1, squeezed, hidden);
        tally.conv(size, hidden, c, 1, 2);
        channels = c;
      }
    }
    tally.conv(7, 320, 1280, 1, 2);
    tally.linear(1, 1280, 1000);

    expectTotals("efficientnet-b0", tally);
  });

  test.each([3, 5])(
    "GoogLeNet: table 1 of the paper, batch norm behind convolutions, third branches of %i rows",
    (third) => {
      const tally = new Tally();
      tally.conv(112, 3, 64, 7, 2);
      tally.conv(56, 64, 64, 1, 2);
      tally.conv(56, 64, 192, 3, 2);
      for (const [size, inputs, one, reduce, three, reduceThird, thirds, pool] of [
        [28, 192, 64, 96, 128, 16, 32, 32],
        [28, 256, 128, 128, 192, 32, 96, 64],
        [14, 480, 192, 96, 208, 16, 48, 64],
        [14, 512, 160, 112, 224, 24, 64, 64],
        [14, 512, 128, 128, 256, 24, 64, 64],
        [14, 512, 112, 144, 288, 32, 64, 64],
        [14, 528, 256, 160, 320, 32, 128, 128],
        [7, 832, 256, 160, 320, 32, 128, 128],
        [7, 832, 384, 192, 384, 48, 128, 128],
      ] as const) {
        for (const filters of [one, reduce, reduceThird, pool]) tally.conv(size, inputs, filters, 1, 2);
        tally.conv(size, reduce, three, 3, 2);
        tally.conv(size, reduceThird, thirds, third, 2);
      }
      tally.linear(1, 1024, 1000);

      expectTotals("googlenet", tally, { thirdBranchKernel: third });
    },
  );

  test("DeepLabV3+ at 513x513: ofmaps of 257, 129, 65 and 33, the last stage dilated", () => {
    const tally = new Tally();
    tally.conv(257, 3, 64, 7, 2);
    let channels = 64;
    const sizes = [129, 65, 33, 33];
    for (const [stage, blocks] of [3, 4, 6, 3].entries()) {
      const [size, width] = [sizes[stage]!, 64 * 2 ** stage];
      for (let block = 0; block < blocks; block++) {
        const sizeBefore = block === 0 && stage > 0 ? sizes[stage - 1]! : size;
        tally.conv(sizeBefore, channels, width, 1, 2);
        tally.conv(size, width, width, 3, 2);
        tally.conv(size, width, 4 * width, 1, 2);
        if (block === 0) tally.conv(size, channels, 4 * width, 1, 2);
        channels = 4 * width;
      }
    }
    tally.conv(33, 2048, 256, 1, 2);
    for (let rate = 0; rate < 3; rate++) tally.conv(33, 2048, 256, 3, 2);
    tally.conv(1, 2048, 256, 1, 2);
    tally.conv(33, 5 * 256, 256, 1, 2);
    tally.conv(129, 256, 48, 1, 2);
    tally.conv(129, 48 + 256, 256, 3, 2);
    tally.conv(129, 256, 21, 1, 1);

    expectTotals("deeplabv3plus", tally);
  });
});

/** The four products and the two norms of an encoder layer of width 768, as BERT, ViT and GPT-2 share them. */
function transformerLayer(tally: Tally, tokens: number, context: number): void {
  for (let projection = 0; projection < 4; projection++) tally.linear(tokens, 768, 768);
  tally.linear(tokens, 768, 3072);
  tally.linear(tokens, 3072, 768);
  // Twelve heads: scores and their product with the values.
  for (let head = 0; head < 12; head++) tally.macs += 2 * tokens * context * 64;
  tally.parameters += 2 * (768 + 768);
}

describe("hand counts of transformers", () => {
  test.each([128, 384])("BERT-base over %i tokens", (tokens) => {
    const tally = new Tally();
    tally.parameters += (30_522 + 512 + 2) * 768 + 2 * 768;
    for (let layer = 0; layer < 12; layer++) transformerLayer(tally, tokens, tokens);
    tally.linear(1, 768, 768);

    expectTotals("bert-base", tally, { sequenceTokens: tokens });
  });

  test("ViT-B/16 over 197 tokens", () => {
    const tally = new Tally();
    tally.conv(14, 3, 768, 16, 1);
    tally.parameters += 768 + 197 * 768;
    for (let layer = 0; layer < 12; layer++) transformerLayer(tally, 197, 197);
    tally.parameters += 2 * 768;
    tally.linear(1, 768, 1000);

    expectTotals("vit-b16", tally);
  });

  test.each([
    ["gpt2-prefill", 1024, 1024],
    ["gpt2-prefill", 100, 100],
    ["gpt2-decode", 1, 1024],
    ["gpt2-decode", 1, 100],
  ])("%s of %i tokens against %i: the output layer sees one token and shares its weights", (name, tokens, context) => {
    const tally = new Tally();
    tally.parameters += 1024 * 768;
    for (let layer = 0; layer < 12; layer++) transformerLayer(tally, tokens, context);
    tally.parameters += 2 * 768;
    tally.linear(1, 768, 50_257, false);

    expectTotals(name, tally, { contextTokens: context });
  });

  test.each([
    ["llama3-8b-prefill", 2048, 2048],
    ["llama3-8b-decode", 1, 2048],
    ["llama3-8b-decode", 1, 8192],
  ])("%s of %i tokens against %i: 32 query heads, 8 key-value heads", (name, tokens, context) => {
    const tally = new Tally();
    tally.parameters += 128_256 * 4096;
    for (let layer = 0; layer < 32; layer++) {
      tally.linear(tokens, 4096, 32 * 128, false);
      tally.linear(tokens, 4096, 8 * 128, false);
      tally.linear(tokens, 4096, 8 * 128, false);
      tally.linear(tokens, 32 * 128, 4096, false);
      for (let head = 0; head < 32; head++) tally.macs += 2 * tokens * context * 128;
      for (let matrix = 0; matrix < 3; matrix++) tally.linear(tokens, 4096, 14_336, false);
      tally.parameters += 2 * 4096;
    }
    tally.parameters += 4096;
    tally.linear(1, 4096, 128_256, false);

    expectTotals(name, tally, { contextTokens: context });
  });
});
