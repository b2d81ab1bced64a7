import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeMessage, encodeUint32, type NetlinkAttribute } from "../../src/kernel/netlink.ts";
import { NflogDecoder } from "../../src/kernel/nflog-decode.ts";

const PACKET = 0x0400;
const NLMSG_DONE = 3;
const payload = (text: string): NetlinkAttribute => ({ type: 9, value: Buffer.from(text) });
const prefix = (text: string): NetlinkAttribute => ({ type: 10, value: Buffer.from(`${text}\0`) });
const sequence = (value: number): NetlinkAttribute => ({ type: 12, value: encodeUint32(value) });

function message(attributes: NetlinkAttribute[], type = PACKET): Buffer {
  return encodeMessage({ type, body: Buffer.alloc(4), attributes });
}

/** Decodes one datagram a message list and says what came out. */
function decode(...datagrams: Buffer[][]) {
  const decoder = new NflogDecoder();
  const seen: string[] = [];
  const dropped: string[] = [];
  const replies: string[] = [];
  for (const messages of datagrams) {
    const bytes = Buffer.concat(messages);
    decoder.decode(
      bytes,
      bytes.length,
      (buffer, start, end, isHold, looksOpen, interfaceIndex) => {
        const where = interfaceIndex === 0 ? "" : ` ${interfaceIndex}`;
        const marks = `${isHold ? " (hold)" : ""}${looksOpen ? " (open)" : ""}`;
        seen.push(buffer.toString("latin1", start, end) + where + marks);
      },
      (buffer, { start, end, interfaceIndex, linkStart, linkEnd }) => {
        const link = buffer.toString("hex", linkStart, linkEnd);
        dropped.push(`${buffer.toString("latin1", start, end)} ${interfaceIndex} ${link}`);
      },
      (buffer, start, end, hasService, interfaceIndex) => {
        const mark = hasService ? " (service)" : "";
        replies.push(`${buffer.toString("latin1", start, end)} ${interfaceIndex}${mark}`);
      },
    );
  }
  const { packets, lost, malformed } = decoder;
  return { seen, dropped, replies, packets, lost, malformed };
}

describe("NflogDecoder", () => {
  it("hands on every packet of a datagram, in order, and passes over what closes it", () => {
    const datagram = [
      message([prefix(""), sequence(0), payload("first")]),
      message([sequence(1), payload("second")]),
      message([], NLMSG_DONE),
    ];
    expect(decode(datagram)).toEqual({
      seen: ["first", "second"],
      dropped: [],
      replies: [],
      packets: 2,
      lost: 0,
      malformed: 0,
    });
  });

  it.each([
    { text: "hold", isHold: true },
    { text: "hold: ", isHold: true },
    { text: "hol", isHold: false },
    { text: "Hold", isHold: false },
    { text: "withhold", isHold: false },
  ])("prefix '$text' makes a hold: $isHold", ({ text, isHold }) => {
    const { seen } = decode([message([prefix(text), payload("packet")])]);
    expect(seen).toEqual([isHold ? "packet (hold)" : "packet"]);
  });

  it.each([
    { text: "open", seen: ["packet (open)"], replies: [] },
    { text: "trap", seen: ["packet (hold) (open)"], replies: [] },
    { text: "reply", seen: [], replies: ["packet 0"] },
    { text: "bait", seen: [], replies: ["packet 0 (service)"] },
  ])("prefix '$text' says who answers", ({ text, seen, replies }) => {
    const decoded = decode([message([prefix(text), payload("packet")])]);
    expect(decoded).toMatchObject({ seen, replies, packets: seen.length });
  });

  it("hands on a dropped packet apart, with where it came in", () => {
    const device: NetlinkAttribute = { type: 4, value: encodeUint32(3) };
    const link: NetlinkAttribute = { type: 16, value: Buffer.from("0200000000010800", "hex") };
    const datagram = [
      message([prefix("drop"), device, link, sequence(0), payload("first")]),
      message([prefix("probe"), device, link, sequence(1), payload("second")]),
      message([prefix("drop"), sequence(2), payload("third")]),
      message([prefix("hold"), device, link, sequence(3), payload("fourth")]),
    ];
    expect(decode(datagram)).toEqual({
      seen: ["second 3", "fourth 3 (hold)"],
      dropped: ["first 3 0200000000010800", "third 0 "],
      replies: [],
      packets: 2,
      lost: 0,
      malformed: 0,
    });
  });

  it("hands on what may answer a segment of ours apart, and counts it as no probe", () => {
    const device: NetlinkAttribute = { type: 4, value: encodeUint32(3) };
    const datagram = [
      message([prefix("reply"), device, sequence(0), payload("first")]),
      message([prefix("reply"), sequence(1), payload("second")]),
      message([prefix("probe"), sequence(2), payload("third")]),
    ];
    expect(decode(datagram)).toMatchObject({
      seen: ["third"],
      replies: ["first 3", "second 0"],
      packets: 1,
      lost: 0,
    });
  });

  it("knows no interface where its number has another size", () => {
    const short: NetlinkAttribute = { type: 4, value: Buffer.of(0, 3) };
    const datagram = [message([prefix("drop"), short, payload("x")])];
    expect(decode(datagram)).toMatchObject({ dropped: ["x 0 "] });
  });

  it("does not take the hold of one packet over to the next", () => {
    const { seen } = decode([message([prefix("hold"), payload("a")]), message([payload("b")])]);
    expect(seen).toEqual(["a (hold)", "b"]);
  });

  it.each([
    { what: "no gap", numbers: [5, 6, 7], lost: 0 },
    { what: "a gap of one", numbers: [5, 7], lost: 1 },
    { what: "two gaps", numbers: [0, 10, 12], lost: 10 },
    { what: "the wrap at 32 bits", numbers: [0xffff_ffff, 0], lost: 0 },
    { what: "a gap across the wrap", numbers: [0xffff_fffe, 1], lost: 2 },
    { what: "the largest gap", numbers: [0, 0x8000_0000], lost: 0x7fff_ffff },
    { what: "a step back: the group was bound anew", numbers: [900, 0, 1], lost: 0 },
    { what: "a start in the middle", numbers: [70_000], lost: 0 },
  ])("$what loses $lost", ({ numbers, lost }) => {
    const datagrams = numbers.map((number) => [message([sequence(number), payload("x")])]);
    expect(decode(...datagrams)).toMatchObject({ lost, packets: numbers.length });
  });

  it("counts a packet message without a payload as malformed and goes on", () => {
    const datagram = [message([sequence(0)]), message([payload("next")])];
    expect(decode(datagram)).toMatchObject({ seen: ["next"], malformed: 1 });
  });

  it("counts an attribute that reaches beyond its message, and goes on with the next", () => {
    const liar = message([payload("long")]);
    liar.writeUInt16LE(9, 20); // one byte more than the message has
    expect(decode([liar, message([payload("next")])])).toMatchObject({
      seen: ["next"],
      malformed: 1,
    });
  });

  it.each([
    { what: "beyond the datagram", length: 33 },
    { what: "below its own header", length: 15 },
    { what: "of zero", length: 0 },
  ])("stops at a message whose length is $what", ({ length }) => {
    const liar = message([payload("long")]);
    liar.writeUInt32LE(length, 0);
    expect(decode([message([payload("ok")]), liar])).toMatchObject({ seen: ["ok"], malformed: 1 });
  });

  it("does not read past the received length, where an older datagram still lies", () => {
    const bytes = Buffer.concat([message([payload("new")]), message([payload("old")])]);
    const decoder = new NflogDecoder();
    const ignore = () => undefined;
    decoder.decode(bytes, bytes.length / 2, ignore, ignore, ignore);
    expect([decoder.packets, decoder.malformed]).toEqual([1, 0]);
  });

  it("never throws and never points outside the bytes, whatever they are", () => {
    const link: NetlinkAttribute = { type: 16, value: Buffer.alloc(14) };
    const PREFIXES: Record<string, string> = { a: "probe", bb: "drop", ccccc: "reply" };
    // Random bytes seldom pass the first length check, so damaged real messages are fed as well.
    const damaged = fc
      .tuple(fc.nat(), fc.nat(255), fc.array(fc.constantFrom("a", "bb", "ccccc")))
      .map(([at, value, texts]) => {
        const bytes = Buffer.concat(
          texts.map((text, i) =>
            message([prefix(PREFIXES[text] ?? ""), sequence(i), link, payload(text)]),
          ),
        );
        if (bytes.length > 0) bytes[at % bytes.length] = value;
        return bytes;
      });
    const random = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.oneof(damaged, random), fc.nat(300), (bytes, length) => {
        const within = (buffer: Buffer, start: number, end: number, from = 24) => {
          expect(start).toBeGreaterThanOrEqual(from);
          expect(start).toBeLessThanOrEqual(end);
          expect(end).toBeLessThanOrEqual(Math.min(length, buffer.length));
        };
        new NflogDecoder().decode(
          bytes,
          length,
          (buffer, start, end) => within(buffer, start, end),
          (buffer, place) => {
            within(buffer, place.start, place.end);
            within(buffer, place.linkStart, place.linkEnd, 0);
          },
          (buffer, start, end) => within(buffer, start, end),
        );
      }),
      { numRuns: 2000 },
    );
  });
});
