import { describe, expect, it } from "vitest";
import { createLogger, type LogFormat } from "../src/logger.ts";
import { FakeClock } from "./support/fake-clock.ts";

function linesOf(format: LogFormat, ...texts: string[]): string[] {
  const lines: string[] = [];
  const logger = createLogger(format, new FakeClock(), (line) => lines.push(line));
  for (const text of texts) logger.log("warning", "test", text, { source: text });
  return lines;
}

describe("createLogger", () => {
  it("writes one readable line an event, with the time and the level", () => {
    expect(linesOf("text", "something happened")).toEqual([
      "12:00:00 warning: something happened\n",
    ]);
  });

  it("writes one JSON object a line, with the fields beside the text", () => {
    expect(JSON.parse(linesOf("json", "something")[0] ?? "")).toEqual({
      time: "2026-11-22T12:00:00.000Z",
      level: "warning",
      event: "test",
      text: "something",
      source: "something",
    });
  });

  it.each([
    { what: "a line end", text: "a\nerror: forged", shown: "a\\x0aerror: forged" },
    { what: "a carriage return", text: "a\rb", shown: "a\\x0db" },
    { what: "a terminal sequence", text: "a\u001b[2Jb", shown: "a\\x1b[2Jb" },
    { what: "a C1 control", text: "a\u009bb", shown: "a\\x9bb" },
    { what: "a right-to-left override", text: "a\u202eb", shown: "a\\u{202e}b" },
    { what: "a line separator", text: "a\u2028b", shown: "a\\u{2028}b" },
  ])("lets no text forge a line or move the cursor: $what", ({ text, shown }) => {
    expect(linesOf("text", text)).toEqual([`12:00:00 warning: ${shown}\n`]);
    const [line = ""] = linesOf("json", text);
    expect(line.trimEnd()).not.toMatch(/[\p{Cc}\p{Cf}\u2028]/u);
    expect(JSON.parse(line).source).toBe(text);
  });
});
