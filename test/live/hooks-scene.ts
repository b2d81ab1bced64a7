/**
 * Runs inside a namespace as root: answers a scan with the seed's own KILL_* texts and real
 * programs, and prints as JSON what the machine then has, and what is left after each undoing.
 * hosts.deny and the ledger lie in a folder of our own.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeedLedger } from "../../src/broker/executors/deed-ledger.ts";
import type { ResponseRequest } from "../../src/broker/executors/response-plan.ts";
import { LegacyResponses, type LegacySettings } from "../../src/broker/executors/responses.ts";
import { type Prefix, parsePrefix } from "../../src/net/prefix.ts";

const SEED = {
  killHostsDeny: "ALL: $TARGET$ : DENY",
  killRoute: "/sbin/route add -host $TARGET$ reject",
  killRunCmd:
    "/sbin/iptables -I INPUT -s $TARGET$ -j DROP && /sbin/iptables -I INPUT -s $TARGET$ " +
    "-m limit --limit 3/minute --limit-burst 5 -j LOG --log-level debug " +
    "--log-prefix 'Portsentry: dropping: '",
};

const folder = mkdtempSync(join(tmpdir(), "vedette-hooks-"));
const hostsDenyPath = join(folder, "hosts.deny");
const ledger = await DeedLedger.open(join(folder, "deeds"));
const source = parsePrefix("192.0.2.7") as Prefix;
const source6 = parsePrefix("2001:db8::7") as Prefix;

function open(settings: Partial<LegacySettings>): LegacyResponses {
  const rest = { killRunCmdFirst: false, unkillRoute: undefined, unkillRunCmd: undefined };
  const bounds = { hookTimeoutMs: 10_000, hookQueue: 100, hostsDenyPath };
  return new LegacyResponses(
    { ...SEED, ...rest, ...bounds, ...settings },
    { ledger, refusal: () => undefined },
  );
}

const request: ResponseRequest = { source, port: 445, transport: "tcp", mode: "atcp", block: 1 };

/** What of ours the machine has. */
function look() {
  const run = (program: string, ...args: string[]): string[] =>
    execFileSync(program, args, { encoding: "utf8" })
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => /192\.0\.2|2001:db8/.test(line));
  return {
    hostsDeny: readFileSync(hostsDenyPath, "utf8"),
    routes: [...run("ip", "-4", "route", "show"), ...run("ip", "-6", "route", "show")],
    rules: [...run("iptables", "-S"), ...run("ip6tables", "-S")],
  };
}

function runShell(line: string): void {
  execFileSync("/bin/sh", ["-c", line.replaceAll("$TARGET$", "192.0.2.7")]);
}

writeFileSync(hostsDenyPath, "# by hand\n");
const seed = open({});

const done = await seed.respond(request);
const standing = look();
const again = await seed.respond(request);
const undone = await seed.undo(source, { withLeftovers: false });
const left = look();

// An earlier PortSentry blocked the host, was started again, and blocked it once more.
for (const line of [SEED.killRoute, SEED.killRunCmd, SEED.killRunCmd]) runShell(line);
writeFileSync(hostsDenyPath, "# by hand\nALL: 192.0.2.7 : DENY\nALL: 192.0.2.7 : DENY\n");
const adoptable = await seed.adoptable();
const adopted = await seed.undo(source, { withLeftovers: true });
const leftAfterAdoption = look();

// A reboot: what the kernel had is gone, what is in files stays.
await seed.respond(request);
runShell("ip route flush table main; iptables -F");
const restored = await open({}).restore([source]);
const standingAfterReboot = look();
await seed.undo(source, { withLeftovers: false });

// IPv6: the seed's commands cannot, and say so; others can.
const failed6 = await seed.respond({ ...request, source: source6 });
await seed.undo(source6, { withLeftovers: false });
const modern = open({
  killRoute: "ip route add blackhole $TARGET$",
  killRunCmd: "ip6tables -I INPUT 1 -s $TARGET$ -p tcp --dport $PORT$ -j DROP",
});
const done6 = await modern.respond({ ...request, source: source6 });
const standing6 = look();
const undone6 = await modern.undo(source6, { withLeftovers: false });

// Both kinds of sets.
runShell("nft 'add table inet f; add set inet f bad { type ipv4_addr; flags timeout; }'");
const sets = open({ killRoute: "nft add element inet f bad { $TARGET$ timeout 1h }" });
const doneInSet = await sets.respond(request);
const isInSet = execFileSync("nft", ["list", "set", "inet", "f", "bad"], { encoding: "utf8" });
const undoneInSet = await sets.undo(source, { withLeftovers: false });

// Many hosts at once: rules of iptables do not get into each other's way.
const hosts = Array.from({ length: 24 }, (_each, host) => parsePrefix(`192.0.2.${host}`) as Prefix);
const many = await Promise.all(hosts.map((host) => seed.respond({ ...request, source: host })));
const manyStanding = look();
await Promise.all(hosts.map((host) => seed.undo(host, { withLeftovers: false })));

process.stdout.write(
  JSON.stringify({
    done,
    standing,
    again,
    undone,
    left,
    adoptable,
    adopted,
    leftAfterAdoption,
    restored: restored.get(source),
    standingAfterReboot,
    failed6,
    done6,
    standing6,
    undone6,
    doneInSet,
    isInSet: isInSet.includes("192.0.2.7"),
    undoneInSet,
    many: many.flat().filter(({ status }) => status !== "applied"),
    manyStanding: { routes: manyStanding.routes.length, rules: manyStanding.rules.length },
    end: look(),
    forgotten: ledger.prefixes,
  }),
);
await ledger.close();
rmSync(folder, { recursive: true });
