import { describe, expect, it } from "vitest";
import { digestAlert } from "../../src/daemon/alert-digest.ts";
import type { Stories } from "../../src/journal/stories.ts";
import type { Prefix } from "../../src/net/prefix.ts";
import { campaign } from "./campaigns.ts";

const NOW = Date.parse("2026-11-23T07:00:00Z");

function storiesOf(events: readonly unknown[]): Pick<Stories, "campaigns" | "events"> {
  const all = [
    campaign({ id: "a", verdict: "scan", tool: "nmap", packets: 5 }),
    campaign({ id: "b", verdict: "scan", source: "192.0.2.9/32" as Prefix, packets: 50 }),
    campaign({ id: "c", verdict: "benign" }),
  ];
  return {
    campaigns: ({ verdict, sinceEpochMs }) => {
      expect(sinceEpochMs).toBe(NOW - 86_400_000);
      return all
        .filter((each) => each.verdict === verdict)
        .map((each) => ({ campaign: each, isOver: true, cursor: "" }));
    },
    events: ({ kinds }) =>
      events
        .filter((detail) => kinds?.includes((detail as { kind: "ban" }).kind))
        .map((detail, id) => ({ id, event: { detail } }) as never),
  };
}

describe("digestAlert", () => {
  it("counts scans, new bans, ports, tools, sources and problems", () => {
    const alert = digestAlert(
      storiesOf([
        { kind: "ban" },
        { kind: "ban", raisedFrom: "claimed" },
        { kind: "health", change: "raised", code: "hook-failed" },
        { kind: "health", change: "cleared", code: "hook-failed" },
      ]),
      [],
      NOW,
    );
    expect(alert.title).toBe("24 hours: scans 2, new bans 1");
    expect(alert.text.split("\n")).toEqual([
      "scans:    2",
      "new bans: 1",
      "ports:    tcp 22 (2), tcp 23 (2)",
      "tools:    nmap (1)",
      "sources:  192.0.2.9 (50 packets), 198.51.100.7 (5 packets)",
      "problems: hook-failed (1)",
    ]);
  });

  it("says that nothing was wrong", () => {
    expect(digestAlert(storiesOf([]), [], NOW).text).toMatch(/\nproblems: none$/);
  });

  it("names what stands, whenever it began and whoever has found it, before what is over", () => {
    const raised = { kind: "health", change: "raised" };
    const events = [
      { ...raised, code: "hook-failed" },
      { ...raised, code: "journal-set-aside" },
    ];
    const standing = [{ code: "blocklist-unread" }, { code: "journal-set-aside" }] as const;
    const alert = digestAlert(storiesOf(events), standing, NOW);
    const problems = "blocklist-unread (now), journal-set-aside (now), hook-failed (1)";
    expect(alert.text).toContain(`\nproblems: ${problems}`);
    expect(alert.details).toMatchObject({ digest: { problems } });
    expect(digestAlert(storiesOf([]), standing, NOW).text).toMatch(/\(now\)$/);
  });
});
