import { describe, expect, it } from "vitest";
import { decodeCapture } from "./captured.ts";
import { bytesOf } from "./hex.ts";
import { blockOf } from "./write-capture.ts";

const IP = "45000014 00000000 40060000 c0000207 c6336401";
const IP_HEX = IP.replaceAll(" ", "");
const AT_MS = 1_767_225_600_123.456;

/** Version 1.0, length of the section not known. */
const SECTION = "0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000";
const BIG_SECTION = "0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c";
/** Raw IP (101), no snap length, no options: microseconds. */
const INTERFACE = "01000000 14000000 6500 0000 00000000 14000000";

/** The fields of a packet block: interface 0, 1767225600123456 us, 20 bytes of 20. */
const PACKET = "00000000 48470600 40222246 14000000 14000000";

const enhanced = (head: string, bytes = IP) => blockOf(6, bytesOf(head, bytes));
const described = (body: string) => blockOf(1, bytesOf("6500 0000 00000000", body));

function decodeBlocks(...blocks: (string | Uint8Array)[]) {
  return decodeCapture(...blocks.map((each) => (typeof each === "string" ? bytesOf(each) : each)));
}

describe("a pcapng file", () => {
  it("is read, little-endian", () => {
    const { packets, counts, end } = decodeBlocks(
      SECTION,
      INTERFACE,
      `06000000 34000000 ${PACKET} ${IP} 34000000`,
    );
    expect(packets).toEqual([{ hex: IP_HEX, seenAtEpochMs: AT_MS, linkType: 101 }]);
    expect(counts).toMatchObject({ packets: 1, ip: 1, untimed: 0 });
    expect(end).toEqual({ status: "complete", format: "pcapng" });
  });

  it("is read, big-endian", () => {
    const { packets, end } = decodeBlocks(
      BIG_SECTION,
      "00000001 00000014 0065 0000 00000000 00000014",
      `00000006 00000034 00000000 00064748 46222240 00000014 00000014 ${IP} 00000034`,
    );
    expect(packets).toEqual([{ hex: IP_HEX, seenAtEpochMs: AT_MS, linkType: 101 }]);
    expect(end).toEqual({ status: "complete", format: "pcapng" });
  });

  it("may hold the obsolete packet block, with its count of losses", () => {
    // Interface 0, 7 packets lost.
    const body = `0000 0700 ${PACKET.slice(9)} ${IP}`;
    const { packets } = decodeBlocks(SECTION, INTERFACE, blockOf(2, bytesOf(body)));
    expect(packets).toEqual([{ hex: IP_HEX, seenAtEpochMs: AT_MS, linkType: 101 }]);
  });

  it("has options behind a packet, which are passed over", () => {
    // opt_comment "hi!!", then the end of options.
    const { packets, end } = decodeBlocks(
      SECTION,
      INTERFACE,
      enhanced(PACKET, `${IP} 0100 0400 68692121 0000 0000`),
    );
    expect(packets).toMatchObject([{ hex: IP_HEX }]);
    expect(end.status).toBe("complete");
  });

  it("does not take the padding of a packet for its bytes", () => {
    // 21 bytes of 21, padded to 24.
    const head = PACKET.replaceAll("14000000", "15000000");
    const { packets } = decodeBlocks(SECTION, INTERFACE, enhanced(head, `${IP} ff 000000`));
    expect(packets).toMatchObject([{ hex: `${IP_HEX}ff` }]);
  });

  it("skips blocks that carry no packet, known or not, however long", () => {
    const { packets, end } = decodeBlocks(
      SECTION,
      // Name resolution, empty.
      blockOf(4, bytesOf("")),
      INTERFACE,
      // Interface statistics; decryption secrets of 3 MiB; a private block.
      blockOf(5, bytesOf("00000000 00000000 00000000")),
      blockOf(10, Buffer.alloc(3 << 20, 0x45)),
      blockOf(0x80000001, Buffer.from("\n\r\r\n")),
      enhanced(PACKET),
    );
    expect(packets).toMatchObject([{ hex: IP_HEX }]);
    expect(end.status).toBe("complete");
  });

  it.each([
    // if_tsresol 9: 1767225600123456000 ns.
    {
      what: "nanoseconds",
      options: "0900 0100 09000000",
      time: "51728618 00ca55f5",
      ms: AT_MS,
    },
    // if_tsresol 3: 1767225600123 ms.
    {
      what: "milliseconds",
      options: "0900 0100 03000000",
      time: "9b010000 7ba8da76",
      ms: 1_767_225_600_123,
    },
    // if_tsresol 0: seconds.
    {
      what: "seconds",
      options: "0900 0100 00000000",
      time: "00000000 00b95569",
      ms: 1_767_225_600_000,
    },
    // if_tsresol 0x80 | 8: 1767225600.5 s times 256.
    {
      what: "2^-8 s",
      options: "0900 0100 88000000",
      time: "69000000 8000b955",
      ms: 1_767_225_600_500,
    },
    // An option before it, and the end of options before what would be another.
    {
      what: "seconds among other options",
      options: "0200 0300 65746800 0900 0100 00000000 0000 0000 0900 0100 09000000",
      time: "00000000 00b95569",
      ms: 1_767_225_600_000,
    },
    // A resolution of two bytes is none.
    {
      what: "microseconds for want of better",
      options: "0900 0200 09090000",
      time: "48470600 40222246",
      ms: AT_MS,
    },
  ])("has an interface that counts $what", ({ options, time, ms }) => {
    const { packets } = decodeBlocks(
      SECTION,
      described(options),
      enhanced(`00000000 ${time} 14000000 14000000`),
    );
    expect(packets.map((each) => each.seenAtEpochMs)).toEqual([ms]);
  });

  it.each([
    { what: "an hour", options: "0e00 0800 100e000000000000", ms: AT_MS + 3_600_000 },
    { what: "minus one second", options: "0e00 0800 ffffffffffffffff", ms: AT_MS - 1000 },
    // Five bytes are no offset.
    { what: "nothing", options: "0e00 0500 100e000000 000000", ms: AT_MS },
  ])("has an interface whose times are later by $what", ({ options, ms }) => {
    const { packets } = decodeBlocks(SECTION, described(options), enhanced(PACKET));
    expect(packets).toMatchObject([{ seenAtEpochMs: ms }]);
  });

  it("is not out of order where it begins before 1970", () => {
    // The clock is 2^32 s early.
    const early = described("0e00 0800 00000000ffffffff");
    const { packets, counts } = decodeBlocks(SECTION, early, enhanced(PACKET));
    expect(packets).toMatchObject([{ seenAtEpochMs: AT_MS - 2 ** 32 * 1000 }]);
    expect(counts.outOfOrder).toBe(0);
  });

  it("reads a big-endian offset", () => {
    const { packets } = decodeBlocks(
      BIG_SECTION,
      blockOf(1, bytesOf("0065 0000 00000000 000e 0008 0000000000000e10"), false),
      blockOf(6, bytesOf("00000000 00064748 46222240 00000014 00000014", IP), false),
    );
    expect(packets).toMatchObject([{ seenAtEpochMs: AT_MS + 3_600_000 }]);
  });

  it("gives each packet the link type and the clock of its own interface", () => {
    const ethernet = "0200000000010200000000020800";
    const { packets } = decodeBlocks(
      SECTION,
      INTERFACE,
      // Ethernet, seconds.
      blockOf(1, bytesOf("0100 0000 00000000 0900 0100 00000000")),
      enhanced(PACKET),
      enhanced("01000000 00000000 00b95569 22000000 22000000", `${ethernet} ${IP} 0000`),
    );
    expect(packets).toEqual([
      { hex: IP_HEX, seenAtEpochMs: AT_MS, linkType: 101 },
      { hex: IP_HEX, seenAtEpochMs: 1_767_225_600_000, linkType: 1 },
    ]);
  });

  it("begins anew with each section, also in the other byte order", () => {
    const { packets, end } = decodeBlocks(
      SECTION,
      INTERFACE,
      enhanced(PACKET),
      BIG_SECTION,
      "00000001 00000014 00e4 0000 00000000 00000014",
      blockOf(6, bytesOf("00000000 00064748 46222240 00000014 00000014", IP), false),
      SECTION,
      enhanced(PACKET),
    );
    expect(packets.map(({ linkType }) => linkType)).toEqual([101, 228]);
    // The third section has described no interface.
    expect(end).toMatchObject({
      damage: {
        offsetBytes: 228,
        reason: "a packet of interface 0, which the section does not describe",
      },
    });
  });

  it.each([
    { what: "whole", snap: "00000000", sent: "14000000", bytes: IP, hex: IP_HEX },
    {
      what: "to the snap length",
      snap: "10000000",
      sent: "14000000",
      bytes: IP.slice(0, 35),
      hex: IP_HEX.slice(0, 32),
    },
    {
      what: "whole below the snap length",
      snap: "ff000000",
      sent: "14000000",
      bytes: IP,
      hex: IP_HEX,
    },
  ])(
    "holds a simple packet $what, with the time of the packet before",
    ({ snap, sent, bytes, hex }) => {
      const { packets, counts } = decodeBlocks(
        SECTION,
        blockOf(1, bytesOf(`6500 0000 ${snap}`)),
        blockOf(3, bytesOf(sent, bytes)),
        enhanced(PACKET),
        blockOf(3, bytesOf(sent, bytes)),
      );
      expect(packets).toEqual([
        { hex, seenAtEpochMs: 0, linkType: 101 },
        { hex: IP_HEX, seenAtEpochMs: AT_MS, linkType: 101 },
        { hex, seenAtEpochMs: AT_MS, linkType: 101 },
      ]);
      expect(counts).toMatchObject({ packets: 3, untimed: 2, outOfOrder: 0 });
    },
  );

  it.each([
    {
      what: "an impossible length of 8",
      blocks: [INTERFACE, "06000000 08000000"],
      offsetBytes: 48,
      reason: "a block of type 6 with the impossible length 8",
    },
    {
      what: "a length that is no multiple of four",
      blocks: [INTERFACE, "05000000 0d000000"],
      offsetBytes: 48,
      reason: "a block of type 5 with the impossible length 13",
    },
    {
      what: "a packet block with no room for its fields",
      blocks: [INTERFACE, "06000000 1c000000"],
      offsetBytes: 48,
      reason: "a block of type 6 with the impossible length 28",
    },
    {
      // 0x100004: four bytes above 1 MiB.
      what: "a packet block beyond every bound",
      blocks: [INTERFACE, "06000000 04001000"],
      offsetBytes: 48,
      reason: "a block of type 6 of 1048580 bytes, above 1048576",
    },
    {
      what: "two lengths that differ",
      blocks: [INTERFACE, `06000000 34000000 ${PACKET} ${IP} 38000000`],
      offsetBytes: 48,
      reason: "a block that begins with the length 52 and ends with 56",
    },
    {
      what: "two lengths that differ around what is skipped",
      blocks: [INTERFACE, "05000000 10000000 00000000 14000000"],
      offsetBytes: 48,
      reason: "a block that begins with the length 16 and ends with 20",
    },
    {
      what: "more bytes captured than the block has",
      blocks: [INTERFACE, enhanced(PACKET.replace("14000000", "15000000"))],
      offsetBytes: 48,
      reason: "a packet of 21 bytes in a block with room for 20",
    },
    {
      what: "more bytes captured than any packet has",
      blocks: [INTERFACE, enhanced(PACKET.replace("14000000", "01000400"))],
      offsetBytes: 48,
      reason: "a packet of 262145 bytes, above 262144",
    },
    {
      what: "a simple packet with more bytes than its block",
      blocks: [INTERFACE, blockOf(3, bytesOf("15000000", IP))],
      offsetBytes: 48,
      reason: "a packet of 21 bytes in a block with room for 20",
    },
    {
      what: "a packet of an interface that nobody described",
      blocks: [INTERFACE, enhanced(PACKET.replace("00000000", "01000000"))],
      offsetBytes: 48,
      reason: "a packet of interface 1, which the section does not describe",
    },
    {
      what: "a simple packet without an interface",
      blocks: [blockOf(3, bytesOf("14000000", IP))],
      offsetBytes: 28,
      reason: "a packet of interface 0, which the section does not describe",
    },
    {
      what: "an option longer than its block",
      blocks: [described("0900 0500 09000000")],
      offsetBytes: 28,
      reason: "an option of 5 bytes past the end of its block",
    },
    {
      what: "a second section of another version",
      blocks: [SECTION.replace("0100 0000", "0200 0000")],
      offsetBytes: 28,
      reason: "a section of version 2 of pcapng, only 1 is read",
    },
    {
      what: "a second section without a byte order",
      blocks: [SECTION.replace("4d3c2b1a", "4d3c2b1b")],
      offsetBytes: 28,
      reason: "a section without a byte order",
    },
    {
      what: "an end in a block",
      blocks: [INTERFACE, "06000000 34000000 00000000"],
      offsetBytes: 48,
      reason: "the capture ends 12 bytes into a record",
    },
    {
      what: "an end in a block that is skipped",
      blocks: [INTERFACE, "05000000 34000000 00000000"],
      offsetBytes: 48,
      reason: "the capture ends 12 bytes into a record",
    },
    {
      what: "an end in the byte order of a section",
      blocks: [INTERFACE, "0a0d0d0a 1c000000 4d3c"],
      offsetBytes: 48,
      reason: "the capture ends 10 bytes into a record",
    },
  ])("with $what is damaged there", ({ blocks, offsetBytes, reason }) => {
    const { packets, end } = decodeBlocks(SECTION, ...blocks);
    expect(packets).toEqual([]);
    expect(end).toEqual({ status: "damaged", format: "pcapng", damage: { offsetBytes, reason } });
  });

  it("has at most 65,536 interfaces in a section, and as many in the next", () => {
    const many = Buffer.concat(new Array(65_536).fill(bytesOf(INTERFACE)));
    expect(decodeBlocks(SECTION, many, SECTION, many).end.status).toBe("complete");
    expect(decodeBlocks(SECTION, many, INTERFACE).end).toMatchObject({
      damage: { reason: "more than 65536 interfaces in a section" },
    });
  });
});
