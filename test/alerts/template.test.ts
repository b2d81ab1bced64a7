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

function fill(template: string, alert = ALERT, host = "host-1"): unknown {
  const reading = parseTemplate(template);
  if (reading.status === "fault") throw new Error(reading.reason);
  return JSON.parse(reading.fill(fieldsOf(alert, host)));
}

const exampleFor = (whom: string) => readFileSync(`examples/alert-${whom}.json`, "utf8");

/** A summary of a bad night, on a machine with the longest name that there may be. */
const LONG: Alert = {
  ...ALERT,
  kind: "summary",
  title: "t".repeat(400),
  text: Array.from({ length: 51 }, () => '192.0.2.7 scanned "100" ports; '.repeat(4)).join("\n"),
};
const LONGEST_HOST = "h".repeat(64);

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

  it.each([
    { most: 5, text: "abcde", filled: "abcde" },
    { most: 5, text: "abcdef", filled: "abcd…" },
    { most: 1, text: "abc", filled: "…" },
    // Counted is what the reader has, and not what escaping makes of it.
    { most: 5, text: '""""""', filled: '""""…' },
    // Half of a character is none.
    { most: 5, text: "abc😀de", filled: "abc…" },
  ])("cuts $text to $most: $filled", ({ most, text, filled }) => {
    expect(fill(`{"a": "{{ text:${most} }}"}`, { ...ALERT, text })).toEqual({ a: filled });
  });

  it("cuts texts and no numbers", () => {
    expect(fill('{"p": {{priority:1}}, "n": {{count:1}}, "t": "{{title:10}}"}')).toEqual({
      p: 5,
      n: 1,
      t: "error: ho…",
    });
  });

  it.each(["{{text:}}", "{{text:0}}", "{{text:-1}}", "{{text:x}}", "{{text:1:2}}", "{{:5}}"])(
    "knows no %s",
    (placeholder) => {
      expect(parseTemplate(`{"a": "${placeholder}"}`)).toMatchObject({ status: "fault" });
    },
  );

  it("is short enough for Slack by its example, whatever there is to tell", () => {
    const { blocks } = fill(exampleFor("slack"), LONG, LONGEST_HOST) as {
      blocks: readonly { readonly text: { readonly text: string } }[];
    };
    // docs.slack.dev/reference/block-kit/blocks/section-block: a text of 3000 characters.
    expect(blocks.map(({ text }) => text.text.length)).toEqual([64 + 2 + 300, 3000]);
    expect(blocks[1]?.text.text).toMatch(/^192\.0\.2\.7 scanned .*…$/s);
  });

  it("is short enough for Discord by its example, whatever there is to tell", () => {
    const { username, embeds } = fill(exampleFor("discord"), LONG, LONGEST_HOST) as {
      username: string;
      embeds: readonly { readonly title: string; readonly description: string }[];
    };
    // discord.com/developers/docs: a name of 80, a title of 256, a description of 4096, 6000 in all.
    expect(username.length).toBeLessThanOrEqual(80);
    expect(embeds.map(({ title }) => title.length)).toEqual([256]);
    expect(embeds.map(({ description }) => description.length)).toEqual([4096]);
  });

  it("is a message for ntfy by its example and no attachment, whatever there is to tell", () => {
    const { message } = fill(exampleFor("ntfy"), LONG, LONGEST_HOST) as { message: string };
    // docs.ntfy.sh/publish: 4096 bytes.
    expect(message.length).toBeGreaterThan(3000);
    expect(Buffer.byteLength(message)).toBeLessThanOrEqual(4096);
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
