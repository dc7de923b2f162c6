/** A store that lasts as long as the process. */
import type { ByteStore } from "./byte-store.js";

export class MemoryStore implements ByteStore {
  readonly #entries = new Map<string, Uint8Array>();

  get(key: string): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.#entries.get(key));
  }

  put(key: string, bytes: Uint8Array): Promise<void> {
    this.#entries.set(key, bytes);
    return Promise.resolve();
  }
}
