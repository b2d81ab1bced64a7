import { existsSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { DeedLedger } from "../../src/broker/executors/deed-ledger.ts";
import type { ScanRecord } from "../../src/broker/protocol.ts";
import { SocketView } from "../../src/broker/socket-view.ts";
import { type Configuration, loadConfiguration } from "../../src/config/load.ts";
import { assemblePrivileged } from "../../src/daemon/privileged-parts.ts";
import { HealthTracker } from "../../src/health/tracker.ts";
import type { Nftables } from "../../src/kernel/nftables.ts";
import { FakeSockets } from "../broker/fake-sockets.ts";
import { address, DROPPED_PACKET, FakeClock, FakeNft } from "../broker/fakes.ts";
import { TemporaryFolder } from "../broker/legacy/temporary-folder.ts";

const SCANNER = address("8.8.4.4");

const RECORD: ScanRecord = {
  source: SCANNER,
  host: SCANNER,
  transport: "tcp",
  port: 11,
  tcpFlags: 2,
  ipOptions: "not set",
  result: "watched",
};

/** The parts of a machine, without nftables unless it is given, and what reconfigures them. */
async function scene(folder: TemporaryFolder, keys: Record<string, string>, nft?: FakeNft) {
  const ignore = folder.join("ignore");
  writeFileSync(ignore, "");
  const configurationOf = (overrides: Record<string, string>): Configuration => {
    const loaded = loadConfiguration({ overrides: { IGNORE_FILE: ignore, ...overrides } });
    if (loaded.status === "invalid") throw new Error(loaded.faults.map(({ text }) => text).join());
    return loaded.configuration;
  };
  const health = new HealthTracker(() => 0);
  const parts = assemblePrivileged({
    configuration: configurationOf(keys),
    stateDirectory: folder.path,
    watchOnly: undefined,
    nftables: nft as Nftables | undefined,
    keeper: undefined,
    sockets: new SocketView(new FakeSockets(), new FakeClock()),
    health,
    ledger: await DeedLedger.open(folder.join("deeds")),
    events: { fileFailed: () => {}, note: () => {} },
    onFacts: () => {},
  });
  await parts.trust.refresh();
  return {
    parts,
    problems: () => health.list().map(({ code }) => code),
    reconfigure: (overrides: Record<string, string>) =>
      parts.reconfigure(configurationOf(overrides)),
  };
}

/** Files of a folder that this process has open. */
function openFilesIn(folder: TemporaryFolder): string[] {
  return Array.from({ length: 200 }, (_, fd) => `/proc/self/fd/${fd}`)
    .filter((link) => existsSync(link))
    .map((link) => readlinkSync(link))
    .filter((target) => target.startsWith(folder.path));
}

const linesOf = (path: string) => readFileSync(path, "utf8").trimEnd().split("\n");

describe("assemblePrivileged", () => {
  it("lets go of files that are configured otherwise, and of all at the end", async () => {
    using folder = new TemporaryFolder();
    const files = (n: number) => ({
      HISTORY_FILE: folder.join(`history-${n}`),
      BLOCK_LOG: folder.join(`block-${n}.log`),
    });
    const { parts, reconfigure } = await scene(folder, files(0));
    for (const n of [1, 2, 3]) {
      parts.history?.record(RECORD);
      parts.onDropped({ ...DROPPED_PACKET, source: SCANNER });
      await reconfigure(files(n));
    }
    parts.history?.record(RECORD);
    parts.onDropped({ ...DROPPED_PACKET, source: SCANNER });
    expect(openFilesIn(folder).sort()).toEqual(Object.values(files(3)).sort());
    parts.close();
    expect(openFilesIn(folder)).toEqual([]);
  });

  it("tells a watched source once in the history, though the modes change meanwhile", async () => {
    using folder = new TemporaryFolder();
    const HISTORY_FILE = folder.join("history");
    const { parts, reconfigure } = await scene(folder, { HISTORY_FILE, UDP_MODE: "" });
    expect(parts.history?.record(RECORD)).toEqual({ status: "applied" });
    await reconfigure({ HISTORY_FILE, UDP_MODE: "audp" });
    expect(parts.history?.record(RECORD)).toEqual({ status: "already-applied" });
    expect(linesOf(HISTORY_FILE)).toHaveLength(1);
    parts.close();
  });

  it("tells a scan under the mode in force, in 2.x's form", async () => {
    using folder = new TemporaryFolder();
    const keys = { HISTORY_FILE: folder.join("history"), LOG_DIALECT: "2.x" };
    const { parts, reconfigure } = await scene(
      folder,
      { ...keys, TCP_MODE: "atcp" },
      new FakeNft(),
    );
    parts.history?.record(RECORD);
    await reconfigure({ ...keys, TCP_MODE: "tcp" });
    parts.history?.record(RECORD);
    await reconfigure({ ...keys, LOG_DIALECT: "vedette" });
    parts.history?.record(RECORD);
    expect(linesOf(keys.HISTORY_FILE)).toEqual([
      expect.stringContaining("type: [TCP SYN/Normal scan]"),
      expect.stringContaining("type: [Connect]"),
      expect.stringMatching(/ TCP Blocked$/),
    ]);
    parts.close();
  });

  it.each([
    {
      code: "history-failed",
      bad: (path: string) => ({ HISTORY_FILE: path }),
      good: (path: string) => ({ HISTORY_FILE: `${path}-mended` }),
    },
    {
      code: "block-log-failed",
      bad: (path: string) => ({ BLOCK_LOG: path }),
      good: () => ({}),
    },
    {
      code: "undo-unknown",
      bad: () => ({ KILL_ROUTE: "/bin/true $TARGET$" }),
      good: () => ({ KILL_ROUTE: "/bin/true $TARGET$", UNKILL_ROUTE: "/bin/true $TARGET$" }),
    },
    {
      code: "blocked-file-unread",
      bad: (path: string) => ({ BLOCKED_FILE: path }),
      good: () => ({}),
    },
  ])("ends $code with what it was about", async ({ code, bad, good }) => {
    using folder = new TemporaryFolder();
    const path = folder.join("taken");
    for (const place of [path, `${path}.atcp`, `${path}.audp`]) mkdirSync(place);
    const { parts, problems, reconfigure } = await scene(folder, bad(path));
    parts.history?.record(RECORD);
    expect(problems()).toContain(code);
    await reconfigure(good(path));
    expect(problems()).not.toContain(code);
    parts.close();
  });
});
