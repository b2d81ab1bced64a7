/**
 * The table of docs/EVIDENCE.md, played: who is held, and who is banned on what evidence for how
 * long, with each PROOF.
 */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { Agent } from "../support/agent.ts";
import { forge } from "../support/forge.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork, hideNetwork } from "../support/networks.ts";
import { startServices } from "../support/services.ts";
import { letPass, waitFor } from "../support/wait-for.ts";

const NAMES = [
  "innocent",
  "client",
  "asked",
  "syn",
  "masscan",
  "zmap",
  "versions",
  "gateway",
  "connect",
  "forger",
] as const;
const PORTS = [1001, 1002, 1003, 1004];
/** The hosts are of one network, which is asked ten times at once, and then once a second. */
const ASKED_AGAIN_MS = 11_000;
const PROOFS = ["none", "alive", "handshake"] as const;

/** Rows of the first table, by what they are about: what follows with each of {@link PROOFS}. */
function readTable(): Map<string, readonly string[]> {
  const text = readFileSync("docs/EVIDENCE.md", "utf8");
  const [, table = ""] = text.split("|---|---|---|---|\n");
  const lines = table.slice(0, table.indexOf("\n\n")).split("\n");
  return new Map(
    lines.map((line) => {
      const [, source = "", ...cells] = line.split("|").map((cell) => cell.trim());
      return [source, cells.slice(0, PROOFS.length)];
    }),
  );
}

const BY_NMAP = "-n -Pn --max-retries 0 -p 1001-1010";
const BY_HPING = "-q -p ++1001 -c 10 -i u20000";

describeLive("docs/EVIDENCE.md", ["nmap", "masscan", "zmap", "hping3"], () => {
  it.each(PROOFS.map((proof, column) => ({ proof, column })))(
    "says what follows with PROOF $proof",
    async ({ proof, column }) => {
      await using lab = await Lab.open();
      const { hosts, router, target } = await buildNetwork(lab, NAMES);
      await startServices(target.namespace, { tcp: [80] });
      const config = { PROOF: proof, HOLD_TIME: "10m" };
      const guard = await Guard.start(lab, target.namespace, { config });
      const client = new Agent(hosts.client.namespace);
      await client.open(target.ipv4, 80);
      const forged = (from: string, ports = PORTS) =>
        forge(router, { from, to: target.ipv4, ports });
      const hidden = await hideNetwork(lab, hosts.gateway.namespace);
      const gateway = await router.run("cat", ["/sys/class/net/to6/address"]);
      const byZmap = `-q -v 0 -i eth0 -G ${gateway.trim()} -r 100 -c 1 -b /dev/null`;
      const run = (host: keyof typeof hosts, line: string) => {
        const [tool = "", ...args] = line.split(" ");
        return hosts[host].namespace.exec(tool, [...args, target.ipv4]);
      };
      const rows: readonly (readonly [what: string, source: string, act: () => unknown])[] = [
        ["SYNs forged from an address that nobody has", "10.66.0.1", () => forged("10.66.0.1")],
        [
          "SYNs forged from a live innocent",
          hosts.innocent.ipv4,
          () => forged(hosts.innocent.ipv4),
        ],
        [
          "SYNs forged from a client that is connected to a service",
          hosts.client.ipv4,
          // One more: the connection speaks for it.
          () => forged(hosts.client.ipv4, [...PORTS, 1005]),
        ],
        [
          "FINs forged from an address that nobody has",
          "10.66.0.2",
          () => run("forger", `hping3 -F -a 10.66.0.2 ${BY_HPING}`),
        ],
        [
          "datagrams forged from a live innocent",
          hosts.asked.ipv4,
          () => run("forger", `hping3 -2 -a ${hosts.asked.ipv4} ${BY_HPING}`),
        ],
        ["a SYN scan (`nmap -sS`)", hosts.syn.ipv4, () => run("syn", `nmap -sS ${BY_NMAP}`)],
        [
          "a scan by masscan",
          hosts.masscan.ipv4,
          () => run("masscan", "masscan -e eth0 --rate 200 --wait 1 -p1001-1010"),
        ],
        [
          "four ports by zmap, one after the other",
          hosts.zmap.ipv4,
          async () => {
            for (const port of PORTS) await run("zmap", `zmap ${byZmap} -p ${port}`);
          },
        ],
        [
          "a scan for versions (`nmap -sV`)",
          hosts.versions.ipv4,
          () => run("versions", `nmap -sV ${BY_NMAP}`),
        ],
        [
          "a SYN scan from behind NAT: all who share the address",
          hosts.gateway.ipv4,
          () => hidden.exec("nmap", ["-sS", ...BY_NMAP.split(" "), target.ipv4]),
        ],
        [
          "a connect scan (`nmap -sT`)",
          hosts.connect.ipv4,
          () => run("connect", `nmap -sT ${BY_NMAP}`),
        ],
      ];
      const table = readTable();
      expect([...table.keys()]).toEqual(rows.map(([what]) => what));

      for (const [, , act] of rows) {
        await letPass(ASKED_AGAIN_MS);
        await act();
      }

      const found = async () => {
        const held = await guard.elementsOf("held4");
        const cells = rows.map(([what, source]) => {
          // The last word on it, also of a ban that is over.
          const ban = guard.events("ban").findLast(({ address }) => address === source);
          if (ban === undefined) return [what, held.includes(source) ? "held" : "nothing"];
          const forMs = Date.parse(String(ban["until"])) - Date.parse(ban.time);
          const text = `${ban["evidence"]}, ${Math.round(forMs / 1000)} s`;
          return [what, proof === "none" ? "banned" : text];
        });
        return Object.fromEntries(cells) as Record<string, string>;
      };
      const expected = Object.fromEntries(
        [...table].map(([what, cells]) => [what, cells[column] as string]),
      );
      await waitFor("what the table says", 30_000, async () => {
        return JSON.stringify(await found()) === JSON.stringify(expected);
      }).catch(() => undefined);
      expect(await found(), guard.process.output).toEqual(expected);
      await letPass(1000);
      expect(await found()).toEqual(expected);
    },
  );
});
