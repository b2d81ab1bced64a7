/**
 * What passes on the target's outer interface, seen by tcpdump before any firewall rule.
 *
 * One capture shows both directions in one order, so "this SYN came after that one" and "it was
 * answered" need no second clock. A capture that lost packets proves nothing: {@link Wire.stop}
 * throws then.
 */
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { LiveProcess } from "./live-process.ts";
import type { Lab } from "./namespaces.ts";
import { type Host, TARGET_INTERFACE } from "./networks.ts";
import { decodeCapture, type Segment } from "./pcap.ts";
import { waitFor } from "./wait-for.ts";

const READY_MS = 60_000;
/** To this port of the target's own neighbour goes the packet that marks the end of a capture. */
const MARK_PORT = 9;
const MARK_ADDRESS = "198.51.100.1";
/** Long enough for Ethernet, IPv6 and a TCP header with all options. Octets. */
const SNAP_BYTES = 128;

export class Wire {
  readonly #target: Host;
  readonly #file: string;
  readonly #tcpdump: LiveProcess;

  private constructor(target: Host, file: string, tcpdump: LiveProcess) {
    this.#target = target;
    this.#file = file;
    this.#tcpdump = tcpdump;
  }

  /** Captures from now on; every packet that is sent after this has resolved is in it. */
  static async start(lab: Lab, target: Host): Promise<Wire> {
    const file = join(lab.folder, `${randomUUID()}.pcap`);
    const tcpdump = target.namespace.spawn("tcpdump", [
      ...["-i", TARGET_INTERFACE, "-w", file, "-s", String(SNAP_BYTES), "-B", "65536"],
      ...["-n", "-U", "--immediate-mode", "-Z", "root", `tcp or udp dst port ${MARK_PORT}`],
    ]);
    await waitFor("tcpdump to listen", READY_MS, () => tcpdump.output.includes("listening on"));
    return new Wire(target, file, tcpdump);
  }

  /**
   * Ends the capture when all that was sent before is in it.
   * @throws {Error} when tcpdump lost packets.
   */
  async stop(): Promise<Segment[]> {
    const mark = `end of capture ${randomUUID()}`;
    await waitFor("the capture's last packet", READY_MS, async () => {
      const send = `printf '${mark}' > /dev/udp/${MARK_ADDRESS}/${MARK_PORT}`;
      await this.#target.namespace.run("bash", ["-c", send]);
      return (await readFile(this.#file)).includes(mark);
    });
    this.#tcpdump.signal("SIGINT");
    const { stderr } = await this.#tcpdump.ended;
    if (!/^0 packets dropped by kernel/m.test(stderr)) throw new Error(`tcpdump: ${stderr}`);
    return decodeCapture(await readFile(this.#file));
  }
}
