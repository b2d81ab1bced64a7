import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Findings, formatFinding } from "../../src/config/findings.ts";
import { readStartModes } from "../../src/config/start-modes.ts";

const directory = mkdtempSync(join(tmpdir(), "vedette-modes-"));
const path = join(directory, "portsentry");
afterAll(() => rmSync(directory, { recursive: true }));

function read(content: string) {
  writeFileSync(path, content);
  const findings = new Findings();
  const { TCP_MODE, UDP_MODE } = readStartModes(path, findings);
  const inWords = (found: Findings["faults"]) =>
    found.map((each) => formatFinding(each).replaceAll(`${directory}/`, ""));
  return {
    tcp: TCP_MODE?.text,
    udp: UDP_MODE?.text,
    faults: inWords(findings.faults),
    warnings: inWords(findings.warnings),
  };
}

describe("readStartModes", () => {
  it.each([
    { content: 'TCP_MODE="atcp"\nUDP_MODE="audp"\n', tcp: "atcp", udp: "audp" },
    { content: "TCP_MODE='atcp'\nUDP_MODE=audp", tcp: "atcp", udp: "audp" },
    { content: 'export TCP_MODE="tcp"\r\n  UDP_MODE="udp"\r\n', tcp: "tcp", udp: "udp" },
    { content: 'TCP_MODE="stcp" # stealth\nUDP_MODE="sudp";\n', tcp: "stcp", udp: "sudp" },
    { content: 'TCP_MODE=""\nUDP_MODE=\n', tcp: "", udp: "" },
    { content: 'TCP_MODE="tcp"\nTCP_MODE="atcp"\n', tcp: "atcp", udp: undefined },
    { content: '#TCP_MODE="tcp"\nOPTIONS="$(date)"\n', tcp: undefined, udp: undefined },
    { content: "", tcp: undefined, udp: undefined },
  ])("reads $content as $tcp and $udp", ({ content, tcp, udp }) => {
    expect(read(content)).toEqual({ tcp, udp, faults: [], warnings: [] });
  });

  it.each(['TCP_MODE="$MODE"', "TCP_MODE=`mode`", "TCP_MODE=atcp UDP_MODE=audp", 'TCP_MODE="atcp'])(
    "leaves %s to a shell, and says so",
    (line) => {
      expect(read(`\n${line}\n`)).toEqual({
        tcp: undefined,
        udp: undefined,
        faults: [],
        warnings: ['portsentry:2: TCP_MODE: not read: only a plain value is, "atcp"'],
      });
    },
  );

  it("has nothing to say of a file that does not exist", () => {
    const findings = new Findings();
    expect(readStartModes(join(directory, "missing"), findings)).toEqual({});
    expect(readStartModes(join(path, "below-a-file"), findings)).toEqual({});
    expect(findings.faults).toEqual([]);
  });

  it("has a fault for a file that cannot be read", () => {
    const findings = new Findings();
    expect(readStartModes(directory, findings)).toEqual({});
    expect(findings.faults.map(formatFinding)).toEqual([
      expect.stringContaining("no regular file"),
    ]);
  });

  it.each([
    { characters: 65_536, faults: [] },
    { characters: 65_537, faults: ["portsentry: the file is larger than 64 KiB"] },
  ])("with $characters characters has faults $faults", ({ characters, faults }) => {
    expect(read("#".repeat(characters)).faults).toEqual(faults);
  });
});
