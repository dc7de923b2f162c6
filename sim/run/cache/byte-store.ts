/** Where results that cost much are kept from one run to the next. A store may lose anything at any time. */
export interface ByteStore {
  /** What was put under a key, or undefined when it is not there or is damaged. @param key 64 hexadecimal digits */
  get(key: string): Promise<Uint8Array | undefined>;
  put(key: string, bytes: Uint8Array): Promise<void>;
}
