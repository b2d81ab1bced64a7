import { describe, expect, it } from "vitest";
import { CampaignPorts } from "../../src/detectors/campaign-ports.ts";
import { SourceTable } from "../../src/detectors/source-table.ts";

const SOURCE = new Uint32Array([0, 0, 0xffff, 0xc0000207]);

function portsOf(touched: readonly ["tcp" | "udp" | "icmp" | "ip", number][]) {
  const table = new SourceTable({ maxSources: 4, recordMs: 1000 });
  const slot = table.touch(SOURCE, 0);
  const ports = new CampaignPorts(table, 1);
  for (const [protocol, port] of touched) ports.add(slot, protocol, port);
  return ports.of(slot).ports;
}

describe("CampaignPorts", () => {
  it("keeps the last number of each protocol apart from the first of the next", () => {
    const edges = [
      { transport: "tcp", ranges: [{ first: 65_535, last: 65_535 }] },
      {
        transport: "udp",
        ranges: [
          { first: 0, last: 0 },
          { first: 65_535, last: 65_535 },
        ],
      },
      {
        transport: "icmp",
        ranges: [
          { first: 0, last: 0 },
          { first: 255, last: 255 },
        ],
      },
      {
        transport: "ip",
        ranges: [
          { first: 0, last: 0 },
          { first: 255, last: 255 },
        ],
      },
    ] as const;
    const touched = edges.flatMap(({ transport, ranges }) =>
      ranges.map(({ first }): ["tcp" | "udp" | "icmp" | "ip", number] => [transport, first]),
    );
    expect(portsOf(touched)).toEqual(edges);
    // With more than the table lists, they are in a map.
    const many = Array.from({ length: 40 }, (_, index): ["tcp", number] => ["tcp", 1 + index]);
    const [tcp, ...others] = portsOf([...many, ...touched]);
    expect(tcp?.ranges).toEqual([
      { first: 1, last: 40 },
      { first: 65_535, last: 65_535 },
    ]);
    expect(others).toEqual(edges.slice(1));
  });
});
