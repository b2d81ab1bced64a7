/** What a history file may say of a time: it is read before anybody knows who wrote it. */
import { describe, expect, it } from "vitest";
import { epochMs } from "../../src/journal/stored-values.ts";

/** The last moment that a Date can be (ECMA-262, Time Values and Time Range). */
const LAST = 8.64e15;

describe("a time that was stored", () => {
  it.each([-LAST, 0, LAST])("can be shown: %d", (time) => {
    expect(new Date(epochMs.parse(time)).getTime()).toBe(time);
  });

  it.each([-LAST - 1, LAST + 1, 0.5])("is none where no date can be it: %d", (time) => {
    expect(epochMs.safeParse(time).success).toBe(false);
  });
});
