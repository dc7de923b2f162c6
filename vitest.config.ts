import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // Benchmarks time the built files, as users run them.
    server: { deps: { external: [/\/dist\//] } },
    globalSetup: ["build-simd.mjs"],
    setupFiles: ["test/setup.ts"],
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    benchmark: { include: ["test/bench/**/*.bench.ts"] },
  },
});
