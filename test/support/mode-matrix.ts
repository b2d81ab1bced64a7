/**
 * Every mode of PortSentry 1.2 and 2.x under every kind of scan, with BLOCK_* 0, 1 and 2: what is
 * logged, recorded, shut out and let in again, exactly. The live tests play some of it, the long
 * ones all.
 *
 * Each scan comes from a host of its own, all of them at once; then one more host sends a probe that
 * every mode tells, so that by its line everything before it has been told, or never will be.
 */
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import type { BanView } from "../../src/api/contract.ts";
import { describeLive } from "./live.ts";
import type { LiveProcess } from "./live-process.ts";
import { Lab } from "./namespaces.ts";
import { buildNetwork, type Host, type Network } from "./networks.ts";
import { OwnFiles } from "./own-files.ts";
import { VEDETTE } from "./programs.ts";
import { waitFor } from "./wait-for.ts";

type Transport = "tcp" | "udp";

interface Scan {
  /** Name of its host. */
  readonly host: string;
  /** Words before the target's address. */
  readonly words: string;
  readonly transport: Transport;
  readonly isIpv6?: boolean;
  /** What a mode that reads packets calls it; undefined: no PortSentry sees it. */
  readonly kind: string | undefined;
  /** Whether a listener accepts it. */
  readonly isConnection?: boolean;
}

const NMAP = "nmap -n -Pn --max-retries 0 --host-timeout 10s";
const SYN = "TCP SYN/Normal scan";

const SCANS: readonly Scan[] = [
  { host: "syn", words: `${NMAP} -sS -p 11`, transport: "tcp", kind: SYN },
  { host: "connect", words: `${NMAP} -sT -p 11`, transport: "tcp", kind: SYN, isConnection: true },
  { host: "null", words: `${NMAP} -sN -p 11`, transport: "tcp", kind: "TCP NULL scan" },
  { host: "fin", words: `${NMAP} -sF -p 11`, transport: "tcp", kind: "TCP FIN scan" },
  { host: "xmas", words: `${NMAP} -sX -p 11`, transport: "tcp", kind: "TCP XMAS scan" },
  { host: "pieces", words: `${NMAP} -sS -f -p 11`, transport: "tcp", kind: SYN },
  { host: "ack", words: `${NMAP} -sA -p 11`, transport: "tcp", kind: undefined },
  { host: "maimon", words: `${NMAP} -sM -p 11`, transport: "tcp", kind: undefined },
  { host: "six", words: `${NMAP} -6 -sS -p 11`, transport: "tcp", isIpv6: true, kind: SYN },
  { host: "ncat", words: "ncat -z -w 2", transport: "tcp", kind: SYN, isConnection: true },
  { host: "udp", words: `${NMAP} -sU -p 7`, transport: "udp", kind: "UDP", isConnection: true },
  {
    host: "sixudp",
    words: `${NMAP} -6 -sU -p 7`,
    transport: "udp",
    isIpv6: true,
    kind: "UDP",
    isConnection: true,
  },
];

interface Mode {
  readonly tcp: string;
  readonly udp: string;
  readonly dialect: "1.2" | "2.x";
  readonly listens: boolean;
}

export const MODES: readonly Mode[] = [
  { tcp: "tcp", udp: "udp", dialect: "1.2", listens: true },
  { tcp: "stcp", udp: "sudp", dialect: "1.2", listens: false },
  { tcp: "atcp", udp: "audp", dialect: "1.2", listens: false },
  { tcp: "connect", udp: "connect", dialect: "2.x", listens: true },
  { tcp: "stealth", udp: "stealth", dialect: "2.x", listens: false },
];

const CONFIG = "/etc/portsentry/portsentry.conf";
/** A file a source, because commands for different ones run at the same time. */
const RAN = "/var/lib/portsentry/ran";
const HISTORY = "/var/lib/portsentry/portsentry.history";
const RUN_CMD = `echo $TARGET$ $PORT$ $MODE$ > ${RAN}/$TARGET$`;

/** What every set-up has: a line of hosts.deny, and a command with its undo. */
function configOf(block: string): string {
  return `TCP_PORTS="11"
UDP_PORTS="7"
ADVANCED_PORTS_TCP="1024"
ADVANCED_PORTS_UDP="1024"
IGNORE_FILE="/etc/portsentry/portsentry.ignore"
HISTORY_FILE="${HISTORY}"
BLOCKED_FILE="/var/lib/portsentry/portsentry.blocked"
BLOCK_TCP="${block}"
BLOCK_UDP="${block}"
KILL_HOSTS_DENY="ALL: $TARGET$ : DENY"
KILL_RUN_CMD="${RUN_CMD}"
UNKILL_RUN_CMD="rm ${RAN}/$TARGET$"
SCAN_TRIGGER="0"
`;
}

/** Whether this mode, and PortSentry in it, sees this scan. */
function isSeen({ kind, isConnection }: Scan, { listens }: Mode): boolean {
  return listens ? isConnection === true : kind !== undefined;
}

const portOf = ({ transport }: Pick<Scan, "transport">) => (transport === "tcp" ? 11 : 7);

interface Cell {
  readonly scan: Scan;
  readonly mode: Mode;
  readonly block: string;
  readonly address: string;
}

const denyLine = (address: string) =>
  `ALL: ${address.includes(":") ? `[${address}]` : address} : DENY`;

const ranLine = ({ scan, mode, address }: Cell) =>
  `${address} ${portOf(scan)} ${mode[scan.transport]}`;

/** PortSentry's lines for this scan, in their order. */
function linesOf(cell: Cell): string[] {
  const { scan, mode, block, address } = cell;
  if (!isSeen(scan, mode)) return [];
  const name = scan.transport.toUpperCase();
  const command = RUN_CMD.replaceAll("$TARGET$", address)
    .replace("$PORT$", `${portOf(scan)}`)
    .replace("$MODE$", mode[scan.transport]);
  const denied = `attackalert: Host ${address} has been blocked via wrappers with string: "${denyLine(address)}"`;
  const ran = `attackalert: External command run for host: ${address} using command: "${command}"`;
  const done = { "0": [], "1": [denied, ran], "2": [ran] }[block] ?? [];
  if (mode.dialect === "1.2") return [`attackalert: ${kindOf12(cell)}`, ...done];
  const type = mode.listens ? "Connect" : scan.kind;
  const options = mode.listens || scan.isIpv6 ? "unknown" : "not set";
  const isOff = block === "0";
  const over =
    `Scan from: [${address}] (${address}) protocol: [${name}] port: [${portOf(scan)}] ` +
    `type: [${type}] IP opts: [${options}] ignored: [false] triggered: [true] ` +
    `noblock: [${isOff}] blocked: [${!isOff}]`;
  return [...done, over];
}

function kindOf12({ scan, mode, address }: Cell): string {
  const from = `from host: ${address}/${address} to ${scan.transport.toUpperCase()} port: ${portOf(scan)}`;
  if (mode.listens) return `Connect ${from}`;
  if (scan.transport === "udp") return `UDP scan ${from}`;
  return `${scan.kind === "TCP NULL scan" ? " " : ""}${scan.kind} ${from}`;
}

/** What HISTORY_FILE has of it, without the time. */
function historyOf(cell: Cell): string[] {
  const { scan, mode, address } = cell;
  if (!isSeen(scan, mode)) return [];
  if (mode.dialect === "2.x") return linesOf(cell).slice(-1);
  const name = scan.transport.toUpperCase();
  return [`Host: ${address}/${address} Port: ${portOf(scan)} ${name} Blocked`];
}

/** One case of the matrix: what TCP_MODE and BLOCK_* are. */
export interface ModeCase {
  readonly tcp: string;
  readonly block: "0" | "1" | "2";
}

/** Plays these cases, one after the other. */
export function describeModes(cases: readonly ModeCase[]): void {
  describeLive("PortSentry's modes", ["nmap", "ncat", "unshare"], () => suite(cases));
}

function suite(cases: readonly ModeCase[]): void {
  let lab: Lab;
  let network: Network<string>;

  beforeAll(async () => {
    lab = await Lab.open();
    network = await buildNetwork(lab, [...SCANS.map(({ host }) => host), "last"]);
  }, 60_000);
  afterAll(async () => {
    await lab?.[Symbol.asyncDispose]();
  });

  const addressOf = (host: Host, isIpv6 = false) => (isIpv6 ? host.ipv6 : host.ipv4);

  async function perform({ host, words, isIpv6, transport }: Scan): Promise<void> {
    const target = addressOf(network.target, isIpv6);
    const [tool = "", ...args] = words.split(" ");
    const ports = tool === "ncat" ? [`${portOf({ transport })}`] : [];
    // Nothing may answer: its status is not ours to judge.
    await network.hosts[host]?.namespace.exec(tool, [...args, target, ...ports], 20_000);
  }

  const played = cases.flatMap(({ tcp, block }) =>
    MODES.filter((mode) => mode.tcp === tcp).map((mode) => ({ ...mode, mode, block })),
  );
  it.each(played)("$tcp and $udp with BLOCK_* $block", async ({ mode, block }) => {
    const files = OwnFiles.make(lab);
    files.write(CONFIG, configOf(block));
    files.write("/etc/portsentry/portsentry.ignore", "");
    files.makeFolder(RAN);
    const folders = ["--run", `${files.folder}/run`, "--state", `${files.folder}/state`];
    const sets = [`TCP_MODE=${mode.tcp}`, `UDP_MODE=${mode.udp}`].flatMap((set) => ["--set", set]);
    const { namespace } = network.target;
    const run = (...words: string[]): readonly [string, string[]] => {
      const [program = "", ...rest] = [...files.prefix, VEDETTE, ...folders, ...words];
      return [program, rest];
    };
    const guard: LiveProcess = namespace.spawn(...run("guard", "-c", CONFIG, ...sets));
    // One that a failure leaves behind would be in the way of the next.
    onTestFinished(async () => {
      await guard.stop();
      await namespace.run(...run("remove", "--yes"));
    });
    const said = () => guard.lines.join("\n");
    await waitFor(
      () => `readiness; there is:\n${guard.output}`,
      30_000,
      () => said().includes("active and listening."),
    );

    await Promise.all(SCANS.map((scan) => perform(scan)));
    const last: Scan = { ...(SCANS[1] as Scan), host: "last" };
    await perform(last);
    const cells = [...SCANS, last].map((scan): Cell => {
      const address = addressOf(network.hosts[scan.host] as Host, scan.isIpv6);
      return { scan, mode, block, address };
    });
    const expected = cells.flatMap(linesOf);
    await waitFor(
      () =>
        `every line; there are:\n${said()}\nmissing:\n${missing(expected, guard.lines).join("\n")}`,
      30_000,
      () => missing(expected, guard.lines).length === 0,
    );

    // Nothing else is told of anybody, and the lines of each are in their order.
    for (const cell of cells) {
      const words = new RegExp(`(?:^|[^0-9a-f.:])${cell.address}(?:[^0-9a-f.]|$)`);
      expect(guard.lines.filter((line) => words.test(line))).toEqual(linesOf(cell));
    }
    const off = guard.lines.filter((line) => line.startsWith("attackalert: Ignoring"));
    const seen = cells.filter(({ scan }) => isSeen(scan, mode));
    expect(off).toHaveLength(block === "0" && mode.dialect === "1.2" ? seen.length : 0);

    const history = () =>
      files
        .read(HISTORY)
        .split("\n")
        .map((line) => line.replace(/^.*?(?=Host: |Scan from: )/, ""))
        .filter((line) => line !== "");
    const recorded = cells.flatMap(historyOf).sort();
    await waitFor("the history", 30_000, () => history().length >= recorded.length);
    expect(history().sort()).toEqual(recorded);

    const shutOut = block === "0" ? [] : seen;
    const means = block === "1" ? ["hosts-deny", "command"] : ["command"];
    const bans = async () => JSON.parse(await namespace.run(...run("bans", "--json"))) as BanView[];
    await waitFor("every ban", 30_000, async () => (await bans()).length >= shutOut.length);
    const banned = (await bans()).map(
      (ban) => `${ban.address} ${ban.means.join(" ")} ${ban.until}`,
    );
    expect(banned.sort()).toEqual(
      shutOut.map(({ address }) => `${address} ${means.join(" ")} null`).sort(),
    );
    const deny = () => files.read("/etc/hosts.deny").split("\n").filter(Boolean).sort();
    const ran = () => files.readAll(RAN).sort();
    expect(deny()).toEqual(
      block === "1" ? seen.map(({ address }) => denyLine(address)).sort() : [],
    );
    expect(ran()).toEqual(shutOut.map(ranLine).sort());

    await namespace.run(...run("unban", "--all"));
    expect([await bans(), deny(), ran()]).toEqual([[], [], []]);
    expect((await guard.stop()).status).toBe(0);
  });
}

function missing(expected: readonly string[], lines: readonly string[]): string[] {
  return expected.filter((line) => !lines.includes(line));
}
