/**
 * Puts IPv4 fragments together (RFC 791 section 3.2), as a machine's stack does before its firewall
 * and its services see the packet.
 *
 * For captures of known tools, not for an open network: fragments that overlap are not looked into,
 * what stays incomplete is kept to the end of the capture.
 */

const MORE_FRAGMENTS = 0x2000;
const OFFSET_MASK = 0x1fff;

interface Pieces {
  header: Buffer | undefined;
  /** Where the last piece ends, bytes of data; undefined until it has come. */
  endBytes: number | undefined;
  readonly bodies: Map<number, Buffer>;
}

/** Remembers the pieces of packets that are not whole yet. */
export class Reassembly {
  readonly #pieces = new Map<string, Pieces>();

  /**
   * @returns `bytes` itself for a packet that is whole; the whole packet for the fragment that
   * completes it; undefined for every other fragment.
   */
  take(bytes: Uint8Array): Uint8Array | undefined {
    const packet = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (packet.length < 20 || packet.readUInt8(0) >> 4 !== 4) return bytes;
    const fragmentation = packet.readUInt16BE(6);
    if ((fragmentation & (MORE_FRAGMENTS | OFFSET_MASK)) === 0) return bytes;
    const headerBytes = (packet.readUInt8(0) & 15) * 4;
    const key = `${packet.toString("hex", 12, 20)} ${packet.readUInt16BE(4)} ${packet.readUInt8(9)}`;
    const pieces = this.#pieces.get(key) ?? {
      header: undefined,
      endBytes: undefined,
      bodies: new Map<number, Buffer>(),
    };
    this.#pieces.set(key, pieces);
    const offsetBytes = (fragmentation & OFFSET_MASK) * 8;
    // Ethernet pads short frames; what is behind the packet's own end is not of it.
    const body = packet.subarray(headerBytes, packet.readUInt16BE(2));
    pieces.bodies.set(offsetBytes, body);
    if (offsetBytes === 0) pieces.header = packet.subarray(0, headerBytes);
    if ((fragmentation & MORE_FRAGMENTS) === 0) pieces.endBytes = offsetBytes + body.length;
    const whole = joined(pieces);
    if (whole !== undefined) this.#pieces.delete(key);
    return whole;
  }
}

function joined({ header, endBytes, bodies }: Pieces): Buffer | undefined {
  if (header === undefined || endBytes === undefined) return undefined;
  const inOrder: Buffer[] = [];
  let reachedBytes = 0;
  while (reachedBytes < endBytes) {
    const next = bodies.get(reachedBytes);
    if (next === undefined) return undefined;
    inOrder.push(next);
    reachedBytes += next.length;
  }
  const whole = Buffer.concat([header, ...inOrder]);
  whole.writeUInt16BE(whole.length, 2);
  whole.writeUInt16BE(0, 6);
  return whole;
}
