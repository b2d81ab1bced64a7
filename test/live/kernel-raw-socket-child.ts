/**
 * The unprivileged half of the raw sockets' scene: sends through descriptors 3 and 4, and prints as
 * JSON what it could do. It must end by itself.
 */
import { readFileSync } from "node:fs";
import { setsockoptInt } from "../../src/kernel/libc.ts";
import { openRawSocket, RawSender } from "../../src/kernel/raw-socket.ts";
import { SO_MARK, SOL_SOCKET } from "../../src/kernel/spec.ts";
import { parseWords } from "../../src/net/address-words.ts";
import { encodeTcpSegment } from "../../src/packet/tcp-segment.ts";

const sender = new RawSender({ ipv4: 3, ipv6: 4 });
const NOTHING = new Uint8Array();

/** Sends SYN and ACK, to port 1 unless said otherwise. */
function send(from: string, to: string, interfaceIndex: number, destinationPort = 1): boolean {
  const source = parseWords(from) as Uint32Array;
  const destination = parseWords(to) as Uint32Array;
  const segment = { source, destination, sourcePort: 23, destinationPort, sequence: 1 };
  const rest = { acknowledgement: 2, flags: 0x12, window: 1, options: NOTHING, payload: NOTHING };
  const bytes = encodeTcpSegment({ ...segment, ...rest }, sender.packet);
  return sender.send(bytes, source, destination, interfaceIndex);
}

/** `ip netns exec` mounts sysfs anew, so that it shows this namespace. */
const indexOf = (name: string) => Number(readFileSync(`/sys/class/net/${name}/ifindex`, "utf8"));

const [first, second] = ["uplink1", "uplink2"].map(indexOf) as [number, number];
const all = {
  first4: send("192.0.2.1", "203.0.113.9", first),
  second4: send("198.51.100.1", "203.0.113.9", second),
  first6: send("2001:db8:1::1", "2001:db8:9::9", first),
  second6: send("2001:db8:2::1", "2001:db8:9::9", second),
  byRoutes4: send("198.51.100.1", "203.0.113.9", 0),
  byRoutes6: send("2001:db8:2::1", "2001:db8:9::9", 0),
  dropped: send("192.0.2.1", "203.0.113.9", first, 9999),
  noSuchInterface: send("192.0.2.1", "203.0.113.9", 4_000_000),
  counts: sender.counts(),
  ownSocket: openRawSocket(4).status,
  canChangeMark: setsockoptInt(3, SOL_SOCKET, SO_MARK, 0) === 0,
};
process.stdout.write(JSON.stringify(all));
