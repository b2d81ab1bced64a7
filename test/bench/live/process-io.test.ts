import { describe, expect, it } from "vitest";
import { parseProcessIo, writtenBy } from "../../../bench/live/process-io.ts";

// As a kernel writes it; the last line ends in the same words as the one before it.
const TEXT = `rchar: 1000
wchar: 2000
syscr: 30
syscw: 40
read_bytes: 5000
write_bytes: 8192
cancelled_write_bytes: 4096
`;

describe("parseProcessIo", () => {
  it("reads what went to the disk, and not what was taken back", () => {
    expect(parseProcessIo(TEXT)).toEqual({ bytes: 8192, calls: 40 });
  });

  it("refuses a text that lacks a line", () => {
    expect(() => parseProcessIo(TEXT.replace(/^write_bytes.*\n/m, ""))).toThrow("write_bytes");
  });
});

describe("writtenBy", () => {
  it("adds up processes, and is 0 of none", () => {
    expect(writtenBy([])).toEqual({ bytes: 0, calls: 0 });
    const once = writtenBy([process.pid]);
    const twice = writtenBy([process.pid, process.pid]);
    expect(twice.calls).toBeGreaterThanOrEqual(2 * once.calls);
    expect(once.calls).toBeGreaterThan(0);
  });
});
