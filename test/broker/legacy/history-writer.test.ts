import { mkdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { HistoryFile } from "../../../src/broker/legacy/history-file.ts";
import { HistoryWriter } from "../../../src/broker/legacy/history-writer.ts";
import type { ScanRecord } from "../../../src/broker/protocol.ts";
import { TrustedSet } from "../../../src/broker/trusted-set.ts";
import { address, FakeClock, prefix } from "../fakes.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

const RESULTS = ["below-trigger", "watched", "blocked", "already-blocked", "failed"] as const;

function open(folder: TemporaryFolder, form: "1.2" | "2.x", name = "portsentry.history") {
  const path = folder.join(name);
  const clock = new FakeClock();
  const trusted = new TrustedSet();
  trusted.replace([{ prefix: prefix("192.0.2.1"), why: "default gateway" }]);
  const faults: (string | undefined)[] = [];
  const writer = new HistoryWriter({
    file: new HistoryFile({ path, stateDirectory: folder.join("state") }, clock),
    trusted,
    clock,
    formatScan: form === "2.x" ? ({ source, result }) => `Scan ${source} ${result}` : undefined,
    onFault: (reason) => faults.push(reason),
  });
  const lines = () => readFileSync(path, "utf8").split("\n").slice(0, -1);
  return { clock, trusted, faults, writer, lines };
}

const scan = (source: string, more: Partial<ScanRecord> = {}): ScanRecord => ({
  source: address(source),
  host: source,
  transport: "tcp",
  port: 11,
  tcpFlags: 0x02,
  ipOptions: "not set",
  result: "blocked",
  ...more,
});

describe("HistoryWriter in 1.2's form", () => {
  it.each([
    { result: "blocked", status: "applied" },
    { result: "watched", status: "applied" },
    { result: "failed", status: "refused" },
    { result: "already-blocked", status: "refused" },
    { result: "below-trigger", status: "refused" },
  ] as const)("$result: $status", ({ result, status }) => {
    using folder = new TemporaryFolder();
    const { writer } = open(folder, "1.2");
    expect(writer.record(scan("192.0.2.7", { result })).status).toBe(status);
  });

  it("has name, address, port and transport of the probe, and the time of the block", () => {
    using folder = new TemporaryFolder();
    const { writer, lines, clock } = open(folder, "1.2");
    writer.record(scan("192.0.2.7", { host: "a.example.org", transport: "udp", port: 0 }));
    const seconds = Math.floor(clock.epochMs() / 1000);
    expect(lines()).toEqual([
      expect.stringMatching(
        new RegExp(`^${seconds} - .* Host: a\\.example\\.org/192\\.0\\.2\\.7 Port: 0 UDP Blocked$`),
      ),
    ]);
  });

  it("has one line for a source that goes on being watched, until it is forgotten", () => {
    using folder = new TemporaryFolder();
    const { writer, lines } = open(folder, "1.2");
    const watched = scan("192.0.2.7", { result: "watched" });
    expect(writer.record(watched).status).toBe("applied");
    expect(writer.record(watched).status).toBe("already-applied");
    writer.forget([prefix("192.0.2.0/24")]);
    expect(writer.record(watched).status).toBe("applied");
    expect(lines()).toHaveLength(2);
  });

  it("has a line for each block, because a second one follows the end of the first", () => {
    using folder = new TemporaryFolder();
    const { writer, lines } = open(folder, "1.2");
    for (let block = 0; block < 2; block += 1) writer.record(scan("192.0.2.7"));
    expect(lines()).toHaveLength(2);
  });
});

describe("HistoryWriter in 2.x's form", () => {
  it("has a line for each result", () => {
    using folder = new TemporaryFolder();
    const { writer, lines } = open(folder, "2.x");
    for (const result of RESULTS) writer.record(scan("192.0.2.7", { result }));
    expect(lines().map((line) => line.replace(/^\S+ /, ""))).toEqual(
      RESULTS.map((result) => `Scan 192.0.2.7 ${result}`),
    );
  });
});

describe.each(["1.2", "2.x"] as const)("HistoryWriter in the form of %s", (form) => {
  it.each([
    { source: "192.0.2.1", reason: "trusted: default gateway" },
    { source: "127.0.0.1", reason: "127.0.0.1/32 is not a sender's address: loopback" },
    { source: "ff02::1", reason: "ff02::1/128 is not a sender's address: multicast" },
  ])("writes no line of $source", ({ source, reason }) => {
    using folder = new TemporaryFolder();
    const { writer } = open(folder, form);
    expect(writer.record(scan(source))).toEqual({ status: "refused", reason });
  });

  it("writes nobody while who is trusted is not known", () => {
    using folder = new TemporaryFolder();
    const { writer, trusted } = open(folder, form);
    trusted.replace([], "the ignore file cannot be read");
    expect(writer.record(scan("192.0.2.7")).status).toBe("refused");
  });

  it("tells once that the file fails, and that it takes lines again", () => {
    using folder = new TemporaryFolder();
    const { writer, faults } = open(folder, form, "none/portsentry.history");
    for (const source of ["192.0.2.7", "192.0.2.8"]) {
      expect(writer.record(scan(source)).status).toBe("failed");
    }
    expect(faults).toEqual([expect.stringContaining("portsentry.history cannot be written")]);
    mkdirSync(folder.join("none"));
    for (const source of ["192.0.2.7", "192.0.2.8"]) {
      expect(writer.record(scan(source)).status).toBe("applied");
    }
    expect(faults.slice(1)).toEqual([undefined]);
  });
});
