import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Deed } from "../../../src/broker/executors/deed.ts";
import { DeedLedger, MAX_DEEDS } from "../../../src/broker/executors/deed-ledger.ts";
import { encodeEntry, parseEntry } from "../../../src/broker/executors/ledger-entry.ts";
import type { Prefix } from "../../../src/net/prefix.ts";
import { prefix } from "../fakes.ts";
import { FakeFiles } from "../trust/fake-files.ts";

const SOURCE = prefix("192.0.2.7");
const OTHER = prefix("2001:db8::/64");
const LINE: Deed = { kind: "hosts-deny", text: "ALL: 192.0.2.7", undo: "ALL: 192.0.2.7" };
const ROUTE: Deed = { kind: "route", text: "route add x", undo: "route del x" };
const MAIL: Deed = { kind: "command", text: "mail 'root\\n' \"x\"", undo: undefined };
const applied = { status: "applied" };
const isRoot = process.getuid?.() === 0;

async function reopened(ledger: DeedLedger, path: string): Promise<DeedLedger> {
  await ledger.close();
  return await DeedLedger.open(path);
}

/** Who is due by the deeds themselves. */
function dueOf(ledger: DeedLedger, epochMs: number): readonly Prefix[] {
  const isDue = ({ untilEpochMs = Number.POSITIVE_INFINITY }: Deed) => untilEpochMs <= epochMs;
  return ledger.prefixes.filter((prefix) => ledger.deedsOf(prefix).every(isDue));
}

const linesOf = (path: string): string[] => readFileSync(path, "utf8").trimEnd().split("\n");

describe("DeedLedger", () => {
  it("is empty without a file, and makes none until there is a deed", async () => {
    using files = new FakeFiles();
    const path = files.path("deeds");
    const ledger = await DeedLedger.open(path);
    expect(ledger).toMatchObject({ faults: [], prefixes: [] });
    expect(ledger.deedsOf(SOURCE)).toEqual([]);
    expect(await ledger.remove(SOURCE, LINE)).toEqual({ status: "already-applied" });
    expect(existsSync(path)).toBe(false);
    await ledger.close();
  });

  it.each([5000, -5000])("has ends move with a clock that is set by %i ms", async (byMs) => {
    using files = new FakeFiles();
    const path = files.path("deeds");
    const ledger = await DeedLedger.open(path);
    await ledger.add(SOURCE, { ...LINE, untilEpochMs: 10_000 });
    await ledger.add(OTHER, ROUTE);
    expect(ledger.dueAt(9000)).toEqual([]);
    expect(await ledger.moveEnds(byMs)).toEqual(applied);
    expect(ledger.dueAt(9999 + byMs)).toEqual([]);
    expect(ledger.dueAt(10_000 + byMs)).toEqual([SOURCE]);
    const after = await reopened(ledger, path);
    expect(after.untilOf(SOURCE)).toBe(10_000 + byMs);
    expect(after.untilOf(OTHER)).toBeUndefined();
    await after.close();
  });

  it("keeps the ends of an earlier run when a clock that was wrong since the boot is set", async () => {
    using files = new FakeFiles();
    const path = files.path("deeds");
    const before = await DeedLedger.open(path);
    await before.add(SOURCE, { ...LINE, untilEpochMs: 10_000 });
    const ledger = await reopened(before, path);
    await ledger.add(OTHER, { ...LINE, untilEpochMs: 10_000 });
    expect(await ledger.moveEnds(5000)).toEqual(applied);
    expect(ledger.untilOf(SOURCE)).toBe(10_000);
    expect(ledger.untilOf(OTHER)).toBe(15_000);
    await ledger.close();
  });

  it("remembers deeds in their order over a restart, for root alone", async () => {
    using files = new FakeFiles();
    const path = files.path("deeds");
    const umask = process.umask(0);
    let ledger = await DeedLedger.open(path);
    for (const deed of [LINE, ROUTE, MAIL]) {
      expect(await ledger.add(SOURCE, deed)).toEqual({ status: "applied" });
    }
    process.umask(umask);
    await ledger.add(OTHER, ROUTE);
    expect(statSync(path).mode & 0o7777).toBe(0o600);
    ledger = await reopened(ledger, path);
    expect(ledger.deedsOf(SOURCE)).toEqual([LINE, ROUTE, MAIL]);
    expect(ledger.deedsOf(OTHER)).toEqual([ROUTE]);
    expect(ledger.deedsOf(prefix("192.0.2.8"))).toEqual([]);
    expect(ledger.prefixes).toEqual([SOURCE, OTHER]);
    await ledger.close();
  });

  it("forgets what was removed, also over a restart, and compacts then", async () => {
    using files = new FakeFiles();
    const path = files.path("deeds");
    let ledger = await DeedLedger.open(path);
    for (const deed of [LINE, ROUTE]) await ledger.add(SOURCE, deed);
    await ledger.add(OTHER, ROUTE);
    expect(await ledger.remove(SOURCE, LINE)).toEqual({ status: "applied" });
    expect(await ledger.remove(SOURCE, LINE)).toEqual({ status: "already-applied" });
    await ledger.remove(OTHER, ROUTE);
    expect(linesOf(path)).toHaveLength(5);
    ledger = await reopened(ledger, path);
    expect(ledger.deedsOf(SOURCE)).toEqual([ROUTE]);
    expect(ledger.prefixes).toEqual([SOURCE]);
    expect(linesOf(path)).toHaveLength(1);
    expect(statSync(path).mode & 0o7777).toBe(0o600);
    await ledger.add(SOURCE, MAIL);
    expect(linesOf(path)).toHaveLength(2);
    await ledger.close();
  });

  it("names a source as due when the last of its deeds has run out, also over a restart", async () => {
    using files = new FakeFiles();
    const path = files.path("deeds");
    let ledger = await DeedLedger.open(path);
    await ledger.add(SOURCE, { ...LINE, untilEpochMs: 1000 });
    await ledger.add(SOURCE, { ...ROUTE, untilEpochMs: 2000 });
    await ledger.add(OTHER, ROUTE);
    for (let life = 0; life < 2; life += 1) {
      expect(ledger.dueAt(1999)).toEqual([]);
      expect(ledger.dueAt(2000)).toEqual([SOURCE]);
      ledger = await reopened(ledger, path);
    }
    expect(await ledger.add(SOURCE, { ...LINE, untilEpochMs: 1000 })).toEqual({
      status: "already-applied",
    });
    expect(await ledger.add(SOURCE, { ...LINE, untilEpochMs: 3000 })).toEqual(applied);
    expect(ledger.dueAt(2999)).toEqual([]);
    expect(ledger.dueAt(3000)).toEqual([SOURCE]);
    await ledger.close();
  });

  it("names whoever is due after any adding and removing", async () => {
    using files = new FakeFiles();
    const act = fc.record({
      act: fc.constantFrom("add" as const, "remove" as const, "look" as const),
      prefix: fc.constantFrom(SOURCE, OTHER),
      deed: fc.constantFrom(LINE, ROUTE, MAIL),
      epochMs: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
    });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 30, size: "max" }), async (acts) => {
        run += 1;
        const ledger = await DeedLedger.open(files.path(`deeds-${run}`), async () => {});
        const written: Promise<unknown>[] = [];
        for (const { act, prefix, deed, epochMs } of acts) {
          if (act === "add") written.push(ledger.add(prefix, { ...deed, untilEpochMs: epochMs }));
          if (act === "remove") written.push(ledger.remove(prefix, deed));
          const nowEpochMs = epochMs ?? 5;
          if (act === "look") expect(ledger.dueAt(nowEpochMs)).toEqual(dueOf(ledger, nowEpochMs));
        }
        expect(ledger.dueAt(9)).toEqual(dueOf(ledger, 9));
        await Promise.all(written);
        await ledger.close();
      }),
    );
  });

  it("names whoever is due once the deed that was to last longer is removed", async () => {
    using files = new FakeFiles();
    const ledger = await DeedLedger.open(files.path("deeds"));
    await ledger.add(SOURCE, { ...LINE, untilEpochMs: 1000 });
    await ledger.add(SOURCE, ROUTE);
    expect(ledger.dueAt(5000)).toEqual([]);
    await ledger.remove(SOURCE, ROUTE);
    expect(ledger.dueAt(999)).toEqual([]);
    expect(ledger.dueAt(1000)).toEqual([SOURCE]);
    await ledger.close();
  });

  it("looks at no deed before one is due", async () => {
    using files = new FakeFiles();
    const ledger = await DeedLedger.open(files.path("deeds"));
    let looks = 0;
    const watched = {
      ...ROUTE,
      get untilEpochMs() {
        looks += 1;
        return 2000;
      },
    };
    await ledger.add(SOURCE, watched);
    await ledger.add(OTHER, { ...ROUTE, untilEpochMs: 1000 });
    expect(ledger.dueAt(1000)).toEqual([OTHER]);
    await ledger.remove(OTHER, ROUTE);
    // The first look after a source has gone finds the next end.
    ledger.dueAt(1001);
    looks = 0;
    expect(ledger.dueAt(1999)).toEqual([]);
    expect(looks).toBe(0);
    expect(ledger.dueAt(2000)).toEqual([SOURCE]);
    expect(looks).toBeGreaterThan(0);
    await ledger.close();
  });

  it("records a deed once, and its undo anew when that is another", async () => {
    using files = new FakeFiles();
    const path = files.path("deeds");
    let ledger = await DeedLedger.open(path);
    await ledger.add(SOURCE, ROUTE);
    expect(await ledger.add(SOURCE, { ...ROUTE })).toEqual({ status: "already-applied" });
    expect(await ledger.add(SOURCE, { ...ROUTE, undo: "y" })).toEqual({ status: "applied" });
    ledger = await reopened(ledger, path);
    expect(ledger.deedsOf(SOURCE)).toEqual([{ ...ROUTE, undo: "y" }]);
    await ledger.close();
  });

  it.each([
    { what: "half a line at the end", damage: '{"act":"add","prefix":"192.0.2.9/32","ki' },
    { what: "no JSON", damage: "\0\0\0\n" },
    { what: "another shape", damage: '{"act":"add","prefix":"192.0.2.9/32"}\n' },
    {
      what: "a prefix in other words",
      damage: `${encodeEntry({ act: "add", prefix: SOURCE, deed: LINE }).replace(".7/32", ".7")}\n`,
    },
  ])("sets $what aside, says so, and keeps the rest", async ({ damage }) => {
    using files = new FakeFiles();
    const path = files.path("deeds");
    let ledger = await DeedLedger.open(path);
    await ledger.add(SOURCE, LINE);
    await ledger.close();
    appendFileSync(path, damage);

    ledger = await DeedLedger.open(path);

    expect(ledger.faults).toEqual([`${path}: a damaged line set aside in ${path}.damaged`]);
    expect(readFileSync(`${path}.damaged`, "utf8").trimEnd()).toBe(damage.trimEnd());
    expect(statSync(`${path}.damaged`).mode & 0o7777).toBe(0o600);
    await ledger.add(SOURCE, ROUTE);
    ledger = await reopened(ledger, path);
    expect(ledger.faults).toEqual([]);
    expect(ledger.deedsOf(SOURCE)).toEqual([LINE, ROUTE]);
    await ledger.close();
  });

  it.each([0o666, 0o620])(
    "sets a file of mode %o aside, which others could write",
    async (mode) => {
      using files = new FakeFiles();
      const path = files.path("deeds");
      let ledger = await DeedLedger.open(path);
      await ledger.add(SOURCE, ROUTE);
      chmodSync(path, mode);
      ledger = await reopened(ledger, path);
      expect(ledger.deedsOf(SOURCE)).toEqual([]);
      expect(ledger.faults).toEqual([expect.stringContaining("could be written by others")]);
      expect(existsSync(`${path}.untrusted`)).toBe(true);
      expect(await ledger.add(SOURCE, LINE)).toEqual({ status: "applied" });
      await ledger.close();
    },
  );

  it.skipIf(!isRoot)("sets somebody else's file aside", async () => {
    using files = new FakeFiles();
    const path = files.path("deeds");
    let ledger = await DeedLedger.open(path);
    await ledger.add(SOURCE, ROUTE);
    chownSync(path, 1234, 1234);
    ledger = await reopened(ledger, path);
    expect(ledger.prefixes).toEqual([]);
    await ledger.close();
  });

  it("reads and writes through no link", async () => {
    using files = new FakeFiles();
    const entry = encodeEntry({ act: "add", prefix: SOURCE, deed: ROUTE });
    const other = files.write("other", `${entry}\n`);
    const path = files.path("deeds");
    symlinkSync(other, path);
    const ledger = await DeedLedger.open(path);
    expect(ledger.prefixes).toEqual([]);
    expect(ledger.faults).toEqual([expect.stringContaining("ELOOP")]);
    expect(await ledger.add(SOURCE, LINE)).toMatchObject({ status: "failed" });
    expect(readFileSync(other, "utf8")).toBe(`${entry}\n`);
    await ledger.close();
  });

  it("says that a deed is in memory alone when the disk fails, and goes on when it does not", async () => {
    using files = new FakeFiles();
    const path = files.path("folder/deeds");
    let ledger = await DeedLedger.open(path);
    expect(await ledger.add(SOURCE, LINE)).toEqual({
      status: "failed",
      reason: `${path} cannot be written: ENOENT`,
    });
    expect(ledger.deedsOf(SOURCE)).toEqual([LINE]);
    mkdirSync(files.path("folder"));
    expect(await ledger.add(SOURCE, ROUTE)).toEqual({ status: "applied" });
    ledger = await reopened(ledger, path);
    expect(ledger.deedsOf(SOURCE)).toEqual([ROUTE]);
    await ledger.close();
  });

  it("writes what is added together with one flush, in order", async () => {
    using files = new FakeFiles();
    const path = files.path("deeds");
    let flushes = 0;
    const ledger = await DeedLedger.open(path, async () => {
      flushes += 1;
    });
    const sources = Array.from({ length: 200 }, (_each, index) => prefix(`192.0.2.${index}`));
    const outcomes = await Promise.all(sources.map((source) => ledger.add(source, ROUTE)));
    expect(outcomes).toEqual(sources.map(() => ({ status: "applied" })));
    expect(flushes).toBe(1);
    expect(linesOf(path).map((line) => parseEntry(line)?.prefix)).toEqual(sources);
    await ledger.close();
  });

  it("holds no more than its bound", async () => {
    using files = new FakeFiles();
    const path = files.path("deeds");
    const ledger = await DeedLedger.open(path, async () => {});
    const texts = Array.from({ length: MAX_DEEDS }, (_each, index) => `${index}`);
    await Promise.all(texts.map((text) => ledger.add(SOURCE, { ...ROUTE, text })));
    expect(await ledger.add(OTHER, ROUTE)).toEqual({
      status: "refused",
      reason: `${path} holds ${MAX_DEEDS} deeds already`,
    });
    await ledger.remove(SOURCE, { ...ROUTE, text: "0" });
    expect(await ledger.add(OTHER, ROUTE)).toEqual({ status: "applied" });
    await ledger.close();
  });

  it("compacts while it runs, once the lines of the gone are the most", async () => {
    using files = new FakeFiles();
    const path = files.path("deeds");
    let ledger = await DeedLedger.open(path, async () => {});
    await ledger.add(OTHER, LINE);
    for (let round = 0; round < 6; round += 1) {
      const texts = Array.from({ length: 1000 }, (_each, index) => `${round} ${index}`);
      await Promise.all(texts.map((text) => ledger.add(SOURCE, { ...ROUTE, text })));
      await Promise.all(texts.map((text) => ledger.remove(SOURCE, { ...ROUTE, text })));
    }
    expect(linesOf(path).length).toBeLessThan(10_004);
    ledger = await reopened(ledger, path);
    expect(ledger.prefixes).toEqual([OTHER]);
    expect(ledger.deedsOf(OTHER)).toEqual([LINE]);
    await ledger.close();
  });

  it("has every deed that it has acknowledged after a kill -9", async () => {
    using files = new FakeFiles();
    const path = files.path("deeds");
    const child = spawn(process.execPath, [join(import.meta.dirname, "ledger-child.ts"), path], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let acknowledged = "";
    child.stdout.on("data", (chunk: Buffer) => {
      acknowledged += chunk;
      if (acknowledged.split("\n").length > 50) child.kill("SIGKILL");
    });
    const [, signal] = await once(child, "close");
    expect(signal).toBe("SIGKILL");

    const ledger = await DeedLedger.open(path);

    const told = acknowledged.split("\n").slice(0, -1) as Prefix[];
    expect(told.length).toBeGreaterThanOrEqual(50);
    for (const source of told) expect(ledger.deedsOf(source)).toEqual([ROUTE]);
    await ledger.close();
  });

  it("is not stopped by what a crash has left beside it", async () => {
    using files = new FakeFiles();
    const path = files.path("deeds");
    let ledger = await DeedLedger.open(path);
    await ledger.add(SOURCE, ROUTE);
    await ledger.remove(SOURCE, ROUTE);
    await ledger.add(SOURCE, LINE);
    files.write(`deeds.vedette-${process.pid}`, "half");
    ledger = await reopened(ledger, path);
    expect(ledger.faults).toEqual([]);
    expect(ledger.deedsOf(SOURCE)).toEqual([LINE]);
    rmSync(path);
    await ledger.close();
  });
});
