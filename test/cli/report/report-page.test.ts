import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { formatCount, niceCeiling } from "../../../src/cli/report/plots.ts";
import { formatPage } from "../../../src/cli/report/report-page.ts";
import { formatReport } from "../../../src/cli/report/report-text.ts";
import { summarize } from "../../../src/cli/report/summary.ts";
import { BAN, CAMPAIGN, HOUR, STATUS, VERDICT } from "../../api/fake-operator.ts";

const NOW = Date.parse("2026-11-22T13:04:00.000Z");

/** What somebody would send who wants the page to run, load or show something. */
const HOSTILE = `</td><script>alert(1)</script><img src="http://192.0.2.9/x" onerror='a'>&\u202e\x1b[2J`;

function summaryOf(text: string) {
  return summarize({
    sinceEpochMs: NOW - 86_400_000,
    nowEpochMs: NOW,
    status: {
      ...STATUS,
      sentence: text,
      health: [{ code: text, severity: "warning", text, action: text, since: STATUS.since ?? "" }],
    },
    campaigns: [{ ...CAMPAIGN, story: text, tool: text, address: text, reason: text }],
    banEvents: [VERDICT],
    hours: [HOUR],
    bans: [{ ...BAN, address: text, reason: text, evidence_text: text }],
    isCut: true,
    fault: null,
  });
}

describe("formatPage", () => {
  const page = formatPage(summaryOf(HOSTILE), "UTC");

  it("lets nothing that was sent become markup", () => {
    const tags = new Set([...page.matchAll(/<\/?([a-z0-9]+)/g)].map(([, name]) => name));
    expect([...tags].sort()).toEqual(
      (
        "b body br circle div footer g h1 h2 head header html li line main meta p rect section " +
        "span style svg table tbody td text th thead title tr ul"
      ).split(" "),
    );
    expect(page).not.toMatch(/<[^>]*\son[a-z]+=/);
    expect(page).not.toContain("\u202e");
    expect(page).not.toContain("\x1b");
    expect(page).toContain("&lt;script&gt;");
  });

  it("asks nobody for anything: no address of another place stands in an attribute", () => {
    const tags = [...page.matchAll(/<[^>]*>/g)].map(([tag]) => tag).join("");
    expect(tags).not.toMatch(/\s(?:src|href|srcset|action|data|style)=/);
    expect(page).not.toMatch(/url\(|@import/);
  });

  it("allows its own style, by its hash, and nothing else", () => {
    const style = /<style>(?<text>.*?)<\/style>/s.exec(page)?.groups?.["text"] ?? "";
    const hash = createHash("sha256").update(style).digest("base64");
    expect(page).toContain(`default-src 'none'; style-src 'sha256-${hash}'`);
    expect(page).not.toContain("unsafe-inline");
  });

  it("is a page of nothing, too", () => {
    const empty = summarize({
      sinceEpochMs: NOW - 1000,
      nowEpochMs: NOW,
      status: { ...STATUS, banned: 0 },
      campaigns: [],
      banEvents: [],
      hours: [],
      bans: [],
      isCut: false,
      fault: null,
    });
    expect(formatPage(empty, "UTC")).toContain("Nobody probed an unused port; 0 banned now.");
    expect(formatReport(empty, "UTC")).not.toContain("#");
  });
});

describe("formatReport", () => {
  it("tells everything in lines that cannot move a terminal's cursor", () => {
    const text = formatReport(summaryOf(HOSTILE), "UTC");
    expect(text).not.toContain("\x1b");
    expect(text).not.toContain("\u202e");
  });

  it("reads as a mail", () => {
    const summary = summarize({
      sinceEpochMs: NOW - 2 * 3_600_000,
      nowEpochMs: NOW,
      status: STATUS,
      campaigns: [CAMPAIGN],
      banEvents: [VERDICT],
      hours: [HOUR],
      bans: [BAN],
      isCut: false,
      fault: null,
    });
    expect(formatReport(summary, "UTC")).toBe(`Vedette, 2026-11-22 11:04 to 2026-11-22 13:04

Guarding TCP and UDP: 1 source is banned.
1 scan among 1 campaign of 1 source, 4 probes; 1 ban made, 1 in force now.

Probes over time
  2026-11-22 11:00      0
  2026-11-22 12:00      0
  2026-11-22 13:00      4  ##############################

Nobody counted in 2 of these 3 hours: no guard ran, or none that kept count.

Ports, by campaigns that probed them
  tcp 22                1  ##############################
  tcp 23                1  ##############################
  tcp 25                1  ##############################

Sources, by probes
  192.0.2.7             4  ##############################

Tools, by campaigns
  nmap                  1  ##############################

Evidence, by campaigns
  proven                1  ##############################

What was done, by campaigns
  banned                1  ##############################

Banned now, the newest first
  ADDRESS    ENDS       EVIDENCE  REASON
  192.0.2.7  in 59 min  proven    3 unused ports within 2 s: tcp 22, 23, 25

Stories, scans first
  2026-11-22 13:03
    192.0.2.7 scanned 3 ports within 2 s (SYN; proven): tcp 22-23, 25; 4
    packets; banned`);
  });
});

describe("niceCeiling", () => {
  it.each([
    { value: 1, ceiling: 2 },
    { value: 10, ceiling: 10 },
    { value: 11, ceiling: 20 },
    { value: 20, ceiling: 20 },
    { value: 51, ceiling: 100 },
  ])("is $ceiling for $value", ({ value, ceiling }) => expect(niceCeiling(value)).toBe(ceiling));
});

describe("formatCount", () => {
  it.each([
    { count: 0, text: "0" },
    { count: 9999, text: "9999" },
    { count: 10_000, text: "10k" },
    { count: 999_949, text: "999.9k" },
    { count: 1_000_000, text: "1M" },
  ])("writes $count as $text", ({ count, text }) => expect(formatCount(count)).toBe(text));
});
