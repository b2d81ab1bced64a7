import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { describe, expect, it } from "vitest";
import {
  BlockedFile,
  type BlockedForm,
  blockedPathOf,
  RETRY_AFTER_MS,
} from "../../../src/broker/legacy/blocked-file.ts";
import { formatHistoryLine, type HistoryRecord } from "../../../src/broker/legacy/history-line.ts";
import { address, FakeClock } from "../fakes.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

function block(text: string): HistoryRecord {
  return {
    address: address(text),
    host: text,
    port: 11,
    transport: "tcp",
    sinceEpochMs: 1_795_354_999_000,
  };
}

const one = block("192.0.2.1");
const two = block("2001:db8::2");

function open(folder: TemporaryFolder, form: BlockedForm = "atcp", name = "portsentry.blocked") {
  const clock = new FakeClock();
  const bans: HistoryRecord[] = [];
  const setting = folder.join(name);
  let readings = 0;
  const read = () => {
    readings += 1;
    return bans;
  };
  const file = new BlockedFile({ setting, form, read }, clock);
  const path = blockedPathOf(setting, form);
  return { clock, bans, file, path, readingCount: () => readings };
}

describe("blockedPathOf", () => {
  it.each([
    { form: "atcp" as const, path: "/var/lib/portsentry/portsentry.blocked.atcp" },
    { form: "udp" as const, path: "/var/lib/portsentry/portsentry.blocked.udp" },
    { form: "binary" as const, path: "/var/lib/portsentry/portsentry.blocked" },
  ])("$form: $path", ({ form, path }) => {
    expect(blockedPathOf("/var/lib/portsentry/portsentry.blocked", form)).toBe(path);
  });
});

describe("BlockedFile", () => {
  it("replaces what an earlier run has left, also by nothing", () => {
    using folder = new TemporaryFolder();
    const { file, path } = open(folder);
    writeFileSync(path, "old\n");
    expect(file.flush()).toEqual({ status: "applied" });
    expect(readFileSync(path, "utf8")).toBe("");
    expect(statSync(path).mode & 0o777).toBe(0o644);
    expect(readdirSync(folder.path)).toEqual(["portsentry.blocked.atcp"]);
  });

  it("has a line of 1.2 for each ban in force", () => {
    using folder = new TemporaryFolder();
    const { clock, bans, file, path } = open(folder);
    bans.push(one, two);
    file.flush();
    expect(readFileSync(path, "utf8")).toBe(
      `${formatHistoryLine(one)}\n${formatHistoryLine(two)}\n`,
    );
    bans.shift();
    file.markChanged();
    clock.advance(1000);
    file.flush();
    expect(readFileSync(path, "utf8")).toBe(`${formatHistoryLine(two)}\n`);
  });

  it("has 2.x's records under the bare name", () => {
    using folder = new TemporaryFolder();
    const { bans, file } = open(folder, "binary");
    bans.push(one, two);
    file.flush();
    expect(readFileSync(folder.join("portsentry.blocked")).toString("hex")).toBe(
      `0200c0000201${"0a0020010db8000000000000000000000002"}`,
    );
  });

  it("is written once a second at most, however many bans there are", () => {
    using folder = new TemporaryFolder();
    const { clock, bans, file, path, readingCount } = open(folder);
    file.flush();
    bans.push(one);
    file.markChanged();
    clock.advance(999);
    expect(file.flush()).toBeUndefined();
    expect(readFileSync(path, "utf8")).toBe("");
    bans.push(two);
    file.markChanged();
    clock.advance(1);
    expect(file.flush()).toEqual({ status: "applied" });
    expect(readFileSync(path, "utf8").split("\n")).toHaveLength(3);
    clock.advance(60_000);
    expect(file.flush()).toBeUndefined();
    expect(readingCount()).toBe(2);
  });

  it("leaves the file alone when its bytes would be the same", () => {
    using folder = new TemporaryFolder();
    const { clock, bans, file, path } = open(folder);
    bans.push(one);
    file.flush();
    const inode = statSync(path).ino;
    file.markChanged();
    clock.advance(1000);
    expect(file.flush()).toEqual({ status: "already-applied" });
    expect(statSync(path).ino).toBe(inode);
  });

  it("writes at the end what is left, without waiting", () => {
    using folder = new TemporaryFolder();
    const { bans, file, path } = open(folder);
    file.flush();
    expect(file.close()).toBeUndefined();
    bans.push(one);
    file.markChanged();
    expect(file.close()).toEqual({ status: "applied" });
    expect(readFileSync(path, "utf8")).toBe(`${formatHistoryLine(one)}\n`);
  });

  it("keeps the old file when it fails, says so, and tries again later", () => {
    using folder = new TemporaryFolder();
    const { clock, file, path } = open(folder, "atcp", "late/portsentry.blocked");
    expect(file.flush()).toEqual({
      status: "failed",
      reason: `${path} cannot be written: ENOENT`,
    });
    mkdirSync(folder.join("late"));
    clock.advance(RETRY_AFTER_MS - 1);
    expect(file.flush()).toBeUndefined();
    clock.advance(1);
    expect(file.flush()).toEqual({ status: "applied" });
    expect(file.failures).toBe(1);
  });

  it("leaves no half file behind when it cannot take the old one's place", () => {
    using folder = new TemporaryFolder();
    const { file, path } = open(folder);
    mkdirSync(path);
    writeFileSync(`${path}/in-use`, "");
    expect(file.flush()?.status).toBe("failed");
    expect(existsSync(`${path}.new`)).toBe(false);
  });

  it("writes through no link that somebody has laid", () => {
    using folder = new TemporaryFolder();
    const { file, path } = open(folder);
    writeFileSync(folder.join("victim"), "untouched");
    symlinkSync(folder.join("victim"), `${path}.new`);
    symlinkSync(folder.join("victim"), path);
    expect(file.flush()?.status).toBe("applied");
    expect(readFileSync(folder.join("victim"), "utf8")).toBe("untouched");
  });
});
