import { describe, expect, it } from "vitest";
import { examine } from "../../../src/daemon/doctor/examine.ts";
import type { Facts } from "../../../src/daemon/doctor/facts.ts";
import {
  chain,
  configured,
  FINE,
  file,
  found,
  listening,
  NOW_EPOCH_MS,
  prefix,
  rules,
  told,
  VIEW,
} from "./fine-facts.ts";

interface Case {
  readonly what: string;
  readonly changes: Partial<Facts>;
  readonly finds: readonly string[];
}

const absent = { status: "absent" } as const;
const unread = { status: "unread", reason: "it may not" } as const;
const disk = (freeBytes: number, freeFiles: number | undefined = 1000): Facts["disk"] => ({
  status: "read",
  value: { path: "/var", freeBytes, freeFiles },
});
const session = { prefix: prefix("198.51.100.7"), why: "logged in from there" };
const trusting = (...texts: readonly string[]): Facts["lastingTrust"] => ({
  status: "read",
  value: texts.map((text) => ({ prefix: prefix(text), why: "trusted by hand" })),
});

describe("examine", () => {
  it("finds nothing where nothing is wrong", () => {
    expect(examine(FINE)).toEqual([]);
  });

  it.each<Case>([
    {
      what: "a kernel of 5.9",
      changes: { kernelRelease: "5.9.16" },
      finds: ["warning kernel-old"],
    },
    {
      what: "a kernel of 4.19",
      changes: { kernelRelease: "4.19.0" },
      finds: ["warning kernel-old"],
    },
    { what: "nothing in one of 5.10", changes: { kernelRelease: "5.10.0-26" }, finds: [] },
    { what: "nothing in a name without numbers", changes: { kernelRelease: "custom" }, finds: [] },
    {
      what: "what the kernel lacks, each by its name",
      changes: {
        features: {
          status: "read",
          value: [
            { what: "the socket expression", reason: "no such file" },
            { what: "the fib expression", reason: "no such file" },
          ],
        },
      },
      finds: ["error feature-missing", "error feature-missing"],
    },
    {
      what: "that nothing could be tried",
      changes: { features: unread },
      finds: ["notice features-untried"],
    },
    {
      what: "no nftables, and nothing else because of that",
      changes: { ruleset: unread, features: unread },
      finds: ["error no-nftables"],
    },
    {
      what: "for who is not root only that not all was seen",
      changes: { isRoot: false, uid: 1000, ruleset: unread, features: unread },
      finds: ["notice unseen"],
    },
    {
      what: "a log group that another program reads",
      changes: { guard: absent },
      finds: ["error log-group-taken", "warning no-guard"],
    },
    {
      what: "nothing about other groups",
      changes: {
        guard: absent,
        logGroups: { status: "read", value: new Map([[5, 700]]) },
      },
      finds: ["warning no-guard"],
    },
    {
      what: "an uplink of two that is strict",
      changes: { uplinks: ["eth0", "eth1"], strictInterfaces: ["eth1"] },
      finds: ["notice strict-reverse-path"],
    },
    {
      what: "nothing about a strict one without another",
      changes: { uplinks: ["eth0"], strictInterfaces: ["eth0", "lo"] },
      finds: [],
    },
  ])("finds of the kernel: $what", ({ changes, finds }) => {
    expect(found(changes)).toEqual(finds);
  });

  it.each<Case>([
    {
      what: "rules at prerouting that drop what is invalid",
      changes: { ruleset: chain("prerouting", -150, "accept", ["ct state 0x1 counter drop"]) },
      finds: ["warning answers-dropped", "notice drops-before"],
    },
    {
      what: "nothing in the same at input, behind the table",
      changes: { ruleset: chain("input", 0, "drop", ["ct state 0x1 drop", "tcp dport 22 accept"]) },
      finds: [],
    },
    {
      what: "nothing about answers where nobody is asked",
      changes: {
        configuration: configured({ CHALLENGE_RATE: "0" }),
        ruleset: chain("prerouting", -150, "accept", ["ct state 0x1 drop"]),
      },
      finds: ["notice drops-before"],
    },
    {
      what: "an output chain that lets out only what is tracked",
      changes: { ruleset: chain("output", 0, "drop", ["ct state 0x2,0x4 accept"]) },
      finds: ["warning answers-refused"],
    },
    {
      what: "one that ends in a rule that rejects all",
      changes: { ruleset: chain("output", 0, "accept", ["oif 1 accept", "counter reject"]) },
      finds: ["warning answers-refused"],
    },
    {
      what: "nothing in one that lets out our mark",
      changes: { ruleset: chain("output", 0, "drop", ["meta mark 0x2d5a0000 accept"]) },
      finds: [],
    },
    {
      what: "nothing in one that lets out what is untracked",
      changes: { ruleset: chain("output", 0, "drop", ["ct state { 0x2, 0x40 } accept"]) },
      finds: [],
    },
    {
      what: "nothing in one that drops single ports only",
      changes: { ruleset: chain("output", 0, "accept", ["tcp dport 25 drop"]) },
      finds: [],
    },
    {
      what: "drops before the packets are sensed",
      changes: { ruleset: chain("input", -11, "accept", ["ip saddr @blocked drop"]) },
      finds: ["notice drops-before"],
    },
    {
      what: "nothing in drops at the priority of the sense chain or later",
      changes: { ruleset: chain("input", -10, "accept", ["ip saddr @blocked drop"]) },
      finds: [],
    },
    {
      what: "the old iptables",
      changes: { legacyTables: ["filter"] },
      finds: ["notice legacy-rules"],
    },
    {
      what: "a file that flushes all",
      changes: { flushingFiles: ["/etc/nftables.conf"] },
      finds: ["notice ruleset-flushed"],
    },
    {
      what: "ports that a container engine publishes, and the engine",
      changes: {
        ruleset: rules(
          "table ip nat {\n\tchain DOCKER {\n\t\ttcp dport 8080 dnat to 172.17.0.2:80\n\t}\n}\n",
        ),
      },
      finds: ["notice published-ports", "notice other-firewalls"],
    },
    {
      what: "a flowtable",
      changes: { ruleset: rules("table inet filter {\n\tflowtable fast {\n\t}\n}\n") },
      finds: ["notice flows-offloaded"],
    },
  ])("finds of firewalls: $what", ({ changes, finds }) => {
    expect(found(changes)).toEqual(finds);
  });

  it.each<Case>([
    {
      what: "sshd on a trap port",
      changes: { listeners: listening({ port: 2323, program: "sshd" }) },
      finds: ["warning ssh-on-trap"],
    },
    {
      what: "another service on one",
      changes: { listeners: listening({ port: 2323, program: "telnetd" }) },
      finds: ["notice trap-served"],
    },
    {
      what: "nothing on a trap port of UDP, which there is none of",
      changes: { listeners: listening({ transport: "udp", port: 2323 }) },
      finds: [],
    },
    {
      what: "nothing on a trap port that is excluded",
      changes: {
        configuration: configured({ ADVANCED_EXCLUDE_TCP: "2323" }),
        listeners: listening({ port: 2323, program: "sshd" }),
      },
      finds: [],
    },
    {
      what: "a listener of netcat",
      changes: { listeners: listening({ port: 9000, program: "nc" }) },
      finds: ["notice makeshift-service"],
    },
    {
      what: "one of Python's module",
      changes: {
        listeners: listening({ program: "python3", command: "python3 -m http.server 80" }),
      },
      finds: ["notice makeshift-service"],
    },
    {
      what: "nothing in a program whose name begins like netcat's",
      changes: { listeners: listening({ program: "ncserver" }) },
      finds: [],
    },
    {
      what: "a service that began a minute after the guard",
      changes: { listeners: listening({ sinceEpochMs: NOW_EPOCH_MS - 3_540_000 }) },
      finds: ["notice service-since"],
    },
    {
      what: "nothing in one that began within its first minute",
      changes: { listeners: listening({ sinceEpochMs: NOW_EPOCH_MS - 3_540_001 }) },
      finds: [],
    },
    {
      what: "nothing about beginnings without a guard",
      changes: {
        guard: absent,
        logGroups: unread,
        listeners: listening({ sinceEpochMs: NOW_EPOCH_MS }),
      },
      finds: ["warning no-guard", "notice unseen"],
    },
  ])("finds of services: $what", ({ changes, finds }) => {
    expect(found(changes)).toEqual(finds);
  });

  it.each<Case>([
    {
      what: "a login from where nobody is trusted for good, on a machine that trusts nobody",
      changes: { sessions: [session], lastingTrust: trusting() },
      finds: ["warning no-lasting-trust"],
    },
    {
      what: "less of it where somebody else is",
      changes: { sessions: [session], lastingTrust: trusting("203.0.113.9") },
      finds: ["notice no-lasting-trust"],
    },
    {
      what: "nothing where a prefix holds the address",
      changes: { sessions: [session], lastingTrust: trusting("198.51.100.0/29") },
      finds: [],
    },
    {
      what: "an address just beyond the prefix",
      changes: { sessions: [session], lastingTrust: trusting("198.51.100.8/29") },
      finds: ["notice no-lasting-trust"],
    },
    {
      what: "that not all who are logged in were seen, and those who were",
      changes: {
        sessions: [session],
        unseenSessions: ["utmp: EACCES"],
        lastingTrust: trusting("203.0.113.9"),
      },
      finds: ["notice no-lasting-trust", "notice unseen"],
    },
    {
      what: "nothing without a login from afar",
      changes: { sessions: [], lastingTrust: trusting() },
      finds: [],
    },
    {
      what: "trust in everybody",
      changes: { lastingTrust: trusting("0.0.0.0/0") },
      finds: ["warning trust-everybody"],
    },
    {
      what: "nothing in half of them",
      changes: { lastingTrust: trusting("203.0.0.0/1") },
      finds: [],
    },
    {
      what: "a file that its group may write",
      changes: { files: [file({ mode: 0o664 })] },
      finds: ["error file-writable"],
    },
    {
      what: "one that everybody may",
      changes: { files: [file({ mode: 0o602 })] },
      finds: ["error file-writable"],
    },
    {
      what: "a program that cannot be run",
      changes: { files: [file({ mode: 0o644, isProgram: true })] },
      finds: ["error file-not-executable"],
    },
    {
      what: "nothing in one that root can run",
      changes: { files: [file({ mode: 0o700, isProgram: true })] },
      finds: [],
    },
    {
      what: "a program that others may write",
      changes: { files: [file({ mode: 0o777, isProgram: true })] },
      finds: ["error file-writable"],
    },
    { what: "nothing in 0755", changes: { files: [file({ mode: 0o755 })] }, finds: [] },
    {
      what: "nothing in a sticky directory",
      changes: { files: [file({ mode: 0o1777, isDirectory: true })] },
      finds: [],
    },
    {
      what: "a file of somebody else",
      changes: { files: [file({ uid: 1000 })] },
      finds: ["error file-of-others"],
    },
    {
      what: "nothing in one of whom it should be",
      changes: { files: [file({ uid: 65_534, owner: 65_534 })] },
      finds: [],
    },
    {
      what: "nothing in the caller's own",
      changes: { isRoot: false, uid: 1000, files: [file({ uid: 1000 })] },
      finds: [],
    },
    {
      what: "a list that is named and not there",
      changes: { files: [file({ status: "absent", isRequired: true })] },
      finds: ["error file-missing"],
    },
    {
      what: "nothing in one that need not be",
      changes: { files: [file({ status: "absent" })] },
      finds: [],
    },
    {
      what: "what root cannot read",
      changes: { files: [file({ status: "unreadable" })] },
      finds: ["error file-unreadable"],
    },
    {
      what: "nothing in what others cannot",
      changes: { isRoot: false, uid: 1000, files: [file({ status: "unreadable" })] },
      finds: [],
    },
  ])("finds of trust and files: $what", ({ changes, finds }) => {
    expect(found(changes)).toEqual(finds);
  });

  it.each<Case>([
    {
      what: "port knocking",
      changes: { neighbours: [{ what: "knockd (pid 4)", why: "it waits" }] },
      finds: ["warning neighbour"],
    },
    {
      what: "an interface that is not there",
      changes: { missingInterfaces: ["eth7"] },
      finds: ["warning no-interface"],
    },
    {
      what: "a blocklist that is not there",
      changes: { unreadBlocklists: ["/list does not exist"] },
      finds: ["warning blocklist-unread"],
    },
    { what: "no user of its own", changes: { hasUser: false }, finds: ["warning shared-user"] },
    {
      what: "a clock that nothing keeps",
      changes: { isClockSynchronised: false },
      finds: ["notice clock-unsynchronised"],
    },
    {
      what: "nothing of a clock that says nothing",
      changes: { isClockSynchronised: undefined },
      finds: [],
    },
    {
      what: "a clock that is behind our own files",
      changes: { newestFileEpochMs: NOW_EPOCH_MS + 3_600_001, isClockSynchronised: false },
      finds: ["warning clock-wrong"],
    },
    {
      what: "nothing within an hour of that",
      changes: { newestFileEpochMs: NOW_EPOCH_MS + 3_600_000 },
      finds: [],
    },
    { what: "little room", changes: { disk: disk(2 ** 26 - 1) }, finds: ["warning disk-full"] },
    { what: "nothing in 64 MiB", changes: { disk: disk(2 ** 26) }, finds: [] },
    { what: "no room", changes: { disk: disk(2 ** 20 - 1) }, finds: ["error disk-full"] },
    { what: "few files", changes: { disk: disk(2 ** 30, 99) }, finds: ["warning disk-full"] },
    { what: "no files", changes: { disk: disk(2 ** 30, 0) }, finds: ["error disk-full"] },
    {
      what: "nothing where files are not counted",
      changes: {
        disk: { status: "read", value: { path: "/", freeBytes: 2 ** 30, freeFiles: undefined } },
      },
      finds: [],
    },
  ])("finds of the machine: $what", ({ changes, finds }) => {
    expect(found(changes)).toEqual(finds);
  });

  it.each<Case>([
    {
      what: "what a guard itself says is wrong",
      changes: {
        guard: {
          status: "running",
          view: {
            ...VIEW,
            health: [
              {
                code: "probes-lost",
                severity: "warning",
                text: "a",
                action: "b",
                since: VIEW.since ?? "",
              },
            ],
          },
        },
      },
      finds: ["warning probes-lost"],
    },
    {
      what: "a guard that does not answer",
      changes: { guard: { status: "silent", reason: "late" } },
      finds: ["warning guard-silent"],
    },
    {
      what: "one that does not answer others",
      changes: { isRoot: false, uid: 1000, guard: { status: "silent", reason: "forbidden" } },
      finds: ["notice guard-silent"],
    },
    {
      what: "each fault of the configuration, and nothing that follows from it",
      changes: {
        configuration: { status: "invalid", path: "/a", faults: ["/a:1: no", "/a:2: no"] },
        features: unread,
        lastingTrust: unread,
      },
      finds: ["error config-invalid", "error config-invalid"],
    },
    {
      what: "a key that does nothing",
      changes: {
        configuration: { ...configured(), warnings: ["/a:1: idle"] } as Facts["configuration"],
      },
      finds: ["notice config-idle"],
    },
    {
      what: "a command that the service's hardening would stop",
      changes: {
        configuration: { ...configured(), limits: ["KILL_RUN_CMD: no"] } as Facts["configuration"],
      },
      finds: ["warning service-limit"],
    },
  ])("finds of guard and configuration: $what", ({ changes, finds }) => {
    expect(found(changes)).toEqual(finds);
  });

  it("tells the worst first", () => {
    const severities = examine({
      ...FINE,
      hasUser: false,
      unseenSessions: ["no utmp"],
      guard: absent,
      files: [file({ mode: 0o666 })],
    }).map(({ severity }) => severity);
    expect(severities).toEqual(["error", "error", "warning", "warning", "notice"]);
  });

  it("tells in the guard's words what both find", () => {
    const health = {
      code: "neighbour",
      severity: "warning",
      text: "Found knockd.",
      action: "Stop.",
    } as const;
    const view = { ...VIEW, health: [{ ...health, since: VIEW.since ?? "" }] };
    const neighbours = [{ what: "knockd (pid 4)", why: "it waits" }];
    expect(told({ guard: { status: "running", view }, neighbours })).toBe("Found knockd. Stop.");
  });

  it("names chains, ports, programs and hosts, and a command for each", () => {
    expect(told({ ruleset: chain("output", 0, "drop", []) })).toContain(
      "nft insert rule inet filter all meta mark 0x2d5a0000 accept",
    );
    expect(told({ listeners: listening({ port: 9000, program: "nc", pid: 812 }) })).toMatch(
      /tcp 9000 \(nc\).*kill 812/s,
    );
    expect(told({ sessions: [session] })).toContain("vedette trust 198.51.100.7");
    expect(told({ files: [file({ mode: 0o666 })] })).toContain(
      "chmod go-w /etc/vedette/vedette.conf",
    );
  });
});
