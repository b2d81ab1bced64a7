import { describe, expect, it } from "vitest";
import { requireConfiguration } from "../../../src/config/load.ts";
import type { AnnouncementFacts } from "../../../src/daemon/announcement.ts";
import { startEvents } from "../../../src/daemon/dialects/start-events.ts";

const OFF = { TCP_MODE: "", UDP_MODE: "" };

function eventsOf(overrides: Record<string, string>, facts: Partial<AnnouncementFacts> = {}) {
  return startEvents({
    configuration: requireConfiguration({ overrides }),
    served: [],
    listened: [],
    isKernelSensing: true,
    ...facts,
  } as AnnouncementFacts);
}

const tcp = (...ports: number[]) => ports.map((port) => ({ transport: "tcp" as const, port }));

describe("startEvents", () => {
  it("tells the range of an advanced mode with what is excluded and served below it", () => {
    const config = {
      ...OFF,
      TCP_MODE: "atcp",
      ADVANCED_PORTS_TCP: "1024",
      ADVANCED_EXCLUDE_TCP: "113,139",
    };
    const served = [...tcp(22, 1023, 1024), { transport: "udp" as const, port: 53 }];
    expect(eventsOf(config, { served })).toEqual([
      {
        event: "range-watched",
        transport: "tcp",
        below: 1024,
        excluded: [113, 139],
        served: [22, 1023],
      },
    ]);
  });

  it.each([
    { mode: "stcp", ports: "11,15,80" },
    { mode: "stealth", ports: "11,15,80" },
  ])("tells the listed ports of $mode, and those that somebody serves", ({ mode, ports }) => {
    const config = { ...OFF, TCP_MODE: mode, TCP_PORTS: ports };
    expect(eventsOf(config, { served: tcp(80) })).toEqual([
      { event: "ports-watched", mode, transport: "tcp", ports: [11, 15] },
      { event: "port-not-watched", mode, transport: "tcp", port: 80 },
    ]);
  });

  it.each([
    { configured: "tcp", isKernelSensing: true, mode: "tcp" },
    { configured: "connect", isKernelSensing: true, mode: "connect" },
    { configured: "atcp", isKernelSensing: false, mode: "tcp" },
    { configured: "stealth", isKernelSensing: false, mode: "connect" },
  ])("tells of $configured, sensing $isKernelSensing, which ports it listens to", (row) => {
    const config = { ...OFF, TCP_MODE: row.configured, TCP_PORTS: "11,15" };
    const { isKernelSensing, mode } = row;
    expect(eventsOf(config, { listened: tcp(15), isKernelSensing })).toEqual([
      { event: "ports-watched", mode, transport: "tcp", ports: [15] },
      { event: "port-not-watched", mode, transport: "tcp", port: 11 },
    ]);
  });

  it("tells TCP before UDP, and nothing of a transport without ports or without a mode", () => {
    const both = { TCP_MODE: "stealth", UDP_MODE: "stealth", TCP_PORTS: "11", UDP_PORTS: "7" };
    const transports = (overrides: Record<string, string>) =>
      eventsOf(overrides).map((event) => "transport" in event && event.transport);
    expect(transports(both)).toEqual(["tcp", "udp"]);
    expect(transports({ ...both, UDP_PORTS: "" })).toEqual(["tcp"]);
    expect(transports({ ...both, TCP_MODE: "" })).toEqual(["udp"]);
  });
});
