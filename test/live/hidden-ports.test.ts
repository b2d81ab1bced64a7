/**
 * Ports that PortSentry 2.x does not see: in a fragment, or behind an IPv6 extension header.
 */
import { join } from "node:path";
import { expect, it } from "vitest";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork } from "../support/networks.ts";
import { NODE } from "../support/programs.ts";
import type { ExtensionOrder } from "./kernel-rules-extension-headers.ts";

const PORTS = [1001, 1002, 1003, 1004];
const MODES = [{ mode: "atcp" }, { mode: "stcp" }];
const DESTINATION_OPTIONS = 60;

async function build(lab: Lab, mode: string) {
  const { hosts, target } = await buildNetwork(lab, ["scanner"]);
  const config = { TCP_MODE: mode, TCP_PORTS: PORTS.join() };
  const guard = await Guard.start(lab, target.namespace, { config });
  return { scanner: hosts.scanner, target, guard };
}

describeLive("ports that are hidden", ["nmap"], () => {
  it.each(MODES)("in a fragmented SYN are seen: $mode", async ({ mode }) => {
    await using lab = await Lab.open();
    const { scanner, target, guard } = await build(lab, mode);
    const scan = ["-sS", "-f", "-n", "-Pn", "--max-retries", "0", "-p", PORTS.join()];

    await scanner.namespace.run("nmap", [...scan, target.ipv4]);

    const verdict = await guard.event("verdict", ({ source }) => source === scanner.ipv4);
    expect(verdict).toMatchObject({ kinds: "tcp-syn" });
    await guard.banned(scanner.ipv4);
  });

  it.each(MODES)("behind 8 bytes of destination options are seen: $mode", async ({ mode }) => {
    await using lab = await Lab.open();
    const { scanner, target, guard } = await build(lab, mode);
    const script = join(import.meta.dirname, "kernel-rules-extension-headers.ts");
    const expand = (address: string) => address.replace("::", ":0:0:0:0:");

    for (const port of PORTS) {
      const order: ExtensionOrder = {
        ...{ source: expand(scanner.ipv6), destination: expand(target.ipv6) },
        ...{ extension: DESTINATION_OPTIONS, extensionBytes: 8, transport: "tcp", port },
      };
      await scanner.namespace.run(NODE, [script, JSON.stringify(order)]);
    }

    const source = scanner.ipv6.replace(/::.*/, "::/64");
    const verdict = await guard.event("verdict", (event) => event["source"] === source);
    expect(verdict).toMatchObject({ address: scanner.ipv6, kinds: "tcp-syn" });
    await guard.banned(source);
  });
});
