import { describe, expect, it } from "vitest";
import type { EngineEntry } from "../../../bench/engines/engine.ts";
import { PORTSENTRY, Portsentry } from "../../../bench/engines/portsentry.ts";
import { PEER, sight } from "../sights.ts";
import { convictionsOf } from "../verdicts.ts";

const YEAR_MS = 31_536_000_000;

describe("Portsentry", () => {
  it.each([
    { what: "a SYN to an unused port", fields: {}, convicts: [`${PEER}@0`] },
    { what: "a SYN to a service", fields: { hasSocket: true }, convicts: [] },
    { what: "a SYN to one that has stopped", fields: { isAllowed: true }, convicts: [`${PEER}@0`] },
    { what: "no flags", fields: { flags: 0 }, convicts: [`${PEER}@0`] },
    { what: "an ACK", fields: { flags: 0x10 }, convicts: [] },
    { what: "FIN and ACK", fields: { flags: 0x11 }, convicts: [] },
    { what: "a RST", fields: { flags: 0x04 }, convicts: [] },
    { what: "UDP", fields: { flags: "udp" }, convicts: [`${PEER}@0`] },
    { what: "UDP to whoever asked", fields: { flags: "udp", hasSocket: true }, convicts: [] },
    { what: "fragments", fields: { isReassembled: true }, convicts: [] },
    { what: "what goes out", fields: { direction: "out" }, convicts: [] },
  ] as const)("convicts of $what: $convicts", ({ fields, convicts }) => {
    expect(convictionsOf(PORTSENTRY, [sight(fields)])).toEqual(convicts);
  });

  it("counts hits, whatever their port, and for ever", () => {
    const entry: EngineEntry = {
      ...PORTSENTRY,
      make: (onConviction) => new Portsentry(onConviction, 3),
    };
    const hits = [sight(), sight({ atMs: YEAR_MS }), sight({ atMs: 2 * YEAR_MS })];
    expect(convictionsOf(entry, hits.slice(0, 2))).toEqual([]);
    expect(convictionsOf(entry, hits)).toEqual([`${PEER}@${2 * YEAR_MS}`]);
  });
});
