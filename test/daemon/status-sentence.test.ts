import { describe, expect, it } from "vitest";
import type { StatusView } from "../../src/api/contract.ts";
import { statusSentence } from "../../src/daemon/status-sentence.ts";

const quiet: Omit<StatusView, "sentence"> = {
  version: "0.1.0",
  state: "guarding",
  mode: { tcp: "atcp", udp: "audp" },
  since: null,
  probes: 0,
  verdicts: 1,
  campaigns: 0,
  lost: 0,
  unlogged: 0,
  malformed: 0,
  held: 0,
  holds: 0,
  banned: 0,
  tracked: 0,
  trusted: 0,
  trusted_saves: 0,
  dropped: 0,
  full: 0,
  challenges: null,
  phantom: null,
  blocklists: null,
  journal_failures: 0,
  table: "",
  config_revision: "",
  confirm_by: null,
  health: [],
};
const problem = (severity: "notice" | "warning" | "error") => ({
  code: "x",
  severity,
  text: "The ignore file cannot be read.",
  action: "",
  since: "2026-11-22T12:00:00Z",
});

describe("statusSentence", () => {
  it.each([
    {
      status: quiet,
      text: "Guarding: 0 probes seen, 0 sources held and 0 banned now; no problem known.",
    },
    {
      status: { ...quiet, probes: 1, held: 1, banned: 12_345 },
      text: "Guarding: 1 probe seen, 1 source held and 12,345 banned now; no problem known.",
    },
    {
      status: { ...quiet, health: [problem("warning"), problem("notice")] },
      text: "Guarding: 0 probes seen, 0 sources held and 0 banned now; 1 problem below.",
    },
  ])("says: $text", ({ status, text }) => {
    expect(statusSentence(status, undefined)).toBe(text);
  });

  it("does not claim to guard when something keeps it from it", () => {
    expect(statusSentence({ ...quiet, health: [problem("error")] }, undefined)).toBe(
      "Not guarding as it should: The ignore file cannot be read.",
    );
  });

  it("says why it only watches", () => {
    expect(statusSentence(quiet, "--watch-only")).toMatch(/^Only watching \(--watch-only\): /);
  });

  it("does not claim to guard when no guard runs", () => {
    expect(statusSentence({ ...quiet, state: "absent", banned: 3 }, undefined)).toBe(
      "No guard is running: 3 bans are in force in the kernel.",
    );
  });
});
