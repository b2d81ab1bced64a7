import { describe, expect, it } from "vitest";
import { type LockEntry, productionPackages, readLockEntries } from "../../packaging/lock-file.ts";

function entry(more: Partial<LockEntry> = {}): LockEntry {
  return { version: "1.0.0", license: "MIT", integrity: "sha512-AA==", ...more };
}

describe("productionPackages", () => {
  it("leaves out the checkout itself and what is for development", () => {
    const entries = {
      "": { version: "0.1.0" },
      "node_modules/a": entry(),
      "node_modules/b": entry({ dev: true }),
    };
    expect(productionPackages(entries, "x64").map(({ name }) => name)).toEqual(["a"]);
  });

  it("names a package below another, and one of a scope, as npm does", () => {
    const entries = {
      "node_modules/@s/a": entry(),
      "node_modules/@s/a/node_modules/@t/b": entry({ dependencies: { z: "1" } }),
    };
    expect(productionPackages(entries, "x64")).toMatchObject([
      { name: "@s/a", needs: [] },
      { name: "@t/b", needs: ["z"] },
    ]);
  });

  it.each([
    { os: "linux", cpu: "x64", on: ["x64", undefined] },
    { os: ["linux"], cpu: ["arm64"], on: ["arm64", undefined] },
    { os: ["linux"], cpu: ["x64", "arm64"], on: ["x64", "arm64", undefined] },
    { os: ["linux"], cpu: ["riscv64"], on: [] },
    { os: ["darwin"], cpu: ["x64"], on: [] },
    { os: ["linux"], cpu: ["x64"], libc: ["musl"], on: [] },
    { os: ["linux"], cpu: ["x64"], libc: "glibc", on: ["x64", undefined] },
  ])("takes what is for $os $cpu $libc on $on", ({ on, ...platform }) => {
    const entries = { "node_modules/a": entry(platform) };
    const taken = (["x64", "arm64", undefined] as const).filter(
      (cpu) => productionPackages(entries, cpu).length === 1,
    );
    expect(taken).toEqual(on);
  });

  it("does not guess at exclusions", () => {
    const entries = { "node_modules/a": entry({ os: ["!win32"] }) };
    expect(() => productionPackages(entries, "x64")).toThrow(/!win32/);
  });

  it.each(["version", "license", "integrity"] as const)("refuses a package without %s", (field) => {
    const { [field]: _, ...rest } = entry();
    expect(() => productionPackages({ "node_modules/a": rest }, "x64")).toThrow(/node_modules\/a/);
  });
});

describe("package-lock.json", () => {
  const entries = readLockEntries(".");
  const all = Object.entries(entries).filter(([path]) => path !== "");

  it("has an installation script in koffi alone, for development too", () => {
    const scripted = all.filter(([, { hasInstallScript }]) => hasInstallScript === true);
    expect(scripted.map(([path]) => path)).toEqual(["node_modules/koffi"]);
  });

  it("has a SHA-512 for every package", () => {
    const unpinned = all.filter(([, { integrity }]) => !integrity?.startsWith("sha512-"));
    expect(unpinned.map(([path]) => path)).toEqual([]);
  });

  it("takes every package from the registry", () => {
    const elsewhere = all.filter(
      ([, { resolved }]) =>
        resolved !== undefined && !resolved.startsWith("https://registry.npmjs.org/"),
    );
    expect(elsewhere.map(([path]) => path)).toEqual([]);
  });

  it("asks for exact versions", () => {
    const { dependencies, optionalDependencies } = entries[""] ?? {};
    const wanted = Object.values({ ...dependencies, ...optionalDependencies });
    expect(wanted.length).toBeGreaterThan(0);
    expect(wanted.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });
});
