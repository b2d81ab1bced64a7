/** Profile portsentry: files as they lie on machines that run PortSentry, and what is wrong in them. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type ConfigFinding, formatFinding } from "../../src/config/findings.ts";
import type { Configuration } from "../../src/config/load.ts";
import { loadConfiguration } from "../../src/config/load.ts";
import { CONFIG_KEYS, KEY_NAMES } from "../../src/config/schema.ts";

const directory = mkdtempSync(join(tmpdir(), "vedette-portsentry-"));
const path = join(directory, "portsentry.conf");
const modesPath = join(directory, "default-portsentry");
const noModes = join(directory, "missing");
afterAll(() => rmSync(directory, { recursive: true }));

/** The user's own files, beside the repository; they are no part of it. */
const seed = new URL("../../../shared/seed/", import.meta.url).pathname;
const hasSeed = existsSync(join(seed, "portsentry.conf"));

const sampleOf = (version: string) =>
  new URL(`samples/${version}/portsentry.conf`, import.meta.url).pathname;

function inWords(findings: readonly ConfigFinding[]): string[] {
  return findings.map((each) => formatFinding(each).replaceAll(`${directory}/`, ""));
}

interface Result {
  readonly faults: string[];
  readonly warnings: string[];
  readonly configuration: Configuration | undefined;
}

function loadFrom(file: string, modes: string): Result {
  const loaded = loadConfiguration({ path: file, modesPath: modes });
  if (loaded.status === "invalid") {
    return {
      faults: inWords(loaded.faults),
      warnings: inWords(loaded.warnings),
      configuration: undefined,
    };
  }
  const { configuration } = loaded;
  return { faults: [], warnings: inWords(configuration.warnings), configuration };
}

/** Loads `lines` with a port to watch, which stands in line 1. */
function load(lines: string, modes: string = noModes): Result {
  writeFileSync(path, `TCP_PORTS="1"\n${lines}\n`);
  return loadFrom(path, modes);
}

/** The settings of a file that must load without a warning. */
function loadSilently(file: string, modes: string): Configuration {
  const { configuration, faults, warnings } = loadFrom(file, modes);
  expect({ faults, warnings }).toEqual({ faults: [], warnings: [] });
  return configuration as Configuration;
}

/** The same text for a strict reader, who must refuse it. */
function strictFaults(content: string): string[] {
  writeFileSync(path, content);
  const loaded = loadConfiguration({ path, profile: "vedette" });
  return loaded.status === "ok" ? [] : inWords(loaded.faults);
}

describe("a file like Debian's of 1.2", () => {
  it("loads without a warning, in the modes of /etc/default/portsentry", () => {
    writeFileSync(modesPath, 'TCP_MODE="tcp"\nUDP_MODE="udp"\n');
    const { values, sources } = loadSilently(sampleOf("debian-1.2"), modesPath);
    expect(values.TCP_MODE).toBe("listen");
    expect(values.UDP_MODE).toBe("listen");
    expect(sources.TCP_MODE).toBe(`${modesPath}:1`);
    expect(sources.UDP_MODE).toBe(`${modesPath}:2`);
    expect(values.LOG_DIALECT).toBe("1.2");
    expect(values.TCP_PORTS.size).toBe(26);
    expect(values.UDP_PORTS.size).toBe(21);
    expect(values.ADVANCED_PORTS_TCP).toBe(1024);
    expect([...values.ADVANCED_EXCLUDE_TCP]).toEqual([113, 139]);
    expect([...values.ADVANCED_EXCLUDE_UDP]).toEqual([67, 137, 138, 520]);
    expect(values.IGNORE_FILE).toBe("/etc/portsentry/portsentry.ignore");
    expect(values.HISTORY_FILE).toBe("/var/lib/portsentry/portsentry.history");
    expect(values.BLOCKED_FILE).toBe("/var/lib/portsentry/portsentry.blocked");
    expect(values.RESOLVE_HOST).toBe(false);
    expect(values.BLOCK_TCP).toBe("watch");
    expect(values.BLOCK_UDP).toBe("watch");
    expect(values.KILL_ROUTE).toBe("/sbin/route add -host $TARGET$ reject");
    expect(values.KILL_HOSTS_DENY).toBe("ALL: $TARGET$ : DENY");
    expect(values.KILL_RUN_CMD).toBeUndefined();
    expect(values.NFT_BAN).toBe(false);
    expect(values.PORT_BANNER).toBeUndefined();
  });
});

describe("a file like 2.x's example", () => {
  it("loads without a warning, in 2.x's own mode", () => {
    const { values } = loadSilently(sampleOf("2.x"), noModes);
    expect(values.TCP_MODE).toBe("listed");
    expect(values.UDP_MODE).toBe("listed");
    expect(values.LOG_DIALECT).toBe("2.x");
    expect([...values.UDP_PORTS]).toEqual([7, 9, 13, 19, 111, 389, 513, 517, 518]);
    expect(values.TCP_PORTS.size).toBe(28);
    expect(values.HISTORY_FILE).toBe("/var/log/portsentry.log");
    expect(values.BLOCKED_FILE).toBe("/tmp/portsentry.blocked");
    expect(values.NFT_BAN).toBe(true);
    expect(values.BAN_TIME_CLAIMED).toEqual([]);
  });
});

describe.skipIf(!hasSeed)("the seed's file, which lies beside the repository", () => {
  it("loads without a warning and says what the guide says", () => {
    const { values } = loadSilently(
      join(seed, "portsentry.conf"),
      join(seed, "default-portsentry"),
    );
    expect(values.TCP_MODE).toBe("unused");
    expect(values.UDP_MODE).toBe("unused");
    expect(values.BLOCK_TCP).toBe("ban");
    expect(values.BLOCK_UDP).toBe("ban");
    expect(values.KILL_ROUTE).toBe("/sbin/route add -host $TARGET$ reject");
    expect(values.KILL_HOSTS_DENY).toBe("ALL: $TARGET$ : DENY");
    expect(values.KILL_RUN_CMD).toMatch(
      /^\/sbin\/iptables -I INPUT -s \$TARGET\$ -j DROP && .* 'Portsentry: dropping: '$/,
    );
    expect(values.KILL_RUN_CMD_FIRST).toBe(false);
    expect(values.SCAN_TRIGGER).toBe(0);
    expect(values.PORT_BANNER).toBe("*** UNAUTHORIZED ACCESS PROHIBITED ***");
    expect(values.NFT_BAN).toBe(false);
    expect(values.LOG_DIALECT).toBe("1.2");
  });

  it("sets what it shows and nothing else", () => {
    const file = join(seed, "portsentry.conf");
    const { sources, texts } = loadSilently(file, join(seed, "default-portsentry"));
    const shown = readFileSync(file, "utf8").matchAll(/^([A-Z_]+) ?= ?"(.*)"$/gm);
    const inFile = Object.fromEntries([...shown].map(([, key, value]) => [key, value]));
    const set = KEY_NAMES.filter((key) => sources[key].startsWith(file));
    expect(Object.fromEntries(set.map((key) => [key, texts[key]]))).toEqual(inFile);
  });
});

describe("loadConfiguration in profile portsentry", () => {
  it.each([
    {
      what: "no closing quote",
      line: 'HISTORY_FILE="/var/log/h',
      key: "HISTORY_FILE",
      text: "/var/log/h",
      warning: "HISTORY_FILE: the closing quote is missing",
    },
    {
      what: "text after the value",
      line: 'BLOCK_TCP="1" yes',
      key: "BLOCK_TCP",
      text: "1",
      warning: "BLOCK_TCP: the text after the closing quote is not read",
    },
    {
      what: "no equals sign",
      line: 'BLOCK_TCP "1"',
      key: "BLOCK_TCP",
      text: "1",
      warning: "BLOCK_TCP: the equals sign is missing",
    },
    {
      what: "no quotes",
      line: "BLOCK_TCP=1",
      key: "BLOCK_TCP",
      text: "0",
      warning: "BLOCK_TCP: not read, as in PortSentry: the value does not stand in quotes",
    },
    {
      what: "a control character",
      line: 'PORT_BANNER="go\u0007 away"',
      key: "PORT_BANNER",
      text: "go",
      warning: "PORT_BANNER: the value is read up to the control character",
    },
    {
      what: "a key that stands twice",
      line: 'BLOCK_TCP="1"\nBLOCK_TCP="0"',
      key: "BLOCK_TCP",
      text: "1",
      warning: "BLOCK_TCP: not read, because it is already set in line 2",
      at: 3,
    },
    {
      what: "an unknown key with a near one",
      line: 'BLOK_TCP="1"',
      key: "BLOCK_TCP",
      text: "0",
      warning: "not read: unknown key BLOK_TCP; did you mean BLOCK_TCP?",
    },
    {
      what: "an unknown key",
      line: "COLOUR=red",
      key: "BLOCK_TCP",
      text: "0",
      warning: "not read: unknown key COLOUR",
    },
    {
      what: "a line that is no setting",
      line: "[portsentry]",
      key: "BLOCK_TCP",
      text: "0",
      warning: 'not read: it is no KEY="value" and no comment',
    },
    {
      what: "a flag that is neither 0 nor 1",
      line: 'RESOLVE_HOST="yes"',
      key: "RESOLVE_HOST",
      text: "0",
      warning: 'RESOLVE_HOST: "yes" is read as "0", as in PortSentry',
    },
    {
      what: "another flag with a blank",
      line: 'KILL_RUN_CMD_FIRST=" 1"',
      key: "KILL_RUN_CMD_FIRST",
      text: "1",
      warning: 'KILL_RUN_CMD_FIRST: " 1" is read as "1", as in PortSentry',
    },
    {
      what: "a BLOCK_TCP that does not exist",
      line: 'BLOCK_TCP="3"',
      key: "BLOCK_TCP",
      text: "0",
      warning: 'BLOCK_TCP: "3" is read as "0", as in PortSentry',
    },
    {
      what: "a BLOCK_UDP that does not exist",
      line: 'BLOCK_UDP=""',
      key: "BLOCK_UDP",
      text: "0",
      warning: 'BLOCK_UDP: "" is read as "0", as in PortSentry',
    },
    {
      what: "a trigger that is no number",
      line: 'SCAN_TRIGGER="2 hits"',
      key: "SCAN_TRIGGER",
      text: "2",
      warning: 'SCAN_TRIGGER: "2 hits" is read as "2", as in PortSentry',
    },
    {
      what: "more TCP ports than there are",
      line: 'ADVANCED_PORTS_TCP="65537"',
      key: "ADVANCED_PORTS_TCP",
      text: "65536",
      warning: 'ADVANCED_PORTS_TCP: "65537" is read as "65536", as in PortSentry',
    },
    {
      what: "more UDP ports than there are",
      line: 'ADVANCED_PORTS_UDP="100000"',
      key: "ADVANCED_PORTS_UDP",
      text: "65536",
      warning: 'ADVANCED_PORTS_UDP: "100000" is read as "65536", as in PortSentry',
    },
  ] as const)("goes on with $what, with a warning where profile vedette has a fault", (given) => {
    const { configuration, faults, warnings } = load(given.line);
    expect(faults).toEqual([]);
    const line = "at" in given ? given.at : 2;
    expect(warnings).toEqual([`portsentry.conf:${line}: ${given.warning}`]);
    expect(configuration?.texts[given.key]).toBe(given.text);
    expect(strictFaults(`TCP_PORTS="1"\n${given.line}\n`)).toHaveLength(1);
  });

  it("reads a line that begins with a blank, which both profiles do, with a word", () => {
    const { configuration, warnings } = load(' BLOCK_TCP="1"');
    expect(configuration?.texts.BLOCK_TCP).toBe("1");
    expect(warnings).toEqual([
      "portsentry.conf:2: BLOCK_TCP: PortSentry passes over a line that begins with a blank; " +
        "here it is read",
    ]);
    expect(strictFaults(' BLOCK_TCP="1"')).toEqual([]);
  });

  it("takes a key without quotes for the first, so that a later one does not count", () => {
    const { configuration, warnings } = load('BLOCK_TCP=0\nBLOCK_TCP="1"');
    expect(configuration?.sources.BLOCK_TCP).toBe("default");
    expect(warnings).toHaveLength(2);
  });

  it("reads CRLF and trailing comments without a word", () => {
    expect(load('RESOLVE_HOST = "1"\r\nBLOCK_TCP="1" # block\r')).toMatchObject({
      faults: [],
      warnings: [],
    });
  });

  it.each([
    { line: 'UDP_PORTS="1,abc"', fault: /UDP_PORTS: "abc": expected a port from 1 to 65535/ },
    { line: 'UDP_PORTS="0"', fault: /UDP_PORTS: "0": expected a port from 1 to 65535/ },
    { line: 'UDP_PORTS="65536"', fault: /UDP_PORTS: "65536": expected a port/ },
    { line: 'UDP_PORTS="25-20"', fault: /UDP_PORTS: "25-20": expected the lower port first/ },
    { line: 'ADVANCED_EXCLUDE_TCP="x"', fault: /ADVANCED_EXCLUDE_TCP: "x": expected a port/ },
    { line: 'SCAN_TRIGGER="-1"', fault: /SCAN_TRIGGER: -1 is below 0/ },
    { line: 'SCAN_TRIGGER="65536"', fault: /SCAN_TRIGGER: 65536 is above 65535/ },
    { line: 'ADVANCED_PORTS_TCP="0"', fault: /ADVANCED_PORTS_TCP: 0 is below 1/ },
    { line: 'ADVANCED_PORTS_TCP="all"', fault: /ADVANCED_PORTS_TCP: expected a whole number/ },
    { line: 'HISTORY_FILE="history"', fault: /HISTORY_FILE: expected an absolute path/ },
    { line: 'KILL_ROUTE="/bin/true"', fault: /KILL_ROUTE: \$TARGET\$ is missing/ },
    { line: 'KILL_HOSTS_DENY="ALL: ALL"', fault: /KILL_HOSTS_DENY: \$TARGET\$ is missing/ },
    { line: 'BLOCK_TCP="2"', fault: /BLOCK_TCP: 2 runs KILL_RUN_CMD/ },
    { line: 'HOLD_TIME="2h"', fault: /HOLD_TIME: 2h is above 1h/ },
    { line: 'NFT_BAN="yes"', fault: /NFT_BAN: expected one of 0, 1, not "yes"/ },
  ])("does not guess at $line", ({ line, fault }) => {
    const { faults } = load(line);
    expect(faults).toEqual([expect.stringMatching(fault)]);
    expect(faults[0]).toMatch(/^portsentry\.conf:2: /);
  });

  it.each([
    { line: 'UDP_PORTS="1, 11,20-25"', ports: [1, 11, 20, 21, 22, 23, 24, 25] },
    { line: 'UDP_PORTS="65535"', ports: [65_535] },
  ])("reads the ports of $line", ({ line, ports }) => {
    expect([...(load(line).configuration?.values.UDP_PORTS ?? [])]).toEqual(ports);
  });

  it("takes no key for another that begins with it", () => {
    const { configuration, warnings } = load('UDP="7"\nBLOCK="1"\nSCAN="9"');
    expect(warnings).toHaveLength(3);
    expect(configuration?.values.UDP_PORTS.has(7)).toBe(false);
    expect(configuration?.texts).toMatchObject({ BLOCK_TCP: "0", SCAN_TRIGGER: "0" });
  });

  it("takes an empty value for none where a key may have none", () => {
    const { configuration, faults } = load('BLOCKED_FILE=""\nHISTORY_FILE=""\nKILL_ROUTE=""');
    expect(faults).toEqual([]);
    expect(configuration?.texts).toMatchObject({ BLOCKED_FILE: "", KILL_ROUTE: "" });
  });

  it("reads a line of more than 1,023 bytes as one, so that no comment becomes a setting", () => {
    for (const start of [1022, 1023, 1024]) {
      const line = 'BLOCK_UDP="0" # '.padEnd(start, "x");
      const { configuration, faults, warnings } = load(`${line}BLOCK_TCP="1"`);
      expect({ faults, warnings }).toEqual({ faults: [], warnings: [] });
      expect(configuration?.texts.BLOCK_TCP).toBe("0");
    }
  });

  it("watches as many ports as are named, without 1.2's limit of 64", () => {
    const list = Array.from({ length: 70 }, (_, index) => 1000 + index).join(",");
    expect(load(`UDP_PORTS="${list}"`).configuration?.values.UDP_PORTS.size).toBe(70);
  });

  it("needs none of the keys that PortSentry needs, but a port to watch", () => {
    expect(load("").faults).toEqual([]);
    writeFileSync(path, "");
    expect(loadFrom(path, noModes).faults).toEqual([
      "default: TCP_PORTS: the list mode of TCP_MODE needs at least one port",
      "default: UDP_PORTS: the list mode of UDP_MODE needs at least one port",
    ]);
  });

  it("tells warnings also beside faults, each in the order of the file", () => {
    const { faults, warnings } = load('X="1"\nSCAN_TRIGGER="-1"\nY="1"\nHOLD_TIME="0s"');
    expect(faults.map((fault) => fault.slice(0, 17))).toEqual([
      "portsentry.conf:3",
      "portsentry.conf:5",
    ]);
    expect(warnings.map((warning) => warning.slice(0, 17))).toEqual([
      "portsentry.conf:2",
      "portsentry.conf:4",
    ]);
  });

  it("tells what it had to read as another number by that number's bound, too", () => {
    expect(load('SCAN_TRIGGER="70000 hits"').faults).toEqual([
      'portsentry.conf:2: SCAN_TRIGGER: expected a whole number from 0 to 65535, not "70000 hits"',
    ]);
  });

  it("asks 2.x's file for no mode, and the command line and the file before Debian's", () => {
    writeFileSync(modesPath, 'TCP_MODE="tcp"\nUDP_MODE="udp"\n');
    writeFileSync(path, 'TCP_PORTS="1"\nUDP_PORTS="1"\nTCP_MODE="stcp"\n');
    const overrides = { UDP_MODE: "audp" };
    const loaded = loadConfiguration({ path, modesPath, overrides });
    if (loaded.status === "invalid") expect.fail(inWords(loaded.faults).join());
    expect(loaded.configuration.sources.TCP_MODE).toBe(`${path}:3`);
    expect(loaded.configuration.sources.UDP_MODE).toBe("command line");
  });

  it("does not look at Debian's file when both modes are said", () => {
    const { faults } = load('TCP_MODE="stealth"\nUDP_MODE=""', directory);
    expect(faults).toEqual([]);
    expect(load("", directory).faults).toEqual([expect.stringContaining("no regular file")]);
  });

  it.each([
    { content: 'TCP_MODE="udp"\n', fault: /^default-portsentry:1: TCP_MODE: expected one of/ },
    {
      content: 'UDP_MODE=""\nTCP_MODE=""\n',
      fault: /^default-portsentry:2: TCP_MODE: nothing is watched/,
    },
  ])("tells a mode of Debian's file that does not fit by its line: $fault", (given) => {
    writeFileSync(modesPath, given.content);
    expect(load("", modesPath).faults).toEqual([expect.stringMatching(given.fault)]);
  });

  it("does not look at Debian's file in profile vedette", () => {
    writeFileSync(path, "");
    const loaded = loadConfiguration({ path, profile: "vedette", modesPath: directory });
    expect(loaded.status).toBe("ok");
  });

  it("has a fault when its file does not exist, named or not", () => {
    const missing = join(directory, "nowhere", "portsentry.conf");
    expect(loadFrom(missing, noModes).faults[0]).toMatch(/there is no such file$/);
    const profile = "portsentry";
    const loaded = loadConfiguration({ path: missing, profile, modesPath: noModes });
    expect(loaded.status).toBe("invalid");
  });

  it("hands over texts that make the same values elsewhere", () => {
    const { configuration } = load('SCAN_TRIGGER="2 hits"\nBLOCK_TCP="9"');
    expect(configuration?.texts.SCAN_TRIGGER).toBe("2");
    for (const key of KEY_NAMES) {
      expect(CONFIG_KEYS[key].parse(configuration?.texts[key] ?? "?").status).toBe("ok");
    }
  });
});
