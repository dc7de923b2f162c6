/** A progress bar on standard error for work of more than a second, and only when someone is watching. */
import type { SingleBar } from "cli-progress";

const DELAY_MILLISECONDS = 1000;

export interface Progress {
  readonly update: (done: number, total: number, what: string) => void;
  readonly stop: () => void;
}

/** @param wanted false with --quiet or --json */
export async function startProgress(wanted: boolean): Promise<Progress> {
  if (!wanted || !process.stderr.isTTY) return { update: () => {}, stop: () => {} };
  const { default: progress } = await import("cli-progress");
  const startedAt = Date.now();
  let bar: SingleBar | undefined;
  return {
    update: (done, total, what) => {
      if (bar === undefined) {
        if (Date.now() - startedAt < DELAY_MILLISECONDS) return;
        const format = "{bar} {value}/{total} {what}";
        bar = new progress.SingleBar({ format, clearOnComplete: true, hideCursor: true, barsize: 24, linewrap: false });
        bar.start(total, done, { what });
        return;
      }
      bar.update(done, { what: what.slice(0, 40) });
    },
    stop: () => bar?.stop(),
  };
}
