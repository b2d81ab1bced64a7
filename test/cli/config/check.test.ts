import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCommandLine } from "../../../src/cli/program.ts";
import { createFakeContext } from "../fake-context.ts";

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "vedette-check-"));
  path = join(directory, "vedette.conf");
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Checks `path` on a machine whose units lie in the folder of the test. */
async function check(...options: readonly string[]) {
  const context = createFakeContext({ unitFolders: [directory] });
  const words = ["config", "check", ...options, "-c", path];
  const status = await runCommandLine(words, context, async () => 0);
  return { status, out: context.printed(), err: context.printedErrors() };
}

const UNIT = "[Service]\nProtectHome=yes\nProtectSystem=strict\nReadWritePaths=/etc\n";
const LIFTS = "[Service]\nProtectHome=no\nReadWritePaths=/home\nReadWritePaths=/srv\n";

describe("vedette config check where the service is installed", () => {
  beforeEach(() => {
    writeFileSync(join(directory, "vedette.service"), UNIT);
    const script = join(directory, "notify.sh");
    writeFileSync(script, "#!/bin/sh\necho $1 >> /srv/scans\n");
    const hooks = `KILL_RUN_CMD="${script} $TARGET$"\nKILL_HOSTS_DENY="ALL: $TARGET$"\n`;
    writeFileSync(path, `${hooks}HISTORY_FILE="/home/history"\n`);
  });

  it("names the setting that is in the way of a key, and prints what lifts it", async () => {
    const { status, out, err } = await check();
    expect(status).toBe(0);
    const strict = "ProtectSystem=strict of vedette.service keeps /srv/scans from being written";
    const home = "ProtectHome=yes of vedette.service keeps /home/history from being written";
    expect(err).toBe(
      `${path}:1: warning: KILL_RUN_CMD: ${strict}\n${path}:3: warning: HISTORY_FILE: ${home}\n`,
    );
    expect(out).toContain(`(systemctl edit vedette, then restart it):\n\n${LIFTS}\n`);
    expect(out).toContain("no faults, 2 warnings");
  });

  it("has the drop-in in its JSON, too", async () => {
    const { out, err } = await check("--json");
    expect(err).toBe("");
    expect(JSON.parse(out)).toMatchObject({ valid: true, drop_in: LIFTS });
  });

  it("says nothing more once the drop-in is there", async () => {
    mkdirSync(join(directory, "vedette.service.d"));
    writeFileSync(join(directory, "vedette.service.d/override.conf"), LIFTS);
    const { out, err } = await check();
    expect({ err, hasDropIn: out.includes("[Service]") }).toEqual({ err: "", hasDropIn: false });
  });

  it("says nothing where there is no such service", async () => {
    rmSync(join(directory, "vedette.service"));
    expect((await check()).err).toBe("");
  });
});
