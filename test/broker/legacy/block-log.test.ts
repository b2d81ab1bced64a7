import { readFileSync, renameSync, statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { BlockLog, LINES_A_MINUTE, LINES_A_SOURCE } from "../../../src/broker/legacy/block-log.ts";
import type { DroppedPacket } from "../../../src/model/dropped-packet.ts";
import { address, FakeClock } from "../fakes.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

function open(folder: TemporaryFolder, hostName = "server.example.org") {
  const clock = new FakeClock();
  const path = folder.join("portsentry.block.log");
  const nameOfInterface = (index: number) => (index === 2 ? "eth0" : "");
  const options = { path, sender: "portsentry[412]", hostName, nameOfInterface };
  const log = new BlockLog(options, clock);
  const lines = (of = path) => readFileSync(of, "utf8").split("\n").slice(0, -1);
  return { clock, path, log, lines };
}

function dropped(source: string): DroppedPacket {
  return {
    interfaceIndex: 2,
    linkHeader: "",
    source: address(source),
    destination: address("198.51.100.1"),
    lengthBytes: 44,
    trafficClass: 0,
    ttlHops: 52,
    identification: 4711,
    fragmentField: 0,
    flowLabel: 0,
    transport: {
      protocol: "tcp",
      sourcePort: 40_000,
      destinationPort: 445,
      window: 1024,
      reservedBits: 0,
      flags: 2,
      urgentPointer: 0,
    },
  };
}

describe("BlockLog", () => {
  it("writes a dropped packet as a system log files the kernel's line", () => {
    using folder = new TemporaryFolder();
    const { log, path, lines } = open(folder);
    expect(log.append(dropped("192.0.2.7"))).toEqual({ status: "applied" });
    expect(lines()).toEqual([
      expect.stringMatching(
        /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d server portsentry\[412\]: Portsentry: dropping: IN=eth0 OUT= MAC= SRC=192\.0\.2\.7 DST=198\.51\.100\.1 LEN=44 TOS=0x00 PREC=0x00 TTL=52 ID=4711 PROTO=TCP SPT=40000 DPT=445 WINDOW=1024 RES=0x00 SYN URGP=0 $/,
      ),
    ]);
    expect(statSync(path).mode & 0o777).toBe(0o640);
    log.close();
  });

  it.each([0, 7])("has no name for interface %i, which it does not know", (interfaceIndex) => {
    using folder = new TemporaryFolder();
    const { log, lines } = open(folder);
    log.append({ ...dropped("192.0.2.7"), interfaceIndex });
    expect(lines()).toEqual([
      expect.stringContaining(": Portsentry: dropping: IN= OUT= MAC= SRC="),
    ]);
    log.close();
  });

  it("makes its file when it is opened, and says why it cannot", () => {
    using folder = new TemporaryFolder();
    const { log, lines } = open(folder);
    expect([log.open(), log.failures]).toEqual([{ status: "applied" }, 0]);
    expect(lines()).toEqual([]);
    log.close();
    const misplaced = new BlockLog(
      { path: folder.path, sender: "portsentry[412]" },
      new FakeClock(),
    );
    expect(misplaced.open()).toEqual({
      status: "failed",
      reason: `${folder.path} cannot be written: EISDIR`,
    });
  });

  it(`has ${LINES_A_SOURCE} lines of a source in any minute, and others beside them`, () => {
    using folder = new TemporaryFolder();
    const { clock, log, lines } = open(folder);
    const append = (source: string) => log.append(dropped(source)).status;
    for (let count = 0; count < LINES_A_SOURCE; count += 1) append("192.0.2.7");
    expect([append("192.0.2.7"), append("192.0.2.8")]).toEqual(["refused", "applied"]);
    clock.advance(59_999);
    expect(append("192.0.2.7")).toBe("refused");
    clock.advance(1);
    expect(append("192.0.2.7")).toBe("applied");
    expect(lines()).toHaveLength(LINES_A_SOURCE + 2);
    expect([log.skipped, log.failures]).toEqual([2, 0]);
    log.close();
  });

  it(`has ${LINES_A_MINUTE} lines in any minute, whoever knocks`, () => {
    using folder = new TemporaryFolder();
    const { log, lines } = open(folder);
    for (let index = 0; index < LINES_A_MINUTE + 100; index += 1) {
      log.append(dropped(`198.51.${100 + (index >> 8)}.${index & 255}`));
    }
    expect(lines()).toHaveLength(LINES_A_MINUTE);
    expect(log.skipped).toBe(100);
    log.close();
  });

  it("goes on in the new file after a rotation", () => {
    using folder = new TemporaryFolder();
    const { log, path, lines } = open(folder);
    log.append(dropped("192.0.2.7"));
    renameSync(path, `${path}.1`);
    log.append(dropped("192.0.2.8"));
    expect([lines(`${path}.1`).length, lines().length]).toEqual([1, 1]);
    log.close();
  });

  it("lets this machine's name hold no other field", () => {
    using folder = new TemporaryFolder();
    const { log, lines } = open(folder, "a b\nc");
    log.append(dropped("192.0.2.7"));
    expect(lines()).toEqual([expect.stringContaining(" a?b?c portsentry[412]: ")]);
    log.close();
  });
});
