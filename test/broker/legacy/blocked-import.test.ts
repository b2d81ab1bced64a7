import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readBlockedFiles } from "../../../src/broker/legacy/blocked-import.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

const LINE = "1795354999 - 11/22/2026 13:43:19 Host: 192.0.2.7/192.0.2.7 Port: 11 TCP Blocked\n";

describe("readBlockedFiles", () => {
  it("finds nothing where no PortSentry has been", () => {
    using folder = new TemporaryFolder();
    expect(readBlockedFiles(folder.join("portsentry.blocked"))).toEqual([]);
  });

  it("reads 1.2's file of each mode and 2.x's under the bare name", () => {
    using folder = new TemporaryFolder();
    const setting = folder.join("portsentry.blocked");
    writeFileSync(`${setting}.atcp`, LINE);
    writeFileSync(`${setting}.audp`, LINE.replace("TCP", "UDP"));
    writeFileSync(`${setting}.other`, LINE);
    writeFileSync(setting, Buffer.from("0200c0000208", "hex"));
    expect(readBlockedFiles(setting)).toMatchObject([
      {
        form: "atcp",
        blocks: [
          { address: "192.0.2.7", port: 11, transport: "tcp", sinceEpochMs: 1_795_354_999_000 },
        ],
        fault: undefined,
      },
      { form: "audp", blocks: [{ address: "192.0.2.7", transport: "udp" }], fault: undefined },
      { form: "binary", path: setting, blocks: [{ address: "192.0.2.8" }], fault: undefined },
    ]);
  });

  it("says what is damaged and takes the rest", () => {
    using folder = new TemporaryFolder();
    const setting = folder.join("portsentry.blocked");
    writeFileSync(`${setting}.tcp`, `noise\n${LINE}more noise`);
    writeFileSync(setting, Buffer.from("0200c000020802", "hex"));
    expect(readBlockedFiles(setting)).toMatchObject([
      {
        blocks: [{ address: "192.0.2.7" }],
        fault: `${setting}.tcp: damaged lines, passed over: 2`,
      },
      { blocks: [{ address: "192.0.2.8" }], fault: `${setting}: damaged from byte 6 on` },
    ]);
  });

  it("does not believe a file that others may write", () => {
    using folder = new TemporaryFolder();
    const setting = folder.join("portsentry.blocked");
    writeFileSync(setting, Buffer.from("0200c0000208", "hex"));
    chmodSync(setting, 0o666);
    expect(readBlockedFiles(setting)).toMatchObject([
      { blocks: [], fault: `${setting} can be written by others than root` },
    ]);
  });

  it("says that something else stands in the place", () => {
    using folder = new TemporaryFolder();
    const setting = folder.join("portsentry.blocked");
    mkdirSync(setting);
    expect(readBlockedFiles(setting)).toMatchObject([
      { blocks: [], fault: `${setting} is no file` },
    ]);
  });
});
