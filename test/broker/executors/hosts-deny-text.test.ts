import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addLine, linesOf, removeLine } from "../../../src/broker/executors/hosts-deny-text.ts";

const LINE = "ALL: 192.0.2.7 : DENY";

describe("addLine", () => {
  it.each([
    { what: "an empty file", text: "", added: `${LINE}\n` },
    {
      what: "other lines",
      text: "# top\nALL: 192.0.2.8\n",
      added: `# top\nALL: 192.0.2.8\n${LINE}\n`,
    },
    { what: "a last line without an end", text: "sshd: ALL", added: `sshd: ALL\n${LINE}\n` },
    { what: "CRLF", text: "a\r\nb\r\n", added: `a\r\nb\r\n${LINE}\n` },
    { what: "a longer line", text: `${LINE}0\n`, added: `${LINE}0\n${LINE}\n` },
    { what: "the same in a comment", text: `#${LINE}\n`, added: `#${LINE}\n${LINE}\n` },
    { what: "a line that goes on", text: "ALL: a \\\n", added: `ALL: a \\\n\n${LINE}\n` },
    {
      what: "one that goes on, without an end",
      text: "ALL: a \\",
      added: `ALL: a \\\n\n${LINE}\n`,
    },
    {
      what: "the same as the rest of a line that goes on",
      text: `ALL: a \\\n${LINE}\n`,
      added: `ALL: a \\\n${LINE}\n${LINE}\n`,
    },
  ])("adds the line after $what", ({ text, added }) => {
    expect(addLine(text, LINE)).toBe(added);
  });

  it.each([`${LINE}\n`, `a\n${LINE}\nb\n`, `a\n${LINE}`])("adds nothing to %j", (text) => {
    expect(addLine(text, LINE)).toBeUndefined();
  });
});

describe("removeLine", () => {
  it.each([
    { what: "alone", text: `${LINE}\n`, removed: "" },
    { what: "without an end", text: `a\n${LINE}`, removed: "a\n" },
    { what: "before a last line without an end", text: `${LINE}\nb`, removed: "b" },
    { what: "every time", text: `${LINE}\na\n${LINE}\n${LINE}\nb\n`, removed: "a\nb\n" },
    { what: "between CRLF", text: `a\r\n${LINE}\nb\r\n`, removed: "a\r\nb\r\n" },
    {
      what: "but not where it belongs to the line before",
      text: `a \\\n${LINE}\n${LINE}\n`,
      removed: `a \\\n${LINE}\n`,
    },
  ])("removes the line $what", ({ text, removed }) => {
    expect(removeLine(text, LINE)).toBe(removed);
  });

  it.each(["", "a\n", `${LINE}0\n`, `#${LINE}\n`, ` ${LINE}\n`, `a \\\n${LINE}\n`])(
    "removes nothing from %j",
    (text) => {
      expect(removeLine(text, LINE)).toBeUndefined();
    },
  );

  it("takes back what was added, byte for byte but for a missing last end", () => {
    const pieces = fc.constantFrom("a", "\n", "\r\n", "\\", "#", "\xff", LINE, `${LINE}\n`);
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const text = parts.join("");
        const added = addLine(text, LINE);
        if (added === undefined) {
          expect(linesOf(text)).toContain(LINE);
          return;
        }
        expect(linesOf(added)).toContain(LINE);
        expect(added.startsWith(text)).toBe(true);
        const back = removeLine(added, LINE) ?? "";
        expect(back.startsWith(text)).toBe(true);
        expect(back.slice(text.length)).toMatch(/^\n{0,2}$/);
        expect(linesOf(back)).not.toContain(LINE);
      }),
    );
  });
});
