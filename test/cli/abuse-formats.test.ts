import { describe, expect, it } from "vitest";
import type { CampaignView } from "../../src/api/contract.ts";
import { formatAbuseIpDb, formatDshield, isReportable } from "../../src/cli/abuse-formats.ts";
import { campaignView } from "../../src/daemon/story-views.ts";
import { campaign } from "../daemon/campaigns.ts";

const view = (more: Partial<CampaignView> = {}): CampaignView => ({
  ...campaignView({
    campaign: campaign({ verdict: "scan", evidence: "alive", tool: "nmap" }),
    isOver: true,
  }),
  ...more,
});

describe("formatAbuseIpDb", () => {
  it("has one line an address, the newest, in category 14", () => {
    const rows = formatAbuseIpDb([view(), view({ packets: 9 }), view({ address: "2001:db8::7" })]);
    expect(rows.split("\n")).toEqual([
      "IP,Categories,ReportDate,Comment",
      '198.51.100.7,14,2026-11-22T12:00:02.000Z,"Port scan of 2 unused ports, 3 packets (tcp-syn by nmap; source alive): tcp 22-23"',
      '2001:db8::7,14,2026-11-22T12:00:02.000Z,"Port scan of 2 unused ports, 3 packets (tcp-syn by nmap; source alive): tcp 22-23"',
    ]);
  });

  it("cuts a comment where AbuseIPDB would", () => {
    const ranges = Array.from({ length: 600 }, (_, each): [number, number] => [each * 2, each * 2]);
    const [, row = ""] = formatAbuseIpDb([view({ ports: [{ transport: "tcp", ranges }] })]).split(
      "\n",
    );
    expect(row.slice(row.indexOf('"') + 1, -1)).toHaveLength(1024);
  });

  it("quotes, and gives a spreadsheet no formula", () => {
    const [, row = ""] = formatAbuseIpDb([view({ address: '=HYPERLINK("x")' })]).split("\n");
    expect(row).toMatch(/^"'=HYPERLINK\(""x""\)",14,/);
  });
});

describe("formatDshield", () => {
  it("has a line a port, of IPv4 alone, and says nothing of this machine", () => {
    expect(formatDshield([view(), view({ address: "2001:db8::7" })], 42).split("\n")).toEqual([
      "2026-11-22 12:00:00 +00:00\t42\t1\t198.51.100.7\t???\t???\t22\tTCP\tS",
      "2026-11-22 12:00:00 +00:00\t42\t1\t198.51.100.7\t???\t???\t23\tTCP\tS",
    ]);
  });
});

describe("isReportable", () => {
  it("is no block of addresses, and nothing that is no scan", () => {
    expect(isReportable(view())).toBe(true);
    expect(isReportable(view({ address: "2001:db8::/64" }))).toBe(false);
    expect(isReportable(view({ verdict: "undecided" }))).toBe(false);
  });
});
