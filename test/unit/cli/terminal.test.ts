import { describe, expect, it } from "vitest";
import { wantsColor } from "../../../cli/terminal.js";

const TERMINAL = { isTTY: true };
const PIPE = {};

describe("colour", () => {
  it("is for terminals only, unless forced", () => {
    expect(wantsColor(TERMINAL, {})).toBe(true);
    expect(wantsColor(PIPE, {})).toBe(false);
    expect(wantsColor(PIPE, { FORCE_COLOR: "1" })).toBe(true);
  });

  it("is refused by NO_COLOR when that is not empty, and by a dumb terminal", () => {
    expect(wantsColor(TERMINAL, { NO_COLOR: "1" })).toBe(false);
    expect(wantsColor(TERMINAL, { NO_COLOR: "" })).toBe(true);
    expect(wantsColor(TERMINAL, { TERM: "dumb" })).toBe(false);
  });

  it("follows FORCE_COLOR before NO_COLOR, also when it says no", () => {
    expect(wantsColor(PIPE, { FORCE_COLOR: "1", NO_COLOR: "1" })).toBe(true);
    expect(wantsColor(TERMINAL, { FORCE_COLOR: "0" })).toBe(false);
    expect(wantsColor(TERMINAL, { FORCE_COLOR: "false" })).toBe(false);
  });
});
