import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parsePortsentryCommandLine } from "../../../src/cli/portsentry/parse-command-line.ts";
import { configRequestOf } from "../../../src/cli/portsentry/request.ts";
import { loadConfiguration } from "../../../src/config/load.ts";

const SAMPLES = new URL("../../config/samples/", import.meta.url).pathname;

function configOf(line: string) {
  const parsed = parsePortsentryCommandLine(line.split(" "), SAMPLES);
  if (parsed.status !== "run") throw new Error(parsed.text);
  return configRequestOf(parsed.request);
}

describe("configRequestOf", () => {
  it.each([
    { line: "-atcp", overrides: { TCP_MODE: "atcp", UDP_MODE: "" } },
    { line: "-sudp", overrides: { TCP_MODE: "", UDP_MODE: "sudp" } },
    { line: "-D", overrides: {} },
    { line: "--connect", overrides: { TCP_MODE: "connect", UDP_MODE: "connect" } },
    { line: "-i eth0 -i wg0", overrides: { INTERFACES: "eth0 wg0", SENSE_LOOPBACK: "0" } },
    { line: "-S", overrides: { SENSE_SERVED: "1" } },
    { line: "-i ALL", overrides: { INTERFACES: "", SENSE_LOOPBACK: "1" } },
  ])("sets $overrides for $line", ({ line, overrides }) => {
    expect(configOf(line)).toEqual({
      path: "/etc/portsentry/portsentry.conf",
      profile: "portsentry",
      overrides,
    });
  });

  it.each([
    { line: "-atcp -c debian-1.2/portsentry.conf", dialect: "1.2" },
    { line: "-udp -c debian-1.2/portsentry.conf", dialect: "1.2" },
    { line: "--stealth -c 2.x/portsentry.conf", dialect: "2.x" },
    { line: "--connect -i lo -c debian-1.2/portsentry.conf", dialect: "2.x" },
  ])("gives $line a configuration that loads, and lines of $dialect", ({ line, dialect }) => {
    const loaded = loadConfiguration({ ...configOf(line), modesPath: `${SAMPLES}none` });
    if (loaded.status === "invalid") expect.fail(JSON.stringify(loaded.faults));
    expect(loaded.configuration.values.LOG_DIALECT).toBe(dialect);
    expect(loaded.configuration.profile).toBe("portsentry");
  });

  it.each([
    { file: 'TCP_MODE="atcp"\nUDP_MODE="sudp"\n', modes: { TCP_MODE: "atcp", UDP_MODE: "sudp" } },
    { file: 'TCP_MODE="tcp"\nUDP_MODE=""\n', modes: { TCP_MODE: "tcp", UDP_MODE: "" } },
    { file: "", modes: { TCP_MODE: "stealth", UDP_MODE: "stealth" } },
  ])("leaves the modes to $file where the line names none", ({ file, modes }) => {
    const directory = mkdtempSync(join(tmpdir(), "vedette-modes-"));
    const modesPath = join(directory, "default");
    writeFileSync(modesPath, file);
    const loaded = loadConfiguration({
      ...configOf("-c debian-1.2/portsentry.conf"),
      modesPath,
    });
    rmSync(directory, { recursive: true });
    if (loaded.status === "invalid") expect.fail(JSON.stringify(loaded.faults));
    expect(loaded.configuration.texts).toMatchObject(modes);
  });

  it("leaves an interface that needs quoting to the configuration's own check", () => {
    const loaded = loadConfiguration({
      ...configOf("-i eth0;x -c 2.x/portsentry.conf"),
      modesPath: `${SAMPLES}none`,
    });
    expect(loaded).toMatchObject({
      faults: [{ place: "command line", text: expect.stringContaining("INTERFACES") }],
    });
  });
});
