import {
  existsSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Configuration, requireConfiguration } from "../../src/config/load.ts";
import type { OwnedSocket } from "../../src/daemon/guard-child.ts";
import { Reloader } from "../../src/daemon/reloader.ts";
import type { TableKeeper } from "../../src/daemon/table-keeper.ts";
import { VedetteEvents } from "../../src/daemon/vedette-events.ts";
import { OperationalError } from "../../src/errors.ts";
import { HealthTracker } from "../../src/health/tracker.ts";
import { buildTable } from "../../src/kernel/table.ts";
import type { TableOptions } from "../../src/kernel/table-options.ts";
import { createLogger } from "../../src/logger.ts";
import { FakeClock } from "../support/fake-clock.ts";

let directory: string;
let ports: number[];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "vedette-reloader-"));
  ports = await freePorts(2);
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Ports that the kernel gives, all taken at once so that none comes twice. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0));
  await Promise.all(servers.map((server) => new Promise((done) => server.once("listening", done))));
  const found = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return found;
}

/** What a reloader works on, with every call remembered. @param sockets of the guard so far. */
function scene(
  sockets: readonly OwnedSocket[] = [{ kind: "api", fd: -1 }],
  overrides: Readonly<Record<string, string>> = {},
) {
  const request = { path: join(directory, "vedette.conf"), overrides };
  const write = (...lines: string[]) =>
    writeFileSync(request.path, [`UDP_PORTS="${ports[1]}"`, ...lines].join("\n"));
  write('UDP_MODE=""', 'TCP_MODE="tcp"', `TCP_PORTS="${ports[0]}"`);
  const calls: string[] = [];
  const scene = {
    keeperFailure: undefined as OperationalError | undefined,
    onTrust: () => {},
    onRules: (_options: TableOptions) => {},
  };
  const lines: string[] = [];
  const clock = new FakeClock();
  const events = new VedetteEvents({
    logger: createLogger("text", clock, (line) => lines.push(line)),
    clock,
    tells: "everything",
  });
  const health = new HealthTracker(() => 0);
  const keeper: Pick<TableKeeper, "rebuild"> = {
    rebuild: (options) => {
      calls.push("rules");
      scene.onRules(options);
      if (scene.keeperFailure !== undefined) throw scene.keeperFailure;
    },
  };
  const reloader = new Reloader({
    configuration: requireConfiguration(request),
    request,
    stateDirectory: directory,
    watchOnly: undefined,
    sockets,
    keeper: keeper as TableKeeper,
    privileged: {
      reconfigure: async ({ texts }: Configuration) => {
        calls.push(`trust for ${texts.BAN_TIME_PROVEN}`);
        scene.onTrust();
      },
      trust: { refresh: async () => void calls.push("trust again") },
    },
    guard: {
      adopt: ({ revision }) => calls.push(`settings ${revision.length}`),
      replace: async (_configuration: Configuration, sockets: readonly OwnedSocket[]) => {
        calls.push(`guard with ${sockets.map(({ kind }) => kind).join(", ")}`);
      },
      tellFiles: () => void calls.push("token again"),
      whenReady: async () => void calls.push("asked whether it is ready"),
    },
    health,
    events,
    onConfiguration: () => {},
  });
  return Object.assign(scene, { reloader, write, calls, lines, health });
}

/** Sockets that this process has open. */
function openSockets(): number {
  return Array.from({ length: 200 }, (_, fd) => `/proc/self/fd/${fd}`).filter(
    (link) => existsSync(link) && readlinkSync(link).startsWith("socket:"),
  ).length;
}

const settled = () => new Promise((done) => setImmediate(() => setImmediate(done)));

describe("Reloader", () => {
  it("puts trust in force, then the rules, then has the guard replaced after its answer", async () => {
    const { reloader, write, calls } = scene();
    write('UDP_MODE=""', 'TCP_MODE="tcp"', `TCP_PORTS="${ports[1]}"`, 'BAN_TIME_PROVEN="2h"');
    const outcome = await reloader.reload();
    expect(outcome).toMatchObject({ status: "reloaded", guard: "replaced", memory: "saved" });
    expect(calls).toEqual(["trust for 2h", "rules"]);
    await settled();
    expect(calls.at(-1)).toBe("guard with api, tcp-listener");
    expect(reloader.configuration.revision).toBe(outcome.configRevision);
  });

  it("tells which lines of a file that is tried out the command line goes before", async () => {
    const { reloader } = scene(undefined, { PHANTOM: "all", HOLD_TIME: "30s" });
    const path = join(directory, "candidate.conf");
    writeFileSync(path, "# another one by now\n");
    const content = '# off\nPHANTOM="off"\nHOLD_TIME="30s"\nBAN_TIME_PROVEN="2h"\n';
    const outcome = await reloader.tryOut(path, content);
    expect(outcome.status).toBe("reloaded");
    expect(outcome.warnings.filter((text) => text.includes("not in force"))).toEqual([
      `${path}:2: warning: PHANTOM: not in force: the guard's command line says "all"`,
    ]);
    expect(reloader.configuration.texts.PHANTOM).toBe("all");
  });

  it("tells which lines of the file that is read again the command line goes before", async () => {
    const { reloader, write } = scene(undefined, { PHANTOM: "all", HOLD_TIME: "30s" });
    const rest = ['UDP_MODE=""', 'TCP_MODE="tcp"', `TCP_PORTS="${ports[0]}"`];
    write(...rest, 'PHANTOM="off"', 'HOLD_TIME="30s"');
    const outcome = await reloader.reload();
    expect(outcome.status).toBe("unchanged");
    const path = join(directory, "vedette.conf");
    expect(outcome.warnings.filter((text) => text.includes("not in force"))).toEqual([
      `${path}:5: warning: PHANTOM: not in force: the guard's command line says "all"`,
    ]);
  });

  it("lets nothing out of raw sockets that are not needed any more, while the guard has them", async () => {
    const fd = openSync("/dev/null", "r");
    const scenery = scene([
      { kind: "api", fd: -1 },
      { kind: "raw", fd, version: 4 },
    ]);
    const { reloader, write, calls } = scenery;
    let table = "";
    scenery.onRules = (options) => {
      table = buildTable(options);
      expect(fstatSync(fd).isCharacterDevice()).toBe(true);
    };
    write('UDP_MODE=""', 'TCP_MODE="tcp"', `TCP_PORTS="${ports[0]}"`, 'BAN_TIME_PROVEN="2h"');
    expect(await reloader.reload()).toMatchObject({ status: "reloaded", guard: "replaced" });
    expect(table).toMatch(
      /^ {2}chain sent \{\n(?: {4}#.*\n)* {4}meta mark 0x2d5a0000 drop\n {2}\}/m,
    );
    await settled();
    expect(calls.at(-1)).toBe("guard with api, tcp-listener");
    expect(() => fstatSync(fd)).toThrow("EBADF");
  });

  it.each([
    { line: 'BAN_TIME_PROVEN="2h"', memory: "saved" },
    { line: 'MAX_SOURCES="1000"', memory: "saved" },
    { line: 'DETECTOR="trigger"', memory: "anew" },
  ])("says what another guard process remembers with $line: $memory", async (given) => {
    const { reloader, write, lines } = scene();
    write('UDP_MODE=""', 'TCP_MODE="tcp"', `TCP_PORTS="${ports[1]}"`, given.line);
    expect(await reloader.reload()).toMatchObject({ guard: "replaced", memory: given.memory });
    const isAnew = given.memory === "anew";
    expect(lines.join("\n")).toContain(isAnew ? "begins anew" : "the most convincing goes on");
  });

  it("takes back what it has done when the kernel refuses the rules", async () => {
    const scenery = scene();
    const { reloader, write, calls, health } = scenery;
    const before = reloader.configuration;
    const sockets = openSockets();
    scenery.keeperFailure = new OperationalError("ERR_KERNEL", "nftables refused the table: no");
    write('UDP_MODE=""', 'TCP_MODE="tcp"', `TCP_PORTS="${ports[1]}"`, 'BAN_TIME_PROVEN="2h"');
    expect(await reloader.reload()).toMatchObject({
      status: "failed",
      configRevision: before.revision,
      faults: ["nftables refused the table: no"],
    });
    expect(calls).toEqual(["trust for 2h", "rules", "trust for 1h 1d 7d"]);
    expect(reloader.configuration).toBe(before);
    expect(openSockets()).toBe(sockets);
    expect(health.list()).toMatchObject([{ code: "reload-failed" }]);
  });

  it("refuses an ignore file that is not there, and touches nothing", async () => {
    const { reloader, write, calls } = scene();
    const ignore = join(directory, "none.ignore");
    write('UDP_MODE=""', 'TCP_MODE="tcp"', `TCP_PORTS="${ports[0]}"`, `IGNORE_FILE="${ignore}"`);
    const { status, faults } = await reloader.reload();
    expect(status).toBe("invalid");
    expect(faults).toEqual([expect.stringMatching(/:5: IGNORE_FILE: there is no .*none\.ignore$/)]);
    expect(calls).toEqual([]);
  });

  it("reads who is trusted again when nothing differs, and is well again", async () => {
    const { reloader, write, calls, health } = scene();
    write('TCP_MODE="never"');
    await reloader.reload();
    write('UDP_MODE=""', 'TCP_MODE="tcp"', `TCP_PORTS="${ports[0]}"`);
    expect(await reloader.reload()).toMatchObject({ status: "unchanged", faults: [] });
    expect(calls).toEqual(["trust again", "token again"]);
    expect(health.list()).toEqual([]);
  });

  it("does one after the other", async () => {
    const { reloader, write, calls } = scene();
    write('UDP_MODE=""', 'TCP_MODE="tcp"', `TCP_PORTS="${ports[1]}"`, 'BAN_TIME_PROVEN="2h"');
    const outcomes = await Promise.all([reloader.reload(), reloader.reload()]);
    expect(outcomes.map(({ status }) => status)).toEqual(["reloaded", "unchanged"]);
    expect(calls.slice(0, 3)).toEqual(["trust for 2h", "rules", "trust again"]);
  });

  it("changes a mode by itself, waits until it is in force, and keeps it over reloads", async () => {
    const { reloader, write, calls } = scene();
    const faulty = 'TCP_MODE="never"';
    write(faulty);
    const udp = { status: "reloaded", changed: ["UDP_MODE"], guard: "replaced" };
    expect(await reloader.setMode("UDP_MODE", "udp")).toMatchObject(udp);
    expect(calls.slice(-2)).toEqual([
      "guard with api, tcp-listener, udp-listener",
      "asked whether it is ready",
    ]);
    write('UDP_MODE=""', 'TCP_MODE="tcp"', `TCP_PORTS="${ports[0]}"`, 'BAN_TIME_PROVEN="2h"');
    expect(await reloader.reload()).toMatchObject({ changed: ["BAN_TIME_PROVEN"] });
    expect(reloader.configuration.texts.UDP_MODE).toBe("udp");
    expect(await reloader.setMode("UDP_MODE", "")).toMatchObject({ changed: ["UDP_MODE"] });
    expect(reloader.configuration.texts.UDP_MODE).toBe("");
  });

  it("refuses a mode that has no ports", async () => {
    const { reloader, write, calls } = scene();
    write("");
    expect(await reloader.setMode("TCP_MODE", "")).toMatchObject({
      status: "invalid",
      faults: [expect.stringContaining("nothing is watched")],
    });
    expect(calls).toEqual([]);
  });

  it("changes nothing any more once it is closed, and complains of nothing", async () => {
    const { reloader, write, calls, lines, health } = scene();
    write('UDP_MODE=""', 'TCP_MODE="tcp"', `TCP_PORTS="${ports[1]}"`);
    reloader.close();
    const stopping = { status: "failed", faults: ["the guard is stopping"] };
    expect(await reloader.reload()).toMatchObject(stopping);
    expect(await reloader.setMode("UDP_MODE", "udp")).toMatchObject(stopping);
    expect(calls).toEqual([]);
    expect(lines).toEqual([]);
    expect(health.list()).toEqual([]);
  });

  it("gives up what is under way when it is closed, without its rules and without a fault", async () => {
    const scenery = scene();
    const { reloader, write, calls, lines, health } = scenery;
    const sockets = openSockets();
    write('UDP_MODE=""', 'TCP_MODE="tcp"', `TCP_PORTS="${ports[1]}"`, 'BAN_TIME_PROVEN="2h"');
    scenery.onTrust = () => reloader.close();
    expect(await reloader.reload()).toMatchObject({ faults: ["the guard is stopping"] });
    expect(calls).toEqual(["trust for 2h"]);
    expect(openSockets()).toBe(sockets);
    expect(lines).toEqual([]);
    expect(health.list()).toEqual([]);
  });
});
