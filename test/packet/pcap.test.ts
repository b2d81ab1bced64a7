import { describe, expect, it } from "vitest";
import { decodeCapture } from "./captured.ts";
import { bytesOf } from "./hex.ts";

const IP = "45000014 00000000 40060000 c0000207 c6336401";
const IP_HEX = IP.replaceAll(" ", "");
/** Time zone and accuracy, both 0 and read by nobody. */
const UNUSED = "00000000 00000000";

/** Snap length 65535 and raw IP (101), little-endian. */
const HEADER = `d4c3b2a1 0200 0400 ${UNUSED} ffff0000 65000000`;
/** 1767225600.123456 s (0x6955b900, 0x1e240), 20 bytes (0x14). */
const RECORD = `00b95569 40e20100 14000000 14000000 ${IP}`;

const AT_MS = 1_767_225_600_123.456;

describe("a pcap file", () => {
  it.each([
    { what: "little-endian with microseconds", hex: [HEADER, RECORD] },
    {
      what: "big-endian with microseconds",
      hex: [
        `a1b2c3d4 0002 0004 ${UNUSED} 0000ffff 00000065`,
        `6955b900 0001e240 00000014 00000014 ${IP}`,
      ],
    },
    {
      // 123456000 ns: 0x75bca00.
      what: "little-endian with nanoseconds",
      hex: [
        `4d3cb2a1 0200 0400 ${UNUSED} ffff0000 65000000`,
        `00b95569 00ca5b07 14000000 14000000 ${IP}`,
      ],
    },
    {
      what: "big-endian with nanoseconds",
      hex: [
        `a1b23c4d 0002 0004 ${UNUSED} 0000ffff 00000065`,
        `6955b900 075bca00 00000014 00000014 ${IP}`,
      ],
    },
    {
      // 0x24000000: the frame check sequence is given and two words long.
      what: "that says how long a frame check sequence is",
      hex: [`d4c3b2a1 0200 0400 ${UNUSED} ffff0000 65000024`, RECORD],
    },
    {
      // Snap length 16, below the packet's 20 bytes.
      what: "whose snap length is wrong",
      hex: [`d4c3b2a1 0200 0400 ${UNUSED} 10000000 65000000`, RECORD],
    },
    {
      // 1,500 bytes (0x5dc) were sent.
      what: "that cut the packet",
      hex: [HEADER, `00b95569 40e20100 14000000 dc050000 ${IP}`],
    },
  ])("$what is read", ({ hex }) => {
    const { packets, counts, end } = decodeCapture(bytesOf(...hex));
    expect(packets).toEqual([{ hex: IP_HEX, seenAtEpochMs: AT_MS, linkType: 101 }]);
    expect(counts).toMatchObject({ packets: 1, ip: 1, outOfOrder: 0 });
    expect(end).toEqual({ status: "complete", format: "pcap" });
  });

  it("without packets is complete", () => {
    const { packets, end } = decodeCapture(bytesOf(HEADER));
    expect(packets).toEqual([]);
    expect(end).toEqual({ status: "complete", format: "pcap" });
  });

  it("may hold a packet of no bytes, which is broken", () => {
    const { counts } = decodeCapture(
      bytesOf(HEADER, "00b95569 40e20100 00000000 00000000", RECORD),
    );
    expect(counts).toMatchObject({ packets: 2, broken: 1, ip: 1 });
  });

  // 0x40000 is 262,144 bytes, 0x40001 one more.
  it("may hold a packet as long as the bound", () => {
    const packet = Buffer.alloc(262_144);
    packet.set(bytesOf(IP));
    const record = bytesOf("00b95569 40e20100 00000400 00000400");
    const { counts, end } = decodeCapture(bytesOf(HEADER), record, packet);
    expect(counts.ip).toBe(1);
    expect(end.status).toBe("complete");
  });

  it("is damaged by a packet a byte longer than the bound, before that is there", () => {
    const { end } = decodeCapture(bytesOf(HEADER, "00b95569 40e20100 01000400 01000400"));
    expect(end).toMatchObject({
      status: "damaged",
      damage: { offsetBytes: 24, reason: "a packet of 262145 bytes, above 262144" },
    });
  });

  it("is read to the damage, and not behind it", () => {
    // The second record is of 0x7fffffff bytes; the third is whole.
    const { packets, end } = decodeCapture(
      bytesOf(HEADER, RECORD, "00b95569 40e20100 ffffff7f ffffff7f", RECORD),
    );
    expect(packets).toHaveLength(1);
    expect(end).toMatchObject({
      status: "damaged",
      damage: { offsetBytes: 60, reason: "a packet of 2147483647 bytes, above 262144" },
    });
  });

  it.each([
    {
      what: "in its header",
      hex: [HEADER.slice(0, -2)],
      offsetBytes: 0,
      reason: "the capture ends 23 bytes into its header",
    },
    {
      what: "in a record's header",
      hex: [HEADER, RECORD, "00b95569"],
      offsetBytes: 60,
      reason: "the capture ends 4 bytes into a record",
    },
    {
      what: "in a packet",
      hex: [HEADER, RECORD, RECORD.slice(0, -2)],
      offsetBytes: 60,
      reason: "the capture ends 35 bytes into a record",
    },
  ])("that ends $what is damaged there", ({ hex, offsetBytes, reason }) => {
    const { end } = decodeCapture(bytesOf(...hex));
    expect(end).toEqual({ status: "damaged", format: "pcap", damage: { offsetBytes, reason } });
  });

  it.each([
    { version: "2.3", hex: "0200 0300" },
    { version: "1.4", hex: "0100 0400" },
    { version: "3.4", hex: "0300 0400" },
  ])("of version $version is not guessed at", ({ version, hex }) => {
    const { packets, end } = decodeCapture(
      bytesOf(`d4c3b2a1 ${hex} ${UNUSED} ffff0000 65000000`, RECORD),
    );
    expect(packets).toEqual([]);
    expect(end).toMatchObject({
      damage: { offsetBytes: 0, reason: `version ${version} of pcap is not read, only 2.4` },
    });
  });
});
