import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Alert, bodyOf, fieldsOf } from "../../src/alerts/alert.ts";
import { parseTemplate } from "../../src/alerts/template.ts";

const ALERT: Alert = {
  kind: "health",
  severity: "error",
  atEpochMs: Date.parse("2026-11-22T12:00:00Z"),
  title: "error: hook-failed",
  // What a command has said: it would end the string, begin a field, and turn the line around.
  text: 'it said "x","admin":true\\ \u202e\u0007\nand a second line',
  facts: { reason: "hook-failed" },
  details: {},
};

function fill(template: string): unknown {
  const reading = parseTemplate(template);
  if (reading.status === "fault") throw new Error(reading.reason);
  return JSON.parse(reading.fill(fieldsOf(ALERT, "host-1")));
}

describe("parseTemplate", () => {
  it("fills texts and numbers, so that no value leaves its place", () => {
    expect(fill('{"a": "{{host}}: {{ text }}", "p": {{priority}}, "n": "{{count}}"}')).toEqual({
      a: 'host-1: it said "x","admin":true\\ \\u{202e}\\x07\nand a second line',
      p: 5,
      n: "1",
    });
  });

  it.each([
    { template: '{"a": "{{adress}}"}', reason: "{{adress}} is no field: expected one of kind," },
    { template: '{"a": "{{toString}}"}', reason: "{{toString}} is no field" },
    { template: '{"a": {{text}}}', reason: "it is no JSON when it is filled" },
    { template: '{"a": "{{text}}"', reason: "it is no JSON when it is filled" },
  ])("refuses $template", ({ template, reason }) => {
    expect(parseTemplate(template)).toMatchObject({
      status: "fault",
      reason: expect.stringContaining(reason),
    });
  });

  it.each(globSync("examples/alert-*.json"))("fills %s", (file) => {
    const filled = fill(readFileSync(file, "utf8"));
    expect(JSON.stringify(filled)).toContain("hook-failed");
  });

  it("is shown by three examples", () => {
    expect(globSync("examples/alert-*.json")).toHaveLength(3);
  });
});

describe("bodyOf", () => {
  it("has nothing that cannot be seen, whatever a detail says", () => {
    const details = { campaign: { reason: "\u009b2J\u202e\u007f" } };
    const body = bodyOf({ ...ALERT, details }, "host\u202e");
    expect(body).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(JSON.parse(body)).toMatchObject(details);
  });

  it("has the details beside the words", () => {
    const body = bodyOf({ ...ALERT, details: { health: { code: "hook-failed" } } }, "host-1");
    expect(JSON.parse(body)).toMatchObject({
      kind: "health",
      host: "host-1",
      at: "2026-11-22T12:00:00.000Z",
      health: { code: "hook-failed" },
    });
  });
});
