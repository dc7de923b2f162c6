/** How the program ends: 0 fine, 1 a check failed, 2 the user's input, 70 our bug, 130 interrupted. */
import { wantsColor } from "./terminal.js";

export const EXIT = { fine: 0, checkFailed: 1, userInput: 2, internal: 70, interrupted: 130 } as const;

const BUG_REPORT = "This is a fault in picojoule, not in your input. Please report it with the command you ran.";

/** Prints what went wrong in the form its kind asks for, and says how to exit. */
export async function reportFailure(error: unknown): Promise<number> {
  const { UserError, CancelledError } = await import("../index.js");
  if (error instanceof UserError) {
    process.stderr.write(`${await coloured(error.name, error.message)}\n`);
    return EXIT.userInput;
  }
  if (error instanceof CancelledError) {
    process.stderr.write(`${error.message}; nothing was written\n`);
    return EXIT.interrupted;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${stack}\n${BUG_REPORT}\n`);
  return EXIT.internal;
}

/** Name and labels of an error in colour, on a terminal that wants it. */
async function coloured(name: string, message: string): Promise<string> {
  const { default: picocolors } = await import("picocolors");
  const { bold, red, green } = picocolors.createColors(wantsColor(process.stderr));
  const labelled = message
    .replace(/^(where| {2}got| want): /gm, (label) => bold(label))
    .replace(/^( {2}fix: )(.*)$/gm, (_, label: string, text: string) => `${bold(label)}${green(text)}`);
  return `${red(name)}\n${labelled}`;
}

/**
 * A reader that went away (`pj list networks | head -1`) is no failure: the program ends quietly. Other faults of standard
 * output reach whoever wrote to it; those of standard error have nowhere to be told.
 */
export function ignoreBrokenPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(EXIT.fine);
    });
  }
}

/** What escapes every command is our bug, and is reported as one. */
export function reportEscapes(): void {
  process.on("uncaughtException", (error) => {
    reportFailure(error).then(process.exit, () => process.exit(EXIT.internal));
  });
}

/** A signal that the first Ctrl-C aborts; the second ends the program at once. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  process.on("SIGINT", () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort();
  });
  return controller.signal;
}
