/** Files of expected results in JSON, `{ cases: [...] }`: read whole, within a limit, and held to a layout. */
import { readFile, stat } from "node:fs/promises";
import { z } from "zod";
import { quoteForMessage, TraceError } from "../core/errors.js";

const MAX_BYTES = 256 * 1024 * 1024;
const MAX_ISSUES = 20;

/** What a kind of file says of itself in messages. */
interface FileWords {
  /** As in "a file of decompositions". */
  readonly content: string;
  /** Name of the file that is wanted. */
  readonly name: string;
  /** What a case has. */
  readonly layout: string;
}

/** @throws TraceError when the file is missing, no JSON, or has no cases of the layout */
export async function readGoldenCases<Case>(
  path: string,
  caseTable: z.ZodType<Case>,
  words: FileWords,
): Promise<Case[]> {
  const where = quoteForMessage(path);
  const status = await stat(path).catch(() => undefined);
  if (!status?.isFile() || status.size > MAX_BYTES) {
    const got = status === undefined ? "no such file" : "no plain file of at most 256 MB";
    throw new TraceError({ where, got, want: `a file of ${words.content}`, fix: `name ${words.name} itself` });
  }
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const got = `text that is not JSON (${quoteForMessage(reason)})`;
    throw new TraceError({ where, got, want: "{ cases: [...] } in JSON", fix: "check that the file is complete" });
  }
  const parsed = z.object({ cases: z.array(caseTable).min(1) }).safeParse(json);
  if (parsed.success) return parsed.data.cases;
  throw new TraceError(
    parsed.error.issues.slice(0, MAX_ISSUES).map((issue) => ({
      where: `${where} ${quoteForMessage(issue.path.join("."))}`,
      got: quoteForMessage(issue.message),
      want: words.layout,
      fix: "correct the file",
    })),
  );
}
