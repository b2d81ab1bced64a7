import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
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

describe("vedette config check of files that keys name", () => {
  const named = (name: string) => join(directory, name);
  function put(name: string, text: string, mode = 0o600): string {
    writeFileSync(named(name), text);
    chmodSync(named(name), mode);
    return named(name);
  }
  // The guard's user gets to them.
  beforeEach(() => chmodSync(directory, 0o755));
  const warningsFor = async (...lines: readonly string[]) => {
    writeFileSync(path, lines.join("\n"));
    const { status, err } = await check();
    expect(status).toBe(0);
    return err;
  };

  it("says of each what a start would say, in its place, and goes on", async () => {
    const template = put("template", '{"text":{{nonsense}}}');
    const url = put("url", "https://a.example/a-secret");
    const command = put("command", "#!/bin/sh\n", 0o600);
    const password = put("password", "a-secret", 0o644);
    const geo = put("geo.mmdb", "not one", 0o644);
    const token = put("token", "short");
    const err = await warningsFor(
      `ALERT_WEBHOOK="${url}"`,
      `ALERT_WEBHOOK_TEMPLATE="${template}"`,
      'ALERT_MAIL_TO="root@example.org"',
      'ALERT_SMTP="smtp://user@mail.example.org"',
      `ALERT_SMTP_PASSWORD_FILE="${password}"`,
      `ALERT_COMMAND="${command}"`,
      'API_LISTEN="127.0.0.1:9847"',
      `API_TOKEN_FILE="${token}"`,
      `API_READ_TOKEN_FILE="${named("nowhere/token")}"`,
      `GEO_DB="${geo} ${named("absent.mmdb")}"`,
    );
    const at = (line: number, key: string) => `${path}:${line}: warning: ${key}: `;
    expect(err).toContain(`${at(2, "ALERT_WEBHOOK_TEMPLATE")}${template}: `);
    expect(err).toContain(
      `${at(5, "ALERT_SMTP_PASSWORD_FILE")}${password} can be read by everybody`,
    );
    expect(err).toContain(`${at(6, "ALERT_COMMAND")}${command} is not executable`);
    expect(err).toContain(`${at(8, "API_TOKEN_FILE")}${token} has no token`);
    expect(err).toMatch(
      /:9: warning: API_READ_TOKEN_FILE: \S+ cannot be made: \S+ is no directory/,
    );
    expect(err).toContain(`${at(10, "GEO_DB")}${geo}: `);
    expect(err).toContain(`${named("absent.mmdb")}: it does not exist`);
    expect(err).not.toContain("a-secret");
  });

  it("says nothing of what can be used, and makes no token", async () => {
    const err = await warningsFor(
      `ALERT_COMMAND="${put("command", "#!/bin/sh\n", 0o700)}"`,
      'API_LISTEN="127.0.0.1:9847"',
      `API_TOKEN_FILE="${named("token")}"`,
    );
    expect(err).toBe("");
    expect(existsSync(named("token"))).toBe(false);
  });

  it.runIf(process.getuid?.() === 0)("knows whom the guard reads databases as", async () => {
    const geo = put("geo.mmdb", "not one", 0o600);
    const err = await warningsFor(`GEO_DB="${geo}"`);
    expect(err).toContain(`GEO_DB: ${geo}: the guard's user may not read it`);
  });

  it("waits for nobody who would write into a pipe", async () => {
    execFileSync("mkfifo", ["-m", "644", named("pipe")]);
    const pipe = named("pipe");
    const err = await warningsFor(`ALERT_WEBHOOK="${pipe}"`, `GEO_DB="${pipe}"`);
    expect(err).toContain(`ALERT_WEBHOOK: ${pipe} is no file`);
    expect(err).toContain(`GEO_DB: ${pipe}: it is no file`);
  });
});
