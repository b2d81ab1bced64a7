import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import type { ConfigRequest } from "../../src/config/collect.ts";
import { formatFinding } from "../../src/config/findings.ts";
import { loadConfiguration } from "../../src/config/load.ts";

const home = mkdtempSync(join(tmpdir(), "vedette-loose-"));
const directory = join(home, "etc");
const path = join(directory, "vedette.conf");
const portsentryPath = join(directory, "portsentry.conf");
const isRoot = process.geteuid?.() === 0;
afterAll(() => rmSync(home, { recursive: true }));

beforeEach(() => {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory);
  chmodSync(directory, 0o755);
  for (const [file, text] of [
    [path, 'KILL_RUN_CMD="/bin/true $TARGET$"\nNO_SUCH="1"\n'],
    [portsentryPath, 'TCP_PORTS="1"\nTCP_MODE="atcp"\n'],
  ] as const) {
    writeFileSync(file, text);
    chmodSync(file, 0o644);
  }
});

/** What was found of the file as a whole. */
function found(request: ConfigRequest) {
  const loaded = loadConfiguration({ modesPath: join(home, "none"), ...request });
  const ofFile = ({ place }: { place: string }) => place === request.path;
  const warnings = loaded.status === "ok" ? loaded.configuration.warnings : loaded.warnings;
  return {
    faults: loaded.status === "ok" ? [] : loaded.faults.filter(ofFile).map(formatFinding),
    loose: loaded.status === "ok" ? loaded.configuration.looseness : undefined,
    warnings: warnings.filter(ofFile).length,
    all: loaded.status === "ok" ? 0 : loaded.faults.length,
  };
}

describe("findLooseness", () => {
  it("refuses a file that everybody can write, with its mode and the remedy, beside other faults", () => {
    chmodSync(path, 0o666);
    const { faults, all } = found({ path, strangers: "refused" });
    expect(faults).toEqual([
      `${path}: everybody can write it (mode 0666), and what it says is done as root; ` +
        `mend it: chown root: ${path}; chmod go-w ${path}`,
    ]);
    expect(all).toBe(2);
  });

  it.skipIf(!isRoot).each([path, portsentryPath])("refuses %s of a local user", (file) => {
    chownSync(file, 65_534, 65_534);
    expect(found({ path: file, strangers: "refused" }).faults).toHaveLength(1);
  });

  it("refuses a file in a directory that others can write, and takes it with the sticky bit", () => {
    chmodSync(directory, 0o777);
    expect(found({ path, strangers: "refused" }).faults).toEqual([
      expect.stringContaining(`the directory ${directory}: everybody can write it (mode 0777)`),
    ]);
    chmodSync(directory, 0o1777);
    expect(found({ path, strangers: "refused" }).faults).toEqual([]);
  });

  it("only warns who checks a file, and says nothing where nobody asks", () => {
    chmodSync(path, 0o666);
    expect(found({ path, strangers: "warned" })).toMatchObject({ faults: [], warnings: 1 });
    expect(found({ path })).toMatchObject({ faults: [], warnings: 0 });
  });

  it.skipIf(!isRoot)("takes what group root can write in profile portsentry, and says so", () => {
    chmodSync(portsentryPath, 0o664);
    expect(found({ path: portsentryPath, strangers: "refused" })).toMatchObject({
      faults: [],
      warnings: 1,
      loose: expect.stringContaining("group 0 can write it (mode 0664)"),
    });
    chmodSync(path, 0o664);
    expect(found({ path, strangers: "refused" }).faults).toHaveLength(1);
    chmodSync(portsentryPath, 0o666);
    expect(found({ path: portsentryPath, strangers: "refused" }).faults).toHaveLength(1);
  });
});
