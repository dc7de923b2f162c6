/** Colour is handed in: reports say what a piece of text is, the terminal's owner says how that looks. */

export interface Paint {
  /** Titles of columns and sections. */
  readonly title: (text: string) => string;
  /** Rules and labels that only structure the page. */
  readonly faint: (text: string) => string;
  readonly bar: (text: string) => string;
  /** What a reader must not overlook: marks, notes, misses. */
  readonly warning: (text: string) => string;
}

/** How a report is to look. */
export interface RenderOptions {
  /** Columns of the terminal or page. */
  readonly width: number;
  /** @default no colour */
  readonly paint?: Paint;
}

const same = (text: string): string => text;

export const PLAIN: Paint = { title: same, faint: same, bar: same, warning: same };
