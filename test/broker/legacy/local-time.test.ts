import { describe, expect, it } from "vitest";
import { formatOffsetTime, formatSlashTime } from "../../../src/broker/legacy/local-time.ts";

const CAPTURED_AT = Date.UTC(2026, 10, 22, 13, 51, 15, 814);

describe("formatSlashTime", () => {
  it.each([
    { epochMs: 1_795_354_999_000, offset: 0, text: "11/22/2026 13:43:19" },
    { epochMs: Date.UTC(2026, 11, 31, 23, 30), offset: 60, text: "01/01/2027 00:30:00" },
    { epochMs: Date.UTC(2027, 0, 1, 3, 0, 9, 999), offset: -300, text: "12/31/2026 22:00:09" },
  ])("$text at $offset minutes", ({ epochMs, offset, text }) => {
    expect(formatSlashTime(epochMs, offset)).toBe(text);
  });

  it("is in the machine's own zone by default", () => {
    const offset = -new Date(CAPTURED_AT).getTimezoneOffset();
    expect(formatSlashTime(CAPTURED_AT)).toBe(formatSlashTime(CAPTURED_AT, offset));
  });
});

describe("formatOffsetTime", () => {
  it.each([
    { offset: 0, text: "2026-11-22T13:51:15.814+0000" },
    { offset: 330, text: "2026-11-22T19:21:15.814+0530" },
    { offset: -210, text: "2026-11-22T10:21:15.814-0330" },
    { offset: -30, text: "2026-11-22T13:21:15.814-0030" },
  ])("$text at $offset minutes", ({ offset, text }) => {
    expect(formatOffsetTime(CAPTURED_AT, offset)).toBe(text);
  });
});
