import { describe, expect, it } from "vitest";
import { decodePacket } from "../../src/packet/decode-packet.ts";
import { PacketHeader } from "../../src/packet/packet-header.ts";
import { CaptureProofs } from "../../src/replay/capture-proofs.ts";
import { ACK, encodePacket, type PacketSpec, RST, SYN } from "../support/packets.ts";

const US = "198.51.100.10";
const SCANNER = "192.0.2.66";

/** As masscan and nmap -g do: every connection from this one port. */
const SOURCE_PORT = 61_000;

function theirs(port: number, spec: Partial<PacketSpec>): Buffer {
  return encodePacket({ from: SCANNER, to: US, sourcePort: SOURCE_PORT, port, ...spec });
}

function ours(port: number, spec: Partial<PacketSpec>): Buffer {
  return encodePacket({ from: US, to: SCANNER, sourcePort: port, port: SOURCE_PORT, ...spec });
}

function headerOf(packet: Uint8Array): PacketHeader {
  const header = new PacketHeader();
  expect(decodePacket(packet, 0, packet.length, header)).toBe("decoded");
  return header;
}

/** The sequence number of our SYN+ACK from a port. */
const ourSequenceOf = (port: number) => port * 1000;

/** SYN and SYN+ACK. */
function ask(proofs: CaptureProofs, port: number, atMs: number): void {
  proofs.observeTheirs(headerOf(theirs(port, { sequence: 1 })), () => false, atMs);
  const spec = { flags: SYN | ACK, sequence: ourSequenceOf(port), acknowledgement: 2 };
  proofs.observeOurs(headerOf(ours(port, spec)), atMs);
}

/** The ACK that completes the handshake. @returns what it shows, where it is looked at. */
function acknowledge(proofs: CaptureProofs, port: number, atMs: number): string {
  const spec = { flags: ACK, sequence: 2, acknowledgement: ourSequenceOf(port) + 1 };
  const packet = theirs(port, spec);
  if (!proofs.isAwaited(packet, 0, atMs)) return "passed over";
  return proofs.observeTheirs(headerOf(packet), () => false, atMs) ?? "nothing";
}

describe("CaptureProofs", () => {
  it("knows every handshake that was completed from one port at a time", () => {
    const proofs = new CaptureProofs();
    for (const port of [23, 2323, 7547]) ask(proofs, port, 0);
    for (const port of [23, 2323, 7547]) expect(acknowledge(proofs, port, 10)).toBe("proven");
    for (const port of [23, 2323, 7547]) expect(acknowledge(proofs, port, 20)).toBe("passed over");
    ask(proofs, 8080, 30);
    expect(acknowledge(proofs, 8080, 40)).toBe("proven");
  });

  it("knows a handshake beside a challenge that was answered", () => {
    const proofs = new CaptureProofs();
    ask(proofs, 23, 0);
    proofs.observeTheirs(headerOf(theirs(2323, { sequence: 1 })), () => false, 0);
    const challenge = { flags: SYN | ACK, sequence: 5, acknowledgement: 777 };
    proofs.observeOurs(headerOf(ours(2323, challenge)), 0);
    const reset = theirs(2323, { flags: RST | ACK, sequence: 777 });
    expect(proofs.isAwaited(reset, 0, 10)).toBe(true);
    expect(proofs.observeTheirs(headerOf(reset), () => false, 10)).toBe("alive");
    expect(acknowledge(proofs, 23, 20)).toBe("proven");
  });

  it.each([
    { atMs: 60_000, shown: "proven" },
    { atMs: 60_001, shown: "passed over" },
  ])("of an ACK $atMs ms after our SYN+ACK: $shown", ({ atMs, shown }) => {
    const proofs = new CaptureProofs();
    ask(proofs, 23, 0);
    expect(acknowledge(proofs, 23, atMs)).toBe(shown);
    // What was never answered does not count for what comes later.
    ask(proofs, 2323, 200_000);
    ask(proofs, 7547, 200_000);
    expect(acknowledge(proofs, 2323, 200_010)).toBe("proven");
    expect(acknowledge(proofs, 7547, 200_010)).toBe("proven");
  });
});
