import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  HistoryFile,
  LINES_A_MINUTE,
  SCANS_A_MINUTE,
} from "../../../src/broker/legacy/history-file.ts";
import type { HistoryRecord } from "../../../src/broker/legacy/history-line.ts";
import type { IpAddress } from "../../../src/net/ip-address.ts";
import { address, FakeClock, prefix } from "../fakes.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

function open(folder: TemporaryFolder) {
  const clock = new FakeClock();
  const path = folder.join("portsentry.history");
  const file = new HistoryFile({ path, stateDirectory: folder.join("state") }, clock);
  const lines = () => readFileSync(path, "utf8").split("\n").slice(0, -1);
  return { clock, path, file, lines };
}

function block(source: IpAddress, sinceEpochMs = 1_795_354_999_000): HistoryRecord {
  return { address: source, host: source, port: 11, transport: "tcp", sinceEpochMs };
}

/** The n-th of many sources. */
function nth(index: number): IpAddress {
  return address(`198.51.${100 + (index >> 8)}.${index & 255}`);
}

describe("HistoryFile in 1.2's form", () => {
  it("has a line for the first block of a source, and mode 0600", () => {
    using folder = new TemporaryFolder();
    const { file, path, lines } = open(folder);
    const statuses = [nth(1), nth(1), nth(2)].map(
      (source) => file.appendBlock(block(source)).status,
    );
    expect(statuses).toEqual(["applied", "already-applied", "applied"]);
    expect(lines()).toEqual([
      expect.stringMatching(
        /^1795354999 - .* Host: 198\.51\.100\.1\/198\.51\.100\.1 Port: 11 TCP Blocked$/,
      ),
      expect.stringMatching(
        /^1795354999 - .* Host: 198\.51\.100\.2\/198\.51\.100\.2 Port: 11 TCP Blocked$/,
      ),
    ]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    file.close();
  });

  it.each([
    { what: "its own", over: ["198.51.100.1"], status: "applied" },
    { what: "a wider one", over: ["203.0.113.9", "198.51.100.0/31"], status: "applied" },
    { what: "another's", over: ["198.51.100.2", "198.51.100.2/31"], status: "already-applied" },
    { what: "none", over: [], status: "already-applied" },
  ])("says $status to the next block of a source when $what was over", ({ over, status }) => {
    using folder = new TemporaryFolder();
    const { file } = open(folder);
    file.appendBlock(block(nth(1)));
    file.forget(over.map(prefix));
    expect(file.appendBlock(block(nth(1))).status).toBe(status);
    file.close();
  });

  it("is not cut at a start", () => {
    using folder = new TemporaryFolder();
    const { file, path, lines } = open(folder);
    writeFileSync(path, "1 - 01/01/1970 00:00:01 Host: a/192.0.2.1 Port: 1 TCP Blocked\n");
    file.appendBlock(block(nth(1)));
    expect(lines()).toHaveLength(2);
    file.close();
  });

  it(`takes ${LINES_A_MINUTE} lines in any minute; a block without one is due again`, () => {
    using folder = new TemporaryFolder();
    const { clock, file, lines } = open(folder);
    for (let index = 0; index < LINES_A_MINUTE; index += 1) file.appendBlock(block(nth(index)));
    const late = block(nth(LINES_A_MINUTE));
    expect(file.appendBlock(late).status).toBe("refused");
    clock.advance(59_999);
    expect(file.appendBlock(late).status).toBe("refused");
    clock.advance(1);
    expect(file.appendBlock(late).status).toBe("applied");
    expect(lines()).toHaveLength(LINES_A_MINUTE + 1);
    expect([file.skipped, file.failures]).toEqual([2, 0]);
    file.close();
  });

  it("counts a line that the file did not take, and writes it at the next block", () => {
    using folder = new TemporaryFolder();
    const path = folder.join("none/portsentry.history");
    const stateDirectory = folder.join("state");
    const file = new HistoryFile({ path, stateDirectory }, new FakeClock());
    expect(file.appendBlock(block(nth(1))).status).toBe("failed");
    mkdirSync(folder.join("none"));
    expect(file.appendBlock(block(nth(1))).status).toBe("applied");
    expect(file.failures).toBe(1);
    file.close();
  });

  it("makes the state directory when it lies in it", () => {
    using folder = new TemporaryFolder();
    const stateDirectory = folder.join("state");
    const options = { path: folder.join("state/portsentry.history"), stateDirectory };
    const file = new HistoryFile(options, new FakeClock());
    expect(file.appendBlock(block(nth(1))).status).toBe("applied");
    file.close();
  });
});

describe("HistoryFile in 2.x's form", () => {
  it("has the time before each line", () => {
    using folder = new TemporaryFolder();
    const { file, lines } = open(folder);
    file.appendScan(nth(1), "Scan from: [198.51.100.1] (x)");
    file.appendScan(nth(1), "Scan from: [198.51.100.1] (x)");
    const line = expect.stringMatching(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4} Scan from: \[198\.51\.100\.1\] \(x\)$/,
    );
    expect(lines()).toEqual([line, line]);
    file.close();
  });

  it("keeps at a start what stands in it", () => {
    using folder = new TemporaryFolder();
    const { file, path, lines } = open(folder);
    writeFileSync(path, "2026-11-22T13:51:15.814+0000 Scan from: [192.0.2.1] (x)\n");
    file.appendScan(nth(1), "Scan from: [198.51.100.1] (x)");
    expect(lines()).toHaveLength(2);
    file.close();
  });

  it(`takes ${SCANS_A_MINUTE} lines of a source in any minute, and others beside them`, () => {
    using folder = new TemporaryFolder();
    const { clock, file } = open(folder);
    const append = (index: number) => file.appendScan(nth(index), "Scan").status;
    for (let count = 0; count < SCANS_A_MINUTE; count += 1) expect(append(1)).toBe("applied");
    expect([append(1), append(2)]).toEqual(["refused", "applied"]);
    clock.advance(60_000);
    expect(append(1)).toBe("applied");
    file.close();
  });
});
