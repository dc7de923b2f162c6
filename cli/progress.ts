/** A progress bar on standard error for work of more than a second, and only when someone is watching. */
import type { SingleBar } from "cli-progress";

const DELAY_MILLISECONDS = 1000;
const SHOWN_NAME_CHARACTERS = 40;

export interface Progress {
  readonly update: (done: number, total: number, what: string) => void;
  readonly stop: () => void;
}

/** @param wanted false with --quiet or --json */
export async function startProgress(wanted: boolean): Promise<Progress> {
  if (!wanted || !process.stderr.isTTY) return { update: () => {}, stop: () => {} };
  const { default: progress } = await import("cli-progress");
  const { quoteForMessage } = await import("../index.js");
  const startedAt = Date.now();
  let bar: SingleBar | undefined;
  const stop = (): void => bar?.stop();
  // A second Ctrl-C ends the program at once; the cursor comes back all the same.
  process.once("exit", stop);
  return {
    update: (done, total, name) => {
      const what = quoteForMessage(name).slice(0, SHOWN_NAME_CHARACTERS);
      if (bar !== undefined) {
        bar.setTotal(total);
        bar.update(done, { what });
      } else if (Date.now() - startedAt >= DELAY_MILLISECONDS) {
        const format = "{bar} {value}/{total} {what}";
        bar = new progress.SingleBar({ format, clearOnComplete: true, hideCursor: true, barsize: 24, linewrap: false });
        bar.start(total, done, { what });
      }
    },
    stop,
  };
}
