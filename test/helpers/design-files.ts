/** Design files in a folder of their own, and the errors of reading them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Design, designTable } from "../../hw-models/design.js";
import { ConfigError, type Issue } from "../../sim/core/errors.js";
import { readDesign } from "../../sim/ir/import/design-yaml.js";
import { testDesign } from "./test-design.js";

const { peArray, ...shared } = testDesign();

/** Two presets that differ in their dataflow. */
export const TEST_PRESETS = {
  "grid-os": { design: { ...shared, name: "grid-os", peArray } },
  "grid-ws": {
    design: { ...shared, name: "grid-ws", peArray: { ...peArray, dataflow: "ws", weightPreload: "exposed" } },
  },
};

export class DesignFiles {
  readonly folder = mkdtempSync(join(tmpdir(), "picojoule-design-"));

  /** Writes a file and gives its path. */
  write(name: string, content: string | Uint8Array): string {
    const path = join(this.folder, name);
    writeFileSync(path, content);
    return path;
  }

  /** Reads `text` as `design.yaml`. */
  async read(text: string, set: readonly string[] = []): Promise<Design> {
    this.write("design.yaml", text);
    return this.readAgain(set);
  }

  /** Reads `design.yaml` as it is. */
  async readAgain(set: readonly string[] = []): Promise<Design> {
    return readTestDesign(join(this.folder, "design.yaml"), set);
  }

  /** Issues of reading `text`, with the folder left out of each place. */
  async issues(
    text: string | Uint8Array,
    set: readonly string[] = [],
    name = "design.yaml",
  ): Promise<readonly Issue[]> {
    return this.issuesOf(this.write(name, text), set);
  }

  async issuesOf(reference: string, set: readonly string[] = []): Promise<readonly Issue[]> {
    const strip = (text: string) => text.replaceAll(`${this.folder}/`, "");
    const found = await designIssuesOf(reference, set);
    return found.map(({ where, got, want, fix }) => ({ where: strip(where), got: strip(got), want, fix }));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

export async function readTestDesign(reference: string, set: readonly string[] = []): Promise<Design> {
  return readDesign(reference, { presets: TEST_PRESETS, table: designTable, set });
}

/** Issues of a design that must be refused; any other error is passed on. */
export async function designIssuesOf(reference: string, set: readonly string[] = []): Promise<readonly Issue[]> {
  try {
    await readTestDesign(reference, set);
  } catch (error) {
    if (error instanceof ConfigError) return error.issues;
    throw error;
  }
  throw new Error(`${reference} was accepted`);
}
