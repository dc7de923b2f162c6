/** The part of opentype.js that is used here; the package has no types of its own. */
declare module "opentype.js" {
  export interface PathCommand {
    readonly type: "M" | "L" | "Q" | "C" | "Z";
    readonly x: number;
    readonly y: number;
    readonly x1: number;
    readonly y1: number;
    readonly x2: number;
    readonly y2: number;
  }

  export interface Font {
    readonly unitsPerEm: number;
    charToGlyphIndex(character: string): number;
    charToGlyph(character: string): {
      readonly advanceWidth?: number;
      getPath(x: number, y: number, fontSize: number): { readonly commands: readonly PathCommand[] };
    };
  }

  const opentype: { parse(buffer: ArrayBuffer): Font };

  // biome-ignore lint/style/noDefaultExport: the shape of the package, which is CommonJS
  export { opentype as default };
}
