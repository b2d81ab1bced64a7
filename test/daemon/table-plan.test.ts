import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadConfigurationTexts, requireConfiguration } from "../../src/config/load.ts";
import { DEFAULT_EPHEMERAL, planTable } from "../../src/daemon/table-plan.ts";

const plan = (overrides: Record<string, string> = {}, isWatchOnly = false) =>
  planTable(loadConfigurationTexts(overrides), isWatchOnly, DEFAULT_EPHEMERAL);

describe("planTable", () => {
  it("watches every port of both transports by default", () => {
    const { watched } = plan();
    expect(watched.tcp.size).toBe(65_535);
    expect(watched.udp.size).toBe(65_535);
  });

  it.each([
    { below: "1", ports: 0 },
    { below: "2", ports: 1 },
    { below: "1024", ports: 1023 },
    { below: "65535", ports: 65_534 },
    { below: "65536", ports: 65_535 },
  ])("watches the $ports ports below $below", ({ below, ports }) => {
    const { watched } = plan({ ADVANCED_PORTS_TCP: below });
    expect(watched.tcp.size).toBe(ports);
    expect(watched.tcp.has(Number(below))).toBe(false);
  });

  it("watches no port from the limit up, also when none is excluded", () => {
    const none = { ADVANCED_EXCLUDE_TCP: "", ADVANCED_EXCLUDE_UDP: "" };
    const limits = { ADVANCED_PORTS_TCP: "1024", ADVANCED_PORTS_UDP: "1024" };
    const { watched } = plan({ ...none, ...limits });
    for (const ports of [watched.tcp, watched.udp]) {
      expect([1023, 1024, 40_000, 65_535].map((port) => ports.has(port))).toEqual([
        true,
        false,
        false,
        false,
      ]);
    }
  });

  it("watches the list alone in the list mode, and nothing in the kernel with listeners", () => {
    expect([...plan({ TCP_MODE: "stcp", TCP_PORTS: "22,80-81" }).watched.tcp]).toEqual([
      22, 80, 81,
    ]);
    expect(plan({ TCP_MODE: "tcp" }).watched.tcp.size).toBe(0);
    expect(plan({ UDP_MODE: "" }).watched.udp.size).toBe(0);
  });

  it("tells of services on listed ports in the list modes alone, and when it is asked to", () => {
    const listed = { TCP_PORTS: "80", UDP_PORTS: "53", SENSE_SERVED: "1" };
    const told = (set: Record<string, string>) => {
      const { tcp, udp } = plan({ ...listed, ...set }).told;
      return [...tcp, ...udp];
    };
    expect(told({ TCP_MODE: "stcp", UDP_MODE: "sudp" })).toEqual([80, 53]);
    expect(told({ TCP_MODE: "stcp" })).toEqual([80]);
    expect(told({ TCP_MODE: "stcp", UDP_MODE: "sudp", SENSE_SERVED: "0" })).toEqual([]);
    expect(told({ TCP_MODE: "tcp", UDP_MODE: "audp" })).toEqual([]);
  });

  it("takes excluded ports out of the traps", () => {
    const { trapPorts } = plan({ TRAP_PORTS: "23,445", ADVANCED_EXCLUDE_TCP: "113,445" });
    expect([...trapPorts]).toEqual([23]);
  });

  it("holds, drops and bans nothing when it only watches", () => {
    const { holdAfter, onlyWatched, enforcesBans } = plan({}, true);
    expect({ holdAfter, onlyWatched, enforcesBans }).toEqual({
      holdAfter: "off",
      onlyWatched: { tcp: true, udp: true },
      enforcesBans: false,
    });
  });

  it("goes on holding for one transport when only the other is watched", () => {
    const { holdAfter, onlyWatched } = plan({ BLOCK_UDP: "0" });
    expect({ holdAfter, onlyWatched }).toEqual({
      holdAfter: 2,
      onlyWatched: { tcp: false, udp: true },
    });
  });

  it("holds and drops nothing of a transport whose scans only run a command", () => {
    const { holdAfter, onlyWatched } = plan({
      BLOCK_TCP: "2",
      BLOCK_UDP: "2",
      KILL_RUN_CMD: "/usr/local/sbin/tell $TARGET$",
    });
    expect({ holdAfter, onlyWatched }).toEqual({
      holdAfter: "off",
      onlyWatched: { tcp: true, udp: true },
    });
  });

  it.each([
    { set: {}, names: [], senses: false },
    { set: { SENSE_LOOPBACK: "1" }, names: [], senses: true },
    { set: { INTERFACES: "eth0", SENSE_LOOPBACK: "1" }, names: ["eth0", "lo"], senses: true },
    { set: { INTERFACES: "lo eth0", SENSE_LOOPBACK: "1" }, names: ["lo", "eth0"], senses: true },
    { set: { INTERFACES: "lo" }, names: ["lo"], senses: true },
    { set: { INTERFACES: "eth0" }, names: ["eth0"], senses: false },
  ])("with $set it watches $names, and the loopback: $senses", ({ set, names, senses }) => {
    const { interfaces, sensesLoopback } = plan(set);
    expect({ interfaces, sensesLoopback }).toEqual({ interfaces: names, sensesLoopback: senses });
  });

  it.each([
    { path: "", isWatchOnly: false, logsDrops: false },
    { path: "/var/log/portsentry.block.log", isWatchOnly: false, logsDrops: true },
    { path: "/var/log/portsentry.block.log", isWatchOnly: true, logsDrops: false },
  ])("BLOCK_LOG=$path, only watching: $isWatchOnly: logs drops $logsDrops", (given) => {
    const { logsDrops } = plan({ BLOCK_LOG: given.path }, given.isWatchOnly);
    expect(logsDrops).toBe(given.logsDrops);
  });

  it.each<{ what: string; set: Record<string, string>; isWatchOnly?: boolean; rate: number }>([
    { what: "by default", set: {}, rate: 1000 },
    { what: "as often as it says", set: { CHALLENGE_RATE: "7", TCP_MODE: "stcp" }, rate: 7 },
    { what: "not at 0", set: { CHALLENGE_RATE: "0" }, rate: 0 },
    { what: "not where it only watches", set: {}, isWatchOnly: true, rate: 0 },
    { what: "not where TCP is only watched", set: { BLOCK_TCP: "0" }, rate: 0 },
    { what: "not where TCP has listeners", set: { TCP_MODE: "tcp" }, rate: 0 },
    { what: "not where TCP is not watched", set: { TCP_MODE: "" }, rate: 0 },
    { what: "not where no evidence is asked for", set: { PROOF: "none" }, rate: 0 },
    { what: "where proof is asked for", set: { PROOF: "handshake" }, rate: 1000 },
    { what: "where UDP is only watched", set: { BLOCK_UDP: "0" }, rate: 1000 },
  ])("asks sources $what: $rate a second", ({ set, isWatchOnly, rate }) => {
    expect(plan(set, isWatchOnly).challengeRate).toBe(rate);
  });

  it.each<{ set: Record<string, string>; rate: number }>([
    { set: {}, rate: 0 },
    { set: { BLOCK_TCP: "1" }, rate: 0 },
    { set: { BLOCK_TCP: "1", PROOF: "alive" }, rate: 1000 },
  ])("asks nobody in profile portsentry unless evidence is asked for: $set", ({ set, rate }) => {
    const directory = mkdtempSync(join(tmpdir(), "vedette-table-plan-"));
    const path = join(directory, "portsentry.conf");
    writeFileSync(path, 'TCP_MODE="atcp"\n');
    const { values } = requireConfiguration({ path, overrides: set });
    rmSync(directory, { recursive: true });
    expect(planTable(values, false, DEFAULT_EPHEMERAL).challengeRate).toBe(rate);
  });

  it("rounds times up to whole seconds, which is what the kernel's sets take", () => {
    const { holdSeconds, graceSeconds } = plan({ HOLD_TIME: "10s", GRACE: "10m" });
    expect({ holdSeconds, graceSeconds }).toEqual({ holdSeconds: 10, graceSeconds: 600 });
  });
});
