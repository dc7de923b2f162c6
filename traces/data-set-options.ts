/**
 * The parameters behind a data set's name, `idx:images=a.gz,labels=b.gz`: each read once with its bounds, every complaint
 * about them together. A piece without `=` belongs to the name before it, so that a list is written `font=a.woff,b.woff`.
 */
import { ConfigError, type Issue, quoteForMessage } from "../sim/core/errors.js";
import { nearestSpelling } from "../sim/core/nearest-spelling.js";

const MAX_TEXT_CHARACTERS = 100_000;

export class DataSetOptions {
  readonly kind: string;
  readonly #given = new Map<string, string[]>();
  readonly #read = new Set<string>();
  readonly #issues: Issue[] = [];

  /** @throws ConfigError for pieces that belong to no name */
  constructor(text: string) {
    const colon = text.indexOf(":");
    this.kind = (colon === -1 ? text : text.slice(0, colon)).trim();
    const rest = colon === -1 ? "" : text.slice(colon + 1);
    if (text.length > MAX_TEXT_CHARACTERS) {
      this.#complain("", `${text.length} characters`, `at most ${MAX_TEXT_CHARACTERS}`, "shorten the list of files");
      this.finish();
    }
    let name: string | undefined;
    for (const piece of rest === "" ? [] : rest.split(",")) {
      const match = /^\s*([a-z][A-Za-z]*)=(.*)$/s.exec(piece);
      if (match === null && name !== undefined && piece.trim() !== "") this.#given.get(name)!.push(piece.trim());
      else if (match === null || match[2]!.trim() === "" || this.#given.has(match[1]!)) {
        const fix = "write for example idx:images=a.gz,labels=b.gz";
        this.#complain("", `'${quoteForMessage(piece)}'`, "name=value, each name once, separated by commas", fix);
      } else {
        name = match[1]!;
        this.#given.set(name, [match[2]!.trim()]);
      }
    }
    if (this.#issues.length > 0) throw new ConfigError(this.#issues);
  }

  #complain(name: string, got: string, want: string, fix: string): void {
    this.#issues.push({ where: `data ${quoteForMessage(this.kind)}${name === "" ? "" : `.${name}`}`, got, want, fix });
  }

  /** All values of a name; undefined when it was not given. */
  list(name: string): readonly string[] | undefined {
    this.#read.add(name);
    return this.#given.get(name);
  }

  /** The one value of a name; undefined when it was not given. */
  text(name: string): string | undefined {
    const values = this.list(name);
    if (values === undefined || values.length === 1) return values?.[0];
    this.#complain(name, `${values.length} values`, "one value", "leave the others out; a path must hold no comma");
    return values[0];
  }

  /** A value that must be there. */
  required(name: string, example: string): string {
    const value = this.text(name);
    if (value === undefined) this.#complain(name, "nothing", "a value", `write for example ${name}=${example}`);
    return value ?? "";
  }

  /** A number within bounds, both included. */
  number(name: string, standard: number, low: number, high: number): number {
    const text = this.text(name);
    return text === undefined ? standard : (this.#parse(name, text, low, high) ?? standard);
  }

  /** One number, or one for each channel. */
  numbers(name: string, standard: number, low: number, high: number): readonly number[] {
    const texts = this.list(name) ?? [];
    return texts.length === 0 ? [standard] : texts.map((text) => this.#parse(name, text, low, high) ?? standard);
  }

  /** A whole number within bounds, both included. */
  count(name: string, standard: number, low: number, high: number): number {
    const value = this.number(name, standard, low, high);
    if (!Number.isInteger(value)) this.#complain(name, String(value), "a whole number", "leave out the fraction");
    return value;
  }

  choice<const Word extends string>(name: string, standard: Word, words: readonly Word[]): Word {
    const text = this.text(name);
    const found = words.find((word) => word === text);
    if (text !== undefined && found === undefined) {
      this.#complain(name, `'${quoteForMessage(text)}'`, `one of ${words.join(", ")}`, `write ${name}=${standard}`);
    }
    return found ?? standard;
  }

  #parse(name: string, text: string, low: number, high: number): number | undefined {
    const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
    if (value >= low && value <= high) return value;
    this.#complain(
      name,
      `'${quoteForMessage(text)}'`,
      `a number from ${low} to ${high}`,
      "give a number in that range",
    );
    return undefined;
  }

  /** @throws ConfigError with every complaint, names that nobody asked for included */
  finish(): void {
    for (const name of this.#given.keys()) {
      if (this.#read.has(name)) continue;
      const known = [...this.#read];
      const nearest = nearestSpelling(name, known);
      const fix = nearest === undefined ? "leave it out" : `did you mean '${nearest}'?`;
      this.#complain(name, "a name that the set does not have", `one of ${known.join(", ")}`, fix);
    }
    if (this.#issues.length > 0) throw new ConfigError(this.#issues);
  }
}
