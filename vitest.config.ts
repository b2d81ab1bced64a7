/** Three projects: unit tests anywhere; live ones as root in namespaces; long ones on demand. */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/live/**", "test/long/**"],
          // vitest leaves one processor to itself, which is half of the machine where there are two.
          maxWorkers: "100%",
          // A property of a thousand cases takes its time on a busy machine.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: "live",
          include: ["test/live/**/*.test.ts"],
          // They wait about as long as they work, and each has namespaces of its own: three at a time
          // keep two processors busy. They wait for what must come, so that others do not fail them.
          maxWorkers: 3,
          // Beyond what a test waits for anything: its own failure says what never came.
          testTimeout: 300_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
          globalSetup: ["test/support/compile-cache.ts", "test/support/build-dashboard.ts"],
        },
      },
      {
        test: {
          name: "long",
          include: ["test/long/**/*.test.ts"],
          fileParallelism: false,
          testTimeout: 1_800_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 2 },
          globalSetup: ["test/support/compile-cache.ts", "test/support/build-dashboard.ts"],
        },
      },
    ],
    coverage: {
      include: ["src/net/**", "src/packet/**", "src/detectors/**", "src/policy/**"],
      thresholds: { branches: 95 },
    },
  },
});
