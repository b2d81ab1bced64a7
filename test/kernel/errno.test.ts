import { constants } from "node:os";
import { describe, expect, it } from "vitest";
import { ERRNO, formatErrno } from "../../src/kernel/errno.ts";

describe("ERRNO", () => {
  it("has the values of this machine's C library", () => {
    const ofThisMachine: Record<string, number> = constants.errno;
    for (const [name, value] of Object.entries(ERRNO)) {
      expect({ name, value }).toEqual({ name, value: ofThisMachine[name] });
    }
  });
});

describe("formatErrno", () => {
  it.each([
    { errno: 16, text: "EBUSY, resource busy or locked" },
    { errno: 200, text: "errno 200" },
  ])("$errno reads $text", ({ errno, text }) => {
    expect(formatErrno(errno)).toBe(text);
  });
});
