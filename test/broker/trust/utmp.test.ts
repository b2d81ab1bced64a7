import { chmodSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeUtmp, UTMP_LAYOUTS, UtmpSessions } from "../../../src/broker/trust/utmp.ts";
import { FakeFiles, prefixesOf } from "./fake-files.ts";

interface Record {
  readonly type?: number;
  readonly pid?: number;
  readonly line?: string;
  readonly user?: string;
  readonly host?: string;
  /** Bytes of ut_addr_v6, from its first. */
  readonly addressBytes?: readonly number[];
}

/** A session of user ann on pts/0 with process 100, but for what is given. */
function record(layout: { recordBytes: number; addressAt: number }, given: Record = {}): Buffer {
  const bytes = Buffer.alloc(layout.recordBytes);
  bytes.writeInt16LE(given.type ?? 7, 0);
  bytes.writeInt32LE(given.pid ?? 100, 4);
  bytes.write(given.line ?? "pts/0", 8, 32, "latin1");
  bytes.write(given.user ?? "ann", 44, 32, "latin1");
  bytes.write(given.host ?? "", 76, 256, "latin1");
  Buffer.from(given.addressBytes ?? [192, 0, 2, 7]).copy(bytes, layout.addressAt);
  return bytes;
}

const { x64, arm64 } = UTMP_LAYOUTS;
const IPV6 = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7];

describe("decodeUtmp", () => {
  it.each<{ what: string; given: Record; found: string[] }>([
    { what: "an IPv4 session", given: {}, found: ["192.0.2.7"] },
    { what: "an IPv6 session", given: { addressBytes: IPV6 }, found: ["2001:db8::7"] },
    {
      what: "an address only as text",
      given: { addressBytes: [], host: "192.0.2.8" },
      found: ["192.0.2.8"],
    },
    { what: "a host name only", given: { addressBytes: [], host: "pc.example.org" }, found: [] },
    { what: "a session at the machine itself", given: { addressBytes: [] }, found: [] },
    { what: "a login that is not over (LOGIN_PROCESS)", given: { type: 6 }, found: [] },
    { what: "a session that has ended (DEAD_PROCESS)", given: { type: 8 }, found: [] },
    { what: "no user", given: { user: "" }, found: [] },
    { what: "no line", given: { line: "" }, found: [] },
    { what: "process 0", given: { pid: 0 }, found: [] },
    { what: "a negative process", given: { pid: -1 }, found: [] },
  ])("$what -> $found", ({ given, found }) => {
    for (const layout of [x64, arm64]) {
      const bytes = Buffer.concat([record(layout, { type: 2 }), record(layout, given)]);
      expect(decodeUtmp(bytes, layout).map(({ address }) => address)).toEqual(found);
    }
  });

  it("passes over half a record at the end", () => {
    const bytes = Buffer.concat([record(x64), record(x64).subarray(0, 383)]);
    expect(decodeUtmp(bytes, x64)).toEqual([{ address: "192.0.2.7", user: "ann", pid: 100 }]);
  });

  it("never throws on any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 900 }), (bytes) => {
        decodeUtmp(Buffer.from(bytes), x64);
      }),
    );
  });
});

describe("UtmpSessions", () => {
  const layout = process.arch === "arm64" ? arm64 : x64;

  it("trusts the sessions whose process lives", () => {
    using files = new FakeFiles();
    const path = files.write(
      "utmp",
      Buffer.concat([record(layout), record(layout, { pid: 101, addressBytes: IPV6 })]),
    );
    expect(prefixesOf(new UtmpSessions(path, (pid) => pid === 101).read())).toEqual([
      "2001:db8::7/128",
    ]);
  });

  it("does not read a file that anybody may write", () => {
    using files = new FakeFiles();
    const path = files.write("utmp", record(layout));
    chmodSync(path, 0o666);
    expect(new UtmpSessions(path, () => true).read()).toMatchObject({ status: "unreadable" });
  });

  it("finds nobody where there is no such file", () => {
    using files = new FakeFiles();
    expect(prefixesOf(new UtmpSessions(files.path("none")).read())).toEqual([]);
  });
});
