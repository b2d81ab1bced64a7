import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { formatFinding } from "../../../src/config/findings.ts";
import { readFoundFiles } from "../../../src/config/import/found-files.ts";
import { type ImportPlan, planImport } from "../../../src/config/import/plan-import.ts";
import { type Configuration, loadConfiguration } from "../../../src/config/load.ts";
import { OperationalError } from "../../../src/errors.ts";

let etc: string;
let target: string;
beforeEach(() => {
  const directory = mkdtempSync(join(tmpdir(), "vedette-plan-"));
  etc = join(directory, "etc");
  target = join(directory, "new");
  mkdirSync(target, { recursive: true });
});
afterEach(() => rmSync(dirname(etc), { recursive: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(etc, path)), { recursive: true });
  writeFileSync(join(etc, path), text);
}

const plan = (): ImportPlan => planImport(readFoundFiles(etc), target);

function loaded(path: string, profile: "vedette" | "portsentry"): Configuration {
  const result = loadConfiguration({ path, profile, modesPath: join(etc, "default/portsentry") });
  if (result.status === "ok") return result.configuration;
  throw new Error(result.faults.map(formatFinding).join("\n"));
}

const LIST_MODES = 'TCP_MODE="stcp"\nUDP_MODE="sudp"\n';

describe("planImport", () => {
  it.each([
    { what: "a file like Debian's", sample: "debian-1.2", modes: LIST_MODES },
    {
      what: "a file like Debian's that bans",
      sample: "debian-1.2",
      modes: LIST_MODES,
      more: 'PORT_BANNER="go"\nKILL_RUN_CMD="/bin/tell $TARGET$"',
    },
    { what: "a file like 2.x's", sample: "2.x", modes: undefined },
    {
      what: "a file full of slips",
      sample: "debian-1.2",
      modes: "",
      more: 'PORT_BANNER="a\nHOLD_AFTER="1" # x\nX="1"',
    },
  ])("makes a file that means what $what means", ({ sample, modes, more }) => {
    cpSync(
      new URL(`../samples/${sample}/portsentry.conf`, import.meta.url),
      join(etc, "portsentry/portsentry.conf"),
    );
    const old = join(etc, "portsentry/portsentry.conf");
    if (more !== undefined) writeFileSync(old, more, { flag: "a" });
    if (modes !== undefined) put("default/portsentry", modes);
    const { configText, configPath, ignorePath } = plan();
    writeFileSync(configPath, configText);
    expect(loaded(configPath, "vedette").texts).toEqual({
      ...loaded(old, "portsentry").texts,
      IGNORE_FILE: ignorePath,
    });
  });

  it("says of each key where it comes from and what Vedette's own would be", () => {
    put(
      "portsentry/portsentry.conf",
      'TCP_PORTS="1"\nBLOCK_TCP="1"\nKILL_ROUTE="/bin/no $TARGET$"',
    );
    const { mappings, configText } = plan();
    const file = join(etc, "portsentry/portsentry.conf");
    expect(mappings).toContainEqual({
      key: "TCP_PORTS",
      value: "1",
      from: `${file}:1`,
      note: "As it was.",
    });
    expect(mappings).toContainEqual({
      key: "BLOCK_TCP",
      value: "1",
      from: `${file}:2`,
      note: "As it was, and Vedette's own default.",
    });
    expect(mappings).toContainEqual({
      key: "NFT_BAN",
      value: "0",
      from: "PortSentry's way",
      note: `KILL_ROUTE is set. Vedette's own is "1"; take this line away for it.`,
    });
    expect(configText).toContain(
      `\n# PortSentry's way: Vedette's own is "2"; take this line away for it.\nHOLD_AFTER="off"\n`,
    );
    expect(configText).not.toContain("HOLD_TIME");
  });

  it("names no ignore file where it is Vedette's own", () => {
    put("portsentry/portsentry.conf", 'TCP_PORTS="1"');
    const { mappings } = planImport(readFoundFiles(etc), "/etc/vedette");
    expect(mappings.map(({ key }) => key)).not.toContain("IGNORE_FILE");
  });

  it("gathers every list, each address once, and says what it left out", () => {
    put("portsentry/portsentry.ignore.static", "192.0.2.7\n");
    put("portsentry/portsentry.ignore", "# made\n192.0.2.7/32\n198.51.100.0/24\n0.0.0.0/0\n");
    put("fail2ban/jail.conf", "[DEFAULT]\nignoreip = 203.0.113.1\n");
    put("fail2ban/jail.d/b.conf", "[DEFAULT]\nignoreip = 203.0.113.2\n");
    put("fail2ban/jail.local", "[DEFAULT]\nignoreip = 203.0.113.3 192.0.2.7\n");
    put("fail2ban/jail.d/a.local", "[sshd]\nignoreip = 203.0.113.4\n");
    const { ignoreText, ignored, leftOut } = plan();
    const lines = ignoreText.split("\n").filter((line) => /^[^#\s]/.test(line));
    expect(lines.map((line) => line.replace(`${etc}/`, ""))).toEqual([
      "192.0.2.7  # portsentry/portsentry.ignore.static:1",
      "198.51.100.0/24  # portsentry/portsentry.ignore:3",
      "203.0.113.3  # fail2ban/jail.local:2",
    ]);
    expect(ignored).toBe(3);
    expect(leftOut.map(({ word, why }) => `${word}: ${why}`)).toEqual([
      "0.0.0.0/0: it would trust everybody",
      "203.0.113.4: only the jail sshd ignores it",
    ]);
    for (const { word } of leftOut) expect(ignoreText).toContain(`\n# ${word} of `);
  });

  it("reads the list that IGNORE_FILE names, below the same /etc", () => {
    put("portsentry/portsentry.conf", 'TCP_PORTS="1"\nIGNORE_FILE="/etc/other/list"');
    put("other/list", "192.0.2.7");
    put("other/list.static", "192.0.2.8");
    expect(plan().ignored).toBe(2);
  });

  it("makes an empty configuration of fail2ban's list alone", () => {
    put("fail2ban/jail.local", "[DEFAULT]\nignoreip = 203.0.113.3\n");
    const { mappings, ignored } = plan();
    expect(mappings.map(({ key }) => key)).toEqual(["IGNORE_FILE"]);
    expect(ignored).toBe(1);
  });

  it("lets nothing that stands in a list become a line of its own", () => {
    put("portsentry/portsentry.ignore", "0.0.0.0/0\u0085x\u000b192.0.2.7\n");
    for (const line of plan().ignoreText.split("\n")) expect(line).toMatch(/^(?:#.*|)$/);
  });

  it("has nothing to do where neither program was ever set up", () => {
    expect(plan).toThrow(OperationalError);
  });

  it("does not go on when a list cannot be read", () => {
    mkdirSync(join(etc, "portsentry/portsentry.ignore"), { recursive: true });
    expect(plan).toThrow(/portsentry\.ignore cannot be read/);
  });
});
