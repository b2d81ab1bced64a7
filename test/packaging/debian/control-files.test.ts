import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  describeDebianChangelog,
  fillControl,
  installedKib,
} from "../../../packaging/debian/control-files.ts";

const VALUES = { version: "0.1.0-1", architecture: "arm64", installedKib: 1234 } as const;

describe("fillControl", () => {
  it("fills the packaged template", () => {
    const text = fillControl(readFileSync("packaging/debian/control.in", "utf8"), VALUES);
    expect(text).toContain("\nVersion: 0.1.0-1\nArchitecture: arm64\n");
    expect(text).toContain("\nInstalled-Size: 1234\n");
    expect(text).not.toMatch(/@[A-Z]/);
  });

  it("refuses a placeholder that nobody fills", () => {
    expect(() => fillControl("Size: @SIZE@\n", VALUES)).toThrow(/@SIZE@/);
  });
});

describe("describeDebianChangelog", () => {
  it("has one entry with the time of the commit", () => {
    const text = describeDebianChangelog("0.1.0-1", 1_763_900_000);
    expect(text).toMatch(/^vedette \(0\.1\.0-1\) unstable; urgency=medium\n\n {2}\* \S/);
    expect(text).toMatch(/\n\n -- [^<]+ <[^>]+> {2}Sun, 23 Nov 2025 12:13:20 \+0000\n$/);
  });
});

describe("installedKib", () => {
  it.each([
    { sizeBytes: 0, kib: 0 },
    { sizeBytes: 1, kib: 1 },
    { sizeBytes: 1024, kib: 1 },
    { sizeBytes: 1025, kib: 2 },
  ])("counts a file of $sizeBytes bytes as $kib", ({ sizeBytes, kib }) => {
    expect(installedKib([{ path: "a", kind: "file", sizeBytes }])).toBe(kib);
  });

  it("counts a directory and a link as one each", () => {
    expect(
      installedKib([
        { path: "a", kind: "directory", sizeBytes: 4096 },
        { path: "a/b", kind: "link", sizeBytes: 7 },
      ]),
    ).toBe(2);
  });
});
