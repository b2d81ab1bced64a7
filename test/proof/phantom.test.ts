import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatWords } from "../../src/net/address-words.ts";
import { PacketHeader } from "../../src/packet/packet-header.ts";
import { COOKIE_EPOCH_MS } from "../../src/proof/cookie.ts";
import { ACK, FIN, Peer, type PeerOptions, PSH, probeOf, RST, SYN } from "./phantom-peer.ts";

/** MSS 1460; SACK permitted; window scale 7: as a stack offers them. */
const MSS = [2, 4, 5, 0xb4];
const SACK = [1, 1, 4, 2];
const SCALE = [1, 3, 3, 7];

/** A peer that has knocked. */
function knocked(options: PeerOptions = {}): Peer {
  const peer = new Peer(options);
  peer.knock();
  return peer;
}

/** A peer that has completed its handshake. */
function connected(options: PeerOptions = {}): Peer {
  const peer = knocked(options);
  peer.say({ flags: ACK });
  return peer;
}

describe("Phantom answers a SYN", () => {
  it.each([
    { peer: "192.0.2.7", phantom: "198.51.100.1" },
    { peer: "2001:db8::7", phantom: "2001:db8:1::1" },
  ])("from $peer with SYN and ACK, the other way round, by the way that it came", (addresses) => {
    const peer = new Peer({ ...addresses, port: 23 });
    expect(peer.knock()).toEqual({ flags: SYN | ACK, at: 0, takes: 1, window: 64_240, text: "" });
    const { source, destination, sourcePort, destinationPort } = peer.last;
    expect(formatWords(source)).toBe(addresses.phantom);
    expect(formatWords(destination)).toBe(addresses.peer);
    expect([sourcePort, destinationPort]).toEqual([23, 40_000]);
    expect(peer.interfaces).toEqual([3]);
    expect(peer.phantom.counts()).toEqual({ sent: 1, capped: 0, unsent: 0, completed: 0 });
  });

  it("again with the same number within a minute, and with another one for another flow", () => {
    const peer = knocked();
    const first = peer.theirFirst;
    peer.knock();
    expect(peer.theirFirst).toBe(first);
    expect(knocked({ port: 24 }).theirFirst).not.toBe(first);
    expect(knocked({ seed: 5 }).theirFirst).not.toBe(first);
  });

  it.each([
    { what: "nothing", offered: [], options: MSS },
    { what: "a size", offered: MSS, options: MSS },
    { what: "a size and SACK", offered: [...MSS, ...SACK], options: [...MSS, ...SACK] },
    { what: "a size and scaling", offered: [...MSS, ...SCALE], options: [...MSS, ...SCALE] },
    {
      what: "all of it, otherwise ordered",
      offered: [...SCALE, ...SACK, ...MSS],
      options: [...MSS, ...SACK, ...SCALE],
    },
  ])("that offers $what with what a stack would take up", ({ offered, options }) => {
    const peer = new Peer();
    peer.knock(Uint8Array.from(offered));
    expect(peer.lastOptions).toEqual(options);
  });

  it("over IPv6 with room for its longer header", () => {
    const peer = knocked({ peer: "2001:db8::7", phantom: "2001:db8:1::1" });
    expect(peer.lastOptions).toEqual([2, 4, 5, 0xa0]);
  });

  it("that sets congestion bits (RFC 3168), too", () => {
    expect(new Peer().knock(undefined, SYN | 0xc0)?.flags).toBe(SYN | ACK);
  });
});

describe("Phantom proves", () => {
  it.each([
    { what: "an acknowledgement", said: { flags: ACK } },
    { what: "data, when the acknowledgement was lost", said: { flags: ACK | PSH, data: "GET /" } },
    { what: "the end of a connect scan", said: { flags: ACK | FIN } },
  ])("by $what", ({ said }) => {
    const peer = knocked();
    expect(peer.say(said).isProven).toBe(true);
    expect(peer.phantom.counts().completed).toBe(1);
  });

  it.each([0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff])(
    "whatever the first number of the peer is: %i",
    (first) => {
      expect(knocked({ first }).say({ flags: ACK }).isProven).toBe(true);
      expect(knocked({ first }).say({ flags: ACK, at: 0 }).isProven).toBe(false);
    },
  );

  it("one handshake once", () => {
    const peer = knocked();
    const said = [{ flags: ACK }, { flags: ACK }, { flags: ACK | PSH, data: "x" }];
    expect(said.map((each) => peer.say(each).isProven)).toEqual([true, false, false]);
    expect(peer.phantom.counts().completed).toBe(1);
  });

  it.each([
    { what: "a number one too low", by: 0 },
    { what: "a number one too high", by: 2 },
    { what: "the number with its highest bit turned", by: 1 + 0x8000_0000 },
    { what: "a number far away", by: 0x1234_5678 },
  ])("nothing by $what", ({ by }) => {
    const peer = knocked();
    expect(peer.sayNumber(peer.theirFirst + by, { flags: ACK }).isProven).toBe(false);
    expect(peer.phantom.counts().completed).toBe(0);
  });

  it("nothing by the number of another flow, or by one of another guard", () => {
    const other = knocked({ port: 24 }).theirFirst;
    const foreign = knocked({ seed: 5 }).theirFirst;
    expect(knocked().sayNumber(other + 1, { flags: ACK }).isProven).toBe(false);
    expect(knocked().sayNumber(foreign + 1, { flags: ACK }).isProven).toBe(false);
  });

  it("nothing by RST, nor by SYN and ACK, and answers neither", () => {
    for (const flags of [RST, RST | ACK, SYN | ACK, FIN]) {
      expect(knocked().say({ flags })).toEqual({ heard: undefined, isProven: false });
    }
  });

  it.each([
    { what: "to the end of the next minute", afterMs: 2 * COOKIE_EPOCH_MS - 1, isProven: true },
    { what: "and no longer", afterMs: 2 * COOKIE_EPOCH_MS, isProven: false },
  ])("for a while: $what", ({ afterMs, isProven }) => {
    const peer = knocked();
    peer.nowMs = afterMs;
    expect(peer.say({ flags: ACK }).isProven).toBe(isProven);
  });
});

describe("a phantom with a banner", () => {
  it("gives the text of its port and ends", () => {
    const { heard } = knocked({ port: 23 }).say({ flags: ACK });
    const end = ACK | PSH | FIN;
    expect(heard).toEqual({ flags: end, at: 1, takes: 1, window: 502, text: "\r\nlogin: " });
  });

  it("gives PORT_BANNER on any port, with nothing added", () => {
    for (const port of [23, 80, 4444]) {
      expect(knocked({ banner: "Go away", port }).say({ flags: ACK }).heard?.text).toBe("Go away");
    }
  });

  it("waits for the peer where it speaks first, and takes what it says", () => {
    const peer = knocked({ port: 80 });
    expect(peer.say({ flags: ACK }).heard).toBeUndefined();
    const { heard } = peer.say({ flags: ACK | PSH, data: "GET / HTTP/1.0\r\n\r\n" });
    expect(heard).toMatchObject({ flags: ACK | PSH | FIN, at: 1, takes: 19 });
    expect(heard?.text).toMatch(/^HTTP\/1.1 400 /);
  });

  it("ends at the first data where it has nothing to say", () => {
    const peer = knocked({ port: 4444 });
    expect(peer.say({ flags: ACK }).heard).toBeUndefined();
    const { heard } = peer.say({ flags: ACK | PSH, data: "hello" });
    expect(heard).toMatchObject({ flags: ACK | FIN, at: 1, takes: 6, text: "" });
  });

  it("gives a long text piece by piece, each for an acknowledgement, and gives a lost one again", () => {
    const banner = "0123456789".repeat(102);
    const peer = knocked({ banner });
    const pieces = [0, 512, 512].map((has) => peer.say({ flags: ACK, has }).heard);
    expect(pieces.map((piece) => piece?.flags)).toEqual([
      ACK | PSH,
      ACK | PSH | FIN,
      ACK | PSH | FIN,
    ]);
    expect(pieces.map((piece) => piece?.at)).toEqual([1, 513, 513]);
    expect(`${pieces[0]?.text}${pieces[2]?.text}`).toBe(banner);
  });

  it("gives the rest to a peer that has a part of a piece", () => {
    const { heard } = connected({ banner: "Go away" }).say({ flags: ACK, has: 3 });
    expect(heard).toMatchObject({ at: 4, text: "away" });
  });

  it("acknowledges the peer's end and nothing else once all has arrived", () => {
    const peer = connected({ banner: "Go away" });
    expect(peer.say({ flags: ACK, has: 8 }).heard).toBeUndefined();
    const { heard } = peer.say({ flags: ACK | FIN, has: 8 });
    expect(heard).toMatchObject({ flags: ACK, at: 9, takes: 2, text: "" });
    // Its end may come with data, and again when our acknowledgement was lost.
    const again = peer.say({ flags: ACK | FIN, has: 8, data: "bye" }).heard;
    expect(again).toMatchObject({ flags: ACK, takes: 5 });
  });

  it("resets whoever goes on speaking behind the end", () => {
    const peer = connected({ banner: "Go away" });
    const { heard } = peer.say({ flags: ACK | PSH, has: 8, data: "hello" });
    expect(heard).toMatchObject({ flags: RST, at: 9, text: "" });
  });

  it("answers who asks whether it is still there, with its text once more where that was lost", () => {
    const quiet = connected({ port: 80 });
    const answer = { flags: ACK, at: 1, takes: 1, text: "" };
    expect(quiet.say({ flags: ACK, at: 0 }).heard).toMatchObject(answer);
    const telnet = connected({ port: 23 });
    const { heard } = telnet.say({ flags: ACK, at: 0 });
    expect(heard).toMatchObject({ at: 1, takes: 1, text: "\r\nlogin: " });
  });

  it("resets what acknowledges nothing of its own", () => {
    const peer = knocked();
    const number = (peer.theirFirst + 0x1234_5678) >>> 0;
    peer.sayNumber(number, { flags: ACK });
    expect(peer.last).toMatchObject({ tcpFlags: RST, tcpSequence: number });
  });
});

describe("a phantom that is a tarpit", () => {
  const tarpit = { answer: "tarpit", banner: "abc" } as const;

  it("looks like any other until the handshake is completed", () => {
    expect(new Peer(tarpit).knock()).toEqual(new Peer({ ...tarpit, answer: "banner" }).knock());
  });

  it("closes the window and gives one byte", () => {
    const { heard, isProven } = knocked(tarpit).say({ flags: ACK });
    expect(heard).toEqual({ flags: ACK | PSH, at: 1, takes: 1, window: 0, text: "a" });
    expect(isProven).toBe(true);
  });

  it("gives the next byte when the peer asks after the window, and none for thanks", () => {
    const peer = connected(tarpit);
    const texts: (string | undefined)[] = [];
    for (let has = 1; has <= 4; has += 1) {
      expect(peer.say({ flags: ACK, has }).heard).toBeUndefined();
      const { heard } = peer.say({ flags: ACK, has, at: 0 });
      expect(heard).toMatchObject({ takes: 1, window: 0, at: has + 1 });
      texts.push(heard?.text);
    }
    expect(texts).toEqual(["b", "c", "a", "b"]);
  });

  it.each([
    { what: "data", said: { flags: ACK | PSH, data: "root\r\n" } },
    { what: "a byte that asks after the window", said: { flags: ACK, data: "r" } },
    { what: "the end", said: { flags: ACK | FIN } },
  ])("takes nothing of $what", ({ said }) => {
    const { heard } = connected(tarpit).say(said);
    expect(heard).toMatchObject({ flags: ACK | PSH, takes: 1, window: 0 });
  });

  it("does not let go by a reset whose number is no longer good", () => {
    const peer = connected(tarpit);
    peer.nowMs = 2 * COOKIE_EPOCH_MS;
    expect(peer.say({ flags: ACK, at: 0 }).heard).toBeUndefined();
  });

  it("has something to give on a port without a text", () => {
    const texts = [0, 1, 2].map(
      (has) =>
        knocked({ answer: "tarpit", port: 4444 }).say({ flags: ACK, has, at: 0 }).heard?.text,
    );
    expect(texts).toEqual(["\r", "\n", "\r"]);
  });
});

describe("a phantom that resets", () => {
  it("proves, and resets at once with the number that the peer expects", () => {
    const { heard, isProven } = knocked({ answer: "reset" }).say({ flags: ACK });
    expect(isProven).toBe(true);
    expect(heard).toMatchObject({ flags: RST, at: 1, window: 0, text: "" });
  });

  it("is one by port", () => {
    const byPort = new Map([[23, "reset" as const]]);
    expect(knocked({ byPort, port: 23 }).say({ flags: ACK }).heard?.flags).toBe(RST);
    expect(knocked({ byPort, port: 22 }).say({ flags: ACK }).heard?.text).toMatch(/^SSH/);
    const tarpits = new Map([[4444, "tarpit" as const]]);
    expect(knocked({ byPort: tarpits, port: 4444 }).say({ flags: ACK }).heard?.window).toBe(0);
  });
});

describe("Phantom at a real service of which a held source asks", () => {
  it("answers as everywhere else, and proves nothing", () => {
    const peer = new Peer({ port: 23 });
    expect(peer.knock(undefined, SYN, true)).toEqual(new Peer({ port: 23 }).knock());
    expect(peer.say({ flags: ACK }, true)).toMatchObject({
      heard: { text: "\r\nlogin: " },
      isProven: false,
    });
    expect(peer.say({ flags: RST }, true).heard).toBeUndefined();
    expect(peer.phantom.counts().completed).toBe(0);
  });
});

describe("Phantom under its budgets", () => {
  it("gives one network half of what leaves in a second, and counts what is beyond", () => {
    const peer = new Peer({ perSecond: 10 });
    const answers = Array.from({ length: 8 }, () => peer.knock());
    expect(answers.filter((answer) => answer !== undefined)).toHaveLength(5);
    expect(peer.phantom.counts()).toEqual({ sent: 5, capped: 3, unsent: 0, completed: 0 });
    peer.nowMs = 200;
    expect(peer.knock()).toBeDefined();
  });

  it("answers every port of a scan at the default rate", () => {
    const peer = new Peer();
    for (let port = 1; port <= 10_000; port += 1) {
      peer.nowMs = port / 5;
      peer.knock();
    }
    expect(peer.phantom.counts()).toMatchObject({ sent: 10_000, capped: 0 });
  });

  it("talks on when SYNs have used theirs up, and proves whatever may leave", () => {
    const peer = new Peer({ perSecond: 1 });
    peer.knock();
    expect(peer.knock()).toBeUndefined();
    const { heard, isProven } = peer.say({ flags: ACK });
    expect(heard?.text).toBe("\r\nlogin: ");
    expect(isProven).toBe(true);
  });

  it("bounds what those get who talk", () => {
    const peer = knocked({ port: 80 });
    for (let count = 0; count < 600; count += 1) peer.say({ flags: ACK, at: 0 });
    expect(peer.phantom.counts()).toMatchObject({ sent: 501, capped: 100 });
  });

  it("counts what the machine did not send", () => {
    const peer = new Peer({ isTaken: false });
    peer.knock();
    expect(peer.phantom.counts()).toEqual({ sent: 0, capped: 0, unsent: 1, completed: 0 });
  });

  it("lets nobody else answer in its place, whether or not it may", () => {
    const { phantom } = new Peer({ perSecond: 1 });
    const syn = probeOf(new PacketHeader(), 0);
    expect([phantom.answer(syn), phantom.answer(syn)]).toEqual([true, true]);
    expect(phantom.counts()).toMatchObject({ sent: 1, capped: 1 });
  });

  it("leaves alone what is not to look open", () => {
    const { phantom } = new Peer();
    const syn = probeOf(new PacketHeader(), 0);
    expect(phantom.answer({ ...syn, looksOpen: false })).toBe(false);
    expect(phantom.answer({ ...syn, header: undefined })).toBe(false);
    expect(phantom.counts().sent).toBe(0);
  });
});

describe("Phantom, whatever comes", () => {
  const word = fc.integer({ min: 0, max: 0xffff_ffff });
  const address = fc.oneof(
    word.map((last) => Uint32Array.of(0, 0, 0xffff, last)),
    fc.tuple(word, word, word, word).map((words) => Uint32Array.from(words)),
  );

  it("sends at most one segment for one, never throws, and proves nobody by chance", () => {
    fc.assert(
      fc.property(
        ...[address, address, word, word, fc.nat(255), fc.nat(65_535), fc.boolean()],
        (source, destination, tcpSequence, tcpAcknowledgement, tcpFlags, port, hasService) => {
          const header = Object.assign(new PacketHeader(), {
            ...{ source, destination, tcpSequence, tcpAcknowledgement, tcpFlags },
            ...{ destinationPort: port, sourcePort: port, payloadBytes: port, transport: "tcp" },
          });
          const peer = new Peer({ answer: "tarpit" });
          peer.phantom.answer(probeOf(header, 0));
          expect(peer.interfaces.length).toBeLessThanOrEqual(1);
          peer.interfaces.length = 0;
          expect(peer.phantom.judge(header, 1, 0, hasService)).toBeUndefined();
          expect(peer.interfaces.length).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});

describe("two phantoms", () => {
  it("never talk for long, whoever throws the first segment in", () => {
    const answers = fc.constantFrom("banner" as const, "tarpit" as const, "reset" as const);
    fc.assert(
      fc.property(
        ...[answers, answers, fc.integer({ min: 0, max: 63 }), fc.nat(), fc.nat()],
        (answer, other, flags, sequence, acknowledgement) => {
          let heard = { flags, sequence, acknowledgement };
          const sides = [new Peer({ answer }), new Peer({ answer: other, seed: 5 })];
          let segments = 0;
          for (; segments < 10; segments += 1) {
            const side = sides[segments % 2] as Peer;
            const at = heard.sequence - 0x1000;
            side.sayNumber(heard.acknowledgement, { flags: heard.flags, at });
            if (side.interfaces.length === 0) break;
            side.interfaces.length = 0;
            const { tcpFlags, tcpSequence, tcpAcknowledgement } = side.last;
            heard = {
              flags: tcpFlags,
              sequence: tcpSequence,
              acknowledgement: tcpAcknowledgement,
            };
          }
          expect(segments).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});
