/**
 * The text forms of a memory trace, one request a line: `0xADDR READ|WRITE CYCLE` (DRAMsim3), `LD|ST ADDR` and `R|W ADDR`
 * (Ramulator). Addresses are hexadecimal with 0x or decimal; # starts a comment; blank lines mean nothing. This is the slow
 * half: it says what is wrong with a line that the parser has refused.
 */
import { type Issue, quoteForMessage } from "../sim/core/errors.js";

export type TraceForm = "address-first" | "load-store" | "read-write";

interface FormText {
  readonly example: string;
  /** Words for reads and writes. */
  readonly words: readonly [string, string];
}

const FORMS: Readonly<Record<TraceForm, FormText>> = {
  "address-first": { example: "0x1F40 READ 120", words: ["READ", "WRITE"] },
  "load-store": { example: "LD 0x1F40", words: ["LD", "ST"] },
  "read-write": { example: "R 0x1F40", words: ["R", "W"] },
};

const ALL_FORMS = "lines '0xADDR READ|WRITE CYCLE', 'LD|ST ADDR' or 'R|W ADDR'";

/** What a line must keep to. */
export interface LineLimits {
  /** Form of the lines before; undefined on the first. */
  readonly form: TraceForm | undefined;
  /** Arrival of the request before. */
  readonly lastArrivalCycle: number;
  /** Addresses from there on are refused, and so are arrivals. */
  readonly capacityBytes: number;
  readonly endCycle: number;
}

type Complaint = Omit<Issue, "where">;

/** What is wrong with a line. */
export function explainLine(line: string, limits: LineLimits): Complaint {
  const text = line.replace(/\r$/, "");
  if (/[^\t\x20-\x7e]/.test(text.replace(/#[^\n]*$/, ""))) {
    return {
      got: quoteForMessage(text.slice(0, 40)),
      want: ALL_FORMS,
      fix: "this is no text trace: name another file",
    };
  }
  const fields = text
    .replace(/#[^\n]*$/, "")
    .trim()
    .split(/[ \t]+/);
  const form = limits.form ?? formOf(fields[0] ?? "");
  if (form === undefined) return { got: quoteForMessage(text), want: ALL_FORMS, fix: "write the line in one of these" };
  const { example, words } = FORMS[form];
  const isAddressFirst = form === "address-first";
  const count = isAddressFirst ? 3 : 2;
  const want = isAddressFirst ? "'0xADDR READ|WRITE CYCLE'" : `'${words.join("|")} ADDR'`;
  const fix = `for example '${example}'`;
  if (limits.form !== undefined && formOf(fields[0] ?? "") !== form) {
    return { got: quoteForMessage(text), want: `${want}, as in the lines before`, fix: "keep to one form in a trace" };
  }
  if (fields.length !== count) {
    return { got: `${fields.length} fields: ${quoteForMessage(text)}`, want: `${count} fields, ${want}`, fix };
  }
  const [address, word] = isAddressFirst ? [fields[0]!, fields[1]!] : [fields[1]!, fields[0]!];
  if (!words.includes(word)) {
    return { got: quoteForMessage(word), want: words.join(" or "), fix };
  }
  const complaint = explainAddress(address, limits.capacityBytes);
  if (complaint !== undefined) return complaint;
  return explainCycle(fields[2] ?? "", limits);
}

function formOf(first: string): TraceForm | undefined {
  if (/^[0-9]/.test(first)) return "address-first";
  if (/^(LD|ST)$/.test(first)) return "load-store";
  return /^[RW]$/.test(first) ? "read-write" : undefined;
}

function explainAddress(text: string, capacityBytes: number): Complaint | undefined {
  const got = `address ${quoteForMessage(text)}`;
  const fix = "write the byte address, such as 0x1F40";
  if (!/^(0[xX][0-9a-fA-F]+|[0-9]+)$/.test(text)) return { got, want: "hexadecimal digits after 0x, or decimal", fix };
  const address = Number(text);
  if (address > Number.MAX_SAFE_INTEGER) return { got, want: "an address below 2^53", fix };
  if (address < capacityBytes) return undefined;
  return {
    got,
    want: `an address below the memory's ${capacityBytes} bytes (0x${capacityBytes.toString(16).toUpperCase()})`,
    fix: "choose a device or a number of channels that holds it, or mend the trace",
  };
}

function explainCycle(text: string, { lastArrivalCycle, endCycle }: LineLimits): Complaint {
  const got = `arrival cycle ${quoteForMessage(text)}`;
  if (!/^[0-9]+$/.test(text))
    return { got, want: "a whole number of cycles from 0, in decimal", fix: "for example 120" };
  if (Number(text) < lastArrivalCycle) {
    const want = `at least ${lastArrivalCycle}, the arrival of the request before`;
    return { got, want, fix: "sort the trace by arrival" };
  }
  return { got, want: `a cycle below ${endCycle}`, fix: "cut the trace, or count its arrivals from 0" };
}
