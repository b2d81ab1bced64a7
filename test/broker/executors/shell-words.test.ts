import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseCommands } from "../../../src/broker/executors/shell-words.ts";

function valuesOf(line: string): string[][] | undefined {
  return parseCommands(line)?.map((command) => command.map(({ value }) => value));
}

describe("parseCommands", () => {
  it.each([
    { line: "a b  c", values: [["a", "b", "c"]] },
    { line: "\t a\tb ", values: [["a", "b"]] },
    { line: "a && b; c", values: [["a"], ["b"], ["c"]] },
    { line: "a&&b;c", values: [["a"], ["b"], ["c"]] },
    { line: "a;", values: [["a"]] },
    { line: "a 'b c' \"d e\"", values: [["a", "b c", "d e"]] },
    { line: "a 'b;c && d | e'", values: [["a", "b;c && d | e"]] },
    { line: "a x'y'\"z\"", values: [["a", "xyz"]] },
    { line: "a '' \"\"", values: [["a", "", ""]] },
    { line: "a b\\ c \\; \\$x \\'", values: [["a", "b c", ";", "$x", "'"]] },
    { line: 'a "b\\"c\\$d\\`e\\\\f\\g"', values: [["a", 'b"c$d`e\\f\\g']] },
    { line: "a '$HOME `id` $(id)'", values: [["a", "$HOME `id` $(id)"]] },
    {
      line: "a $TARGET$/32 '$TARGET$' \"$PORT$\"",
      values: [["a", "$TARGET$/32", "$TARGET$", "$PORT$"]],
    },
    { line: "nft x { $TARGET$ }", values: [["nft", "x", "{", "$TARGET$", "}"]] },
    { line: "a b#c d~", values: [["a", "b#c", "d~"]] },
    { line: "a '#b' '~'", values: [["a", "#b", "~"]] },
    { line: "a ! b=c", values: [["a", "!", "b=c"]] },
  ])("$line", ({ line, values }) => {
    expect(valuesOf(line)).toEqual(values);
  });

  it("keeps each word as it was written", () => {
    const [command] = parseCommands("a 'b c' \"d\"\\ e") ?? [];
    expect(command?.map(({ text }) => text)).toEqual(["a", "'b c'", '"d"\\ e']);
  });

  it.each([
    "",
    "  ",
    ";",
    "; a",
    "a ; ; b",
    "a ;; b",
    "a &&",
    "&& a",
    "a && && b",
    "a &",
    "a & b",
    "a &&& b",
    "a || b",
    "a | b",
    "a|b",
    "a > f",
    "a >f",
    "a 2>&1",
    "a < f",
    "a << f",
    "(a)",
    "a $(b)",
    "a `b`",
    'a "$(b)"',
    'a "`b`"',
    "a $HOME",
    'a "$HOME"',
    "a $" + "{TARGET}",
    "a $TARGET",
    "a $$",
    "a $FOO$",
    "a *",
    "a b?",
    "a [bc]",
    "a ~",
    "a ~root/x",
    "a # b",
    "# a",
    "a {b,c}",
    "a {1..3}",
    "a 'b",
    'a "b',
    "a b\\",
    'a "b\\',
    "a\nb",
    "a 'b\nc'",
    "a \\\nb",
    "a\0",
  ])("%j is not simple", (line) => {
    expect(parseCommands(line)).toBeUndefined();
  });

  it("makes of a line what a shell makes of it", () => {
    const pieces = ["a", "b c", "'", '"', "\\", " ", "$", "`", "#", "~", "{", "}", ",", "=", "!"];
    const line = fc
      .array(fc.constantFrom(...pieces), { maxLength: 8 })
      .map((each) => each.join(""));
    fc.assert(
      fc.property(line, (text) => {
        const [command, ...others] = parseCommands(`x ${text}`) ?? [];
        if (command === undefined) return;
        expect(others).toEqual([]);
        const script = `x() { printf '%s\\n' "$@"; }; x ${text}`;
        const { stdout } = spawnSync("/bin/sh", ["-c", script], { encoding: "utf8" });
        const words = command.slice(1).map(({ value }) => value);
        expect(stdout).toBe(words.length === 0 ? "\n" : `${words.join("\n")}\n`);
      }),
      { numRuns: 300 },
    );
  });
});
