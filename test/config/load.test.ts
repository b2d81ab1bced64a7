import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { formatFinding } from "../../src/config/findings.ts";
import type { Configuration, LoadedConfiguration } from "../../src/config/load.ts";
import {
  loadConfiguration,
  loadConfigurationTexts,
  requireConfiguration,
} from "../../src/config/load.ts";
import { CONFIG_KEYS, KEY_NAMES } from "../../src/config/schema.ts";
import { OperationalError } from "../../src/errors.ts";

const directory = mkdtempSync(join(tmpdir(), "vedette-config-"));
const path = join(directory, "vedette.conf");
const portsentryPath = join(directory, "portsentry.conf");
/** A file that does not exist: the machine's own must not matter. */
const modesPath = join(directory, "no-modes");
afterAll(() => rmSync(directory, { recursive: true }));

function load(content: string, overrides?: Record<string, string>): LoadedConfiguration {
  writeFileSync(path, content);
  return loadConfiguration({ path, overrides });
}

function loadWell(content: string, overrides?: Record<string, string>): Configuration {
  const loaded = load(content, overrides);
  if (loaded.status === "ok") return loaded.configuration;
  throw new Error(loaded.faults.map(formatFinding).join("\n"));
}

/** Faults as people see them, the directory left out. */
function faultsOf(loaded: LoadedConfiguration): string[] {
  if (loaded.status === "ok") return [];
  return loaded.faults.map((fault) => formatFinding(fault).replaceAll(`${directory}/`, ""));
}

describe("loadConfiguration", () => {
  it("gives every key its default when the file is empty", () => {
    const { texts, sources } = loadWell("");
    for (const key of KEY_NAMES) {
      expect(texts[key]).toBe(CONFIG_KEYS[key].defaults.vedette);
      expect(sources[key]).toBe("default");
    }
  });

  it("converts the defaults of profile vedette", () => {
    const { values } = loadWell("");
    expect(values.TCP_MODE).toBe("unused");
    expect(values.UDP_MODE).toBe("unused");
    expect(values.TCP_PORTS.size).toBe(26);
    expect(values.UDP_PORTS.size).toBe(21);
    expect(values.ADVANCED_PORTS_TCP).toBe(65_536);
    expect([...values.ADVANCED_EXCLUDE_TCP]).toEqual([113]);
    expect(values.INTERFACES).toEqual([]);
    expect(values.HOLD_AFTER).toBe(2);
    expect(values.HOLD_TIME).toBe(10_000);
    expect(values.GRACE).toBe(600_000);
    expect(values.SCAN_TRIGGER).toBe(3);
    expect(values.TRIGGER_COUNTS).toBe("distinct-ports");
    expect(values.PROOF).toBe("alive");
    expect(values.BAN_TIME_CLAIMED).toEqual([60_000]);
    expect(values.BAN_TIME_ALIVE).toEqual([600_000, 3_600_000, 14_400_000]);
    expect(values.BAN_TIME_PROVEN).toEqual([3_600_000, 86_400_000, 604_800_000]);
    expect(values.REPEAT_WITHIN).toBe(2_592_000_000);
    expect(values.BLOCK_TCP).toBe("ban");
    expect(values.NFT_BAN).toBe(true);
    expect(values.IGNORE_FILE).toBe("/etc/vedette/vedette.ignore");
    expect(values.ON_STOP).toBe("keep-bans");
    expect(values.LOG_FORMAT).toBe("text");
    expect(values.LOG_DIALECT).toBe("vedette");
    expect(values.KILL_ROUTE).toBeUndefined();
    expect(values.HISTORY_FILE).toBeUndefined();
    expect(values.HOOK_TIMEOUT).toBe(10_000);
    expect(values.HOOK_QUEUE).toBe(1000);
  });

  it("gives every key the default of profile portsentry when the file has that name", () => {
    writeFileSync(portsentryPath, 'TCP_PORTS="1"');
    const { texts, sources, profile } = requireConfiguration({ path: portsentryPath, modesPath });
    expect(profile).toBe("portsentry");
    for (const key of KEY_NAMES.filter((name) => name !== "TCP_PORTS")) {
      expect(texts[key]).toBe(CONFIG_KEYS[key].defaults.portsentry);
      expect(sources[key]).toBe("default");
    }
  });

  it("converts the defaults of profile portsentry", () => {
    writeFileSync(portsentryPath, 'TCP_PORTS="1"');
    const { values } = requireConfiguration({ path: portsentryPath, modesPath });
    expect(values.TCP_MODE).toBe("listed");
    expect(values.UDP_MODE).toBe("listed");
    expect(values.UDP_PORTS.size).toBe(0);
    expect(values.ADVANCED_PORTS_TCP).toBe(1024);
    expect(values.ADVANCED_PORTS_UDP).toBe(1024);
    expect(values.ADVANCED_EXCLUDE_TCP.size).toBe(0);
    expect(values.ADVANCED_EXCLUDE_UDP.size).toBe(0);
    expect(values.HOLD_AFTER).toBe("off");
    expect(values.ANSWER).toBe("pass");
    expect(values.TRAP_PORTS.size).toBe(0);
    expect(values.IPV6_PREFIX).toBe(128);
    expect(values.SCAN_TRIGGER).toBe(0);
    expect(values.TRIGGER_COUNTS).toBe("hits");
    expect(values.BLOCK_TCP).toBe("watch");
    expect(values.BLOCK_UDP).toBe("watch");
    expect(values.PROOF).toBe("none");
    expect(values.BAN_TIME_CLAIMED).toEqual([]);
    expect(values.BAN_TIME_ALIVE).toEqual([]);
    expect(values.BAN_TIME_PROVEN).toEqual([]);
    expect(values.GRACE).toBe(600_000);
    expect(values.IGNORE_FILE).toBe("/etc/portsentry/portsentry.ignore");
  });

  const command = 'KILL_RUN_CMD="/usr/local/sbin/tell $TARGET$"';
  it.each([
    { what: "neither hook", lines: "", ban: "1", from: "default" },
    {
      what: "a line of hosts.deny",
      lines: 'KILL_HOSTS_DENY="ALL: $TARGET$"',
      ban: "1",
      from: "default",
    },
    {
      what: "KILL_ROUTE",
      lines: 'KILL_ROUTE="/bin/block $TARGET$"',
      ban: "0",
      from: "default, because KILL_ROUTE is set",
    },
    {
      what: "KILL_RUN_CMD",
      lines: command,
      ban: "0",
      from: "default, because KILL_RUN_CMD is set",
    },
    { what: "a hook and the key itself", lines: `NFT_BAN="1"\n${command}`, ban: "1", from: "file" },
  ])("bans in the kernel by default with $what: $ban", ({ lines, ban, from }) => {
    writeFileSync(portsentryPath, `TCP_PORTS="1"\n${lines}\n`);
    const { texts, sources } = requireConfiguration({ path: portsentryPath, modesPath });
    expect(texts.NFT_BAN).toBe(ban);
    expect(sources.NFT_BAN.replace(`${portsentryPath}:2`, "file")).toBe(from);
    expect(loadWell(lines).texts.NFT_BAN).toBe("1");
  });

  it.each([
    { tcp: "atcp", udp: "audp", dialect: "1.2", from: "default, because TCP_MODE is atcp" },
    { tcp: "", udp: "udp", dialect: "1.2", from: "default, because UDP_MODE is udp" },
    { tcp: "stealth", udp: "sudp", dialect: "1.2", from: "default, because UDP_MODE is sudp" },
    { tcp: "connect", udp: "connect", dialect: "2.x", from: "default" },
    { tcp: "stealth", udp: "", dialect: "2.x", from: "default" },
  ])("logs as $dialect with the modes $tcp and $udp", ({ tcp, udp, dialect, from }) => {
    writeFileSync(portsentryPath, 'TCP_PORTS="1"\nUDP_PORTS="1"');
    const overrides = { TCP_MODE: tcp, UDP_MODE: udp };
    const { texts, sources } = requireConfiguration({ path: portsentryPath, modesPath, overrides });
    expect(texts.LOG_DIALECT).toBe(dialect);
    expect(sources.LOG_DIALECT).toBe(from);
    expect(loadWell("", overrides).texts.LOG_DIALECT).toBe("vedette");
  });

  it("takes the profile that the caller names, whatever the name of the file", () => {
    writeFileSync(path, 'TCP_PORTS="1"');
    writeFileSync(portsentryPath, "");
    expect(requireConfiguration({ path, profile: "portsentry", modesPath }).profile).toBe(
      "portsentry",
    );
    expect(requireConfiguration({ path: portsentryPath, profile: "vedette" }).profile).toBe(
      "vedette",
    );
    expect(requireConfiguration({ path }).profile).toBe("vedette");
  });

  it("takes the command line before the file, and the file before the default", () => {
    const { values, sources } = loadWell('# mine\nHOLD_TIME="20s"\nGRACE="5m"\r\n', {
      GRACE: "1m",
    });
    expect(values.HOLD_TIME).toBe(20_000);
    expect(values.GRACE).toBe(60_000);
    expect(sources.HOLD_TIME).toBe(`${path}:2`);
    expect(sources.GRACE).toBe("command line");
    expect(sources.HOLD_AFTER).toBe("default");
  });

  it.each([
    {
      what: "a value below its bound",
      line: 'SCAN_TRIGGER="-1"',
      fault: "SCAN_TRIGGER: -1 is below 0",
    },
    { what: "a value above its bound", line: 'HOLD_TIME="2h"', fault: "HOLD_TIME: 2h is above 1h" },
    {
      what: "a value that is none of the choices",
      line: 'ANSWER="ignore"',
      fault: 'ANSWER: expected one of drop, reject, pass, not "ignore"',
    },
    {
      what: "an unknown key with a near one",
      line: 'HOLD_TIMES="10s"',
      fault: "unknown key HOLD_TIMES; did you mean HOLD_TIME?",
    },
    { what: "an unknown key", line: 'COLOUR="red"', fault: "unknown key COLOUR" },
    { what: "a key of every object", line: 'constructor="1"', fault: "unknown key constructor" },
    {
      what: "no quotes",
      line: "HOLD_TIME=10s",
      fault: 'HOLD_TIME: the value must stand in quotes: HOLD_TIME="value"',
    },
    {
      what: "a list mode without ports",
      line: 'TCP_PORTS=""\nTCP_MODE="stcp"',
      fault: "TCP_PORTS: the list mode of TCP_MODE needs at least one port",
    },
    {
      what: "a KILL_ROUTE that names no source",
      line: 'KILL_ROUTE="/sbin/route add -host 192.0.2.7 reject"',
      fault: "KILL_ROUTE: $TARGET$ is missing, so that it would not name the source",
    },
    {
      what: "a KILL_HOSTS_DENY that names no source",
      line: 'KILL_HOSTS_DENY="ALL: ALL"',
      fault: "KILL_HOSTS_DENY: $TARGET$ is missing, so that it would not name the source",
    },
    {
      what: "an UNKILL_ROUTE that names no source",
      line: 'UNKILL_ROUTE="/sbin/route flush"',
      fault: "UNKILL_ROUTE: $TARGET$ is missing, so that it would not name the source",
    },
    {
      what: "a TCP hook that is not there",
      line: 'BLOCK_TCP="2"',
      fault: "BLOCK_TCP: 2 runs KILL_RUN_CMD and nothing else, and that is not set",
    },
    {
      what: "a UDP hook that is not there",
      line: 'BLOCK_UDP="2"\nKILL_ROUTE="/bin/block $TARGET$"',
      fault: "BLOCK_UDP: 2 runs KILL_RUN_CMD and nothing else, and that is not set",
    },
    {
      what: "nothing to watch",
      line: 'TCP_MODE=""\nUDP_MODE=""',
      fault: "TCP_MODE: nothing is watched while UDP_MODE is empty, too",
    },
  ])("names file, line and key of $what", ({ line, fault }) => {
    expect(faultsOf(load(`# a comment\n${line}\n`))).toEqual([`vedette.conf:2: ${fault}`]);
  });

  it.each([
    { what: "2.x's mode for both and TCP ports", tcp: "stealth", udp: "stealth", isGood: true },
    { what: "2.x's other mode", tcp: "connect", udp: "connect", isGood: true },
    { what: "UDP off", tcp: "stealth", udp: "", isGood: true },
    { what: "1.2's mode of the transport without", tcp: "stcp", udp: "sudp", isGood: false },
    { what: "only the transport without", tcp: "", udp: "stealth", isGood: false },
  ])("takes ports of TCP alone with $what: $isGood", ({ tcp, udp, isGood }) => {
    const modes = `TCP_MODE="${tcp}"\nUDP_MODE="${udp}"\n`;
    expect(faultsOf(load(`${modes}TCP_PORTS="1"\nUDP_PORTS=""\n`))).toEqual(
      isGood
        ? []
        : ["vedette.conf:4: UDP_PORTS: the list mode of UDP_MODE needs at least one port"],
    );
  });

  const longest = (characters: number) => `$TARGET$ ${"a".repeat(characters - 9)}`;
  it.each([
    { key: "SCAN_TRIGGER", good: "0", bad: "-1", fault: "-1 is below 0" },
    { key: "SCAN_TRIGGER", good: "65535", bad: "65536", fault: "65536 is above 65535" },
    { key: "ADVANCED_PORTS_TCP", good: "1", bad: "0", fault: "0 is below 1" },
    { key: "ADVANCED_PORTS_TCP", good: "65536", bad: "65537", fault: "65537 is above 65536" },
    { key: "ADVANCED_PORTS_UDP", good: "1", bad: "0", fault: "0 is below 1" },
    { key: "ADVANCED_PORTS_UDP", good: "65536", bad: "65537", fault: "65537 is above 65536" },
    { key: "HOOK_TIMEOUT", good: "1s", bad: "0s", fault: "0s is below 1s" },
    { key: "HOOK_TIMEOUT", good: "10m", bad: "601s", fault: "601s is above 10m" },
    { key: "HOOK_QUEUE", good: "1", bad: "0", fault: "0 is below 1" },
    { key: "HOOK_QUEUE", good: "100000", bad: "100001", fault: "100001 is above 100000" },
    {
      key: "KILL_HOSTS_DENY",
      good: longest(2000),
      bad: longest(2001),
      fault: "2001 characters are more than 2000",
    },
    ...["KILL_ROUTE", "KILL_RUN_CMD", "UNKILL_ROUTE", "UNKILL_RUN_CMD"].map((key) => ({
      key,
      good: longest(4096),
      bad: longest(4097),
      fault: "4097 characters are more than 4096",
    })),
    {
      key: "PORT_BANNER",
      good: longest(1024),
      bad: longest(1025),
      fault: "1025 characters are more than 1024",
    },
  ])("takes the last good value of $key and not the next: $fault", ({ key, good, bad, fault }) => {
    expect(faultsOf(load(`${key}="${good}"`))).toEqual([]);
    expect(faultsOf(load(`${key}="${bad}"`))).toEqual([`vedette.conf:1: ${key}: ${fault}`]);
  });

  it("asks for ports of one transport at least, whatever the mode", () => {
    const content = 'TCP_MODE="stealth"\nUDP_MODE="stealth"\nTCP_PORTS=""\nUDP_PORTS=""\n';
    expect(faultsOf(load(content))).toHaveLength(2);
  });

  it("names both lines of a key that stands twice", () => {
    expect(faultsOf(load('GRACE="1m"\n\nGRACE="2m"\n'))).toEqual([
      "vedette.conf:3: GRACE: already set in line 1",
    ]);
  });

  it("tells the faults of the command line by that name", () => {
    expect(faultsOf(load("", { HOLD_TIEM: "1s", GRACE: "1" }))).toEqual([
      "command line: unknown key HOLD_TIEM; did you mean HOLD_TIME?",
      "command line: GRACE: expected a duration such as 30s, 5m, 1h or 7d, from 30s to 1d, " +
        'not "1"',
    ]);
  });

  it("tells all faults at once, in the order of the file, the command line last", () => {
    const content = 'SCAN_TRIGGER="65536"\nX="1"\nGRACE="1m\nGRACE="0s"\nX="2"\n';
    expect(faultsOf(load(content, { TCP_MODE: "udp" }))).toEqual([
      "vedette.conf:1: SCAN_TRIGGER: 65536 is above 65535",
      "vedette.conf:2: unknown key X",
      "vedette.conf:3: GRACE: the closing quote is missing",
      "vedette.conf:4: GRACE: 0s is below 30s",
      "vedette.conf:5: unknown key X",
      'command line: TCP_MODE: expected one of atcp, stcp, stealth, tcp, connect, "", not "udp"',
    ]);
  });

  it("has a fault for a named file that does not exist", () => {
    const missing = join(directory, "missing.conf");
    expect(faultsOf(loadConfiguration({ path: missing }))).toEqual([
      "missing.conf: there is no such file",
    ]);
  });

  it("has a fault for a file that cannot be read", () => {
    expect(faultsOf(loadConfiguration({ path: directory }))).toEqual([
      expect.stringContaining("this is no regular file"),
    ]);
  });

  it("reads no device, which may never end", () => {
    expect(faultsOf(loadConfiguration({ path: "/dev/zero" }))).toEqual([
      "/dev/zero: this is no regular file",
    ]);
  });

  it.each([
    { characters: 1_048_576, faults: [] },
    { characters: 1_048_577, faults: ["vedette.conf: the file is larger than 1 MiB"] },
  ])("with a file of $characters characters has faults $faults", ({ characters, faults }) => {
    expect(faultsOf(load("#".repeat(characters)))).toEqual(faults);
  });

  it("gives the same revision to the same texts, wherever they come from", () => {
    const fromFile = loadWell('GRACE="1m"');
    expect(fromFile.revision).toMatch(/^[0-9a-f]{12}$/);
    expect(loadWell("", { GRACE: "1m" }).revision).toBe(fromFile.revision);
    expect(loadWell('GRACE="2m"').revision).not.toBe(fromFile.revision);
  });
});

describe("requireConfiguration", () => {
  it("throws one operational error with all faults", () => {
    writeFileSync(path, 'SCAN_TRIGGER="-1"\nGRACE="0s"');
    const require = () => requireConfiguration({ path });
    expect(require).toThrow(OperationalError);
    expect(require).toThrow(
      `the configuration is invalid:\n${path}:1: SCAN_TRIGGER: -1 is below 0\n` +
        `${path}:2: GRACE: 0s is below 30s`,
    );
  });

  it("throws a single fault as one line", () => {
    writeFileSync(path, 'SCAN_TRIGGER="-1"');
    expect(() => requireConfiguration({ path })).toThrow(
      new OperationalError("ERR_CONFIG_INVALID", `${path}:1: SCAN_TRIGGER: -1 is below 0`),
    );
  });
});

describe("loadConfigurationTexts", () => {
  it("makes the same values of the texts that were loaded", () => {
    const { texts, values } = loadWell('BAN_TIME_PROVEN="5m 1h"\nTRAP_PORTS="23,2323"');
    expect(loadConfigurationTexts(JSON.parse(JSON.stringify(texts)))).toEqual(
      expect.objectContaining({
        BAN_TIME_PROVEN: values.BAN_TIME_PROVEN,
        HOLD_TIME: values.HOLD_TIME,
      }),
    );
    expect([...loadConfigurationTexts(texts).TRAP_PORTS]).toEqual([23, 2323]);
  });

  it("throws for texts that nobody has checked", () => {
    expect(() => loadConfigurationTexts({ GRACE: "0s" })).toThrow("unchecked");
  });
});
