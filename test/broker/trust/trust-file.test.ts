import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { describe, expect, it } from "vitest";
import { MAX_TRUSTED, parseTrustLine, TrustFile } from "../../../src/broker/trust/trust-file.ts";
import { FakeClock, prefix } from "../fakes.ts";
import { FakeFiles, prefixesOf } from "./fake-files.ts";

describe("parseTrustLine", () => {
  it.each([
    { text: "192.0.2.7", kind: "trust", untilEpochMs: undefined },
    {
      text: "2001:db8::/32 until 2026-01-01T00:00:00Z  # why",
      kind: "trust",
      untilEpochMs: 1_767_225_600_000,
    },
    {
      text: "192.0.2.7 until 2026-01-01T01:00:00+01:00",
      kind: "trust",
      untilEpochMs: 1_767_225_600_000,
    },
    { text: "  # a comment", kind: "comment" },
    { text: "", kind: "comment" },
    { text: "192.0.2.7 until tomorrow", kind: "fault" },
    { text: "192.0.2.7 until 1", kind: "fault" },
    { text: "192.0.2.7 until 2026-13-01T00:00:00Z", kind: "fault" },
    { text: "192.0.2.7 until", kind: "fault" },
    { text: "mail.example.org", kind: "fault" },
  ])("$text -> $kind $untilEpochMs", ({ text, kind, ...rest }) => {
    expect(parseTrustLine(text)).toMatchObject({ kind, text, ...rest });
  });
});

function open(content?: string) {
  const files = new FakeFiles();
  const clock = new FakeClock();
  const path = content === undefined ? files.path("trusted") : files.write("trusted", content);
  return { files, clock, path, file: new TrustFile(path, clock) };
}

describe("TrustFile", () => {
  it("makes the file with the first entry, for all to read and root to write", () => {
    const { files, path, file } = open();
    using _ = files;
    expect(prefixesOf(file.read())).toEqual([]);
    expect(file.add(prefix("192.0.2.7"), undefined, "by ann\n0.0.0.0/0")).toEqual({
      status: "applied",
    });
    expect(readFileSync(path, "utf8")).toBe("192.0.2.7  # by ann?0.0.0.0/0\n");
    expect(statSync(path).mode & 0o777).toBe(0o644);
    expect(prefixesOf(file.read())).toEqual(["192.0.2.7/32"]);
  });

  it("passes over an entry from the moment at which it is over", () => {
    const { files, clock, file } = open();
    using _ = files;
    file.add(prefix("192.0.2.7"), clock.epochMs() + 1000, "");
    clock.advance(999);
    expect(prefixesOf(file.read())).toEqual(["192.0.2.7/32"]);
    clock.advance(1);
    expect(prefixesOf(file.read())).toEqual([]);
  });

  it("makes trust longer and never shorter", () => {
    const { files, clock, file } = open();
    using _ = files;
    const now = clock.epochMs();
    const add = (untilEpochMs?: number) => file.add(prefix("192.0.2.7"), untilEpochMs, "").status;
    expect([add(now + 1000), add(now + 500), add(now + 2000), add(), add(now + 9000)]).toEqual([
      "applied",
      "already-applied",
      "applied",
      "applied",
      "already-applied",
    ]);
    clock.advance(10_000);
    expect(prefixesOf(file.read())).toEqual(["192.0.2.7/32"]);
  });

  it("keeps what people have written, and drops what is over, at a change", () => {
    const { files, path, file } = open(
      "# ours\n192.0.2.7 until 2020-01-01T00:00:00Z\n192.0.2.8 # b\nnonsense",
    );
    using _ = files;
    expect(file.read()).toMatchObject({
      faults: [`${path}:4: not an address with an optional time`],
    });
    file.add(prefix("192.0.2.9"), undefined, "c");
    expect(readFileSync(path, "utf8")).toBe("# ours\n192.0.2.8 # b\nnonsense\n192.0.2.9  # c\n");
  });

  it.each([3_600_000, -3_600_000])("has ends move with a clock that is set by %i ms", (byMs) => {
    const { files, clock, path, file } = open("192.0.2.8\n");
    using _ = files;
    const in60s = new Date(clock.epochMs() + 60_000).toISOString();
    const moved = new Date(clock.epochMs() + 60_000 + byMs).toISOString();
    file.add(prefix("192.0.2.7"), clock.epochMs() + 60_000, `until ${in60s}`);
    expect(file.moveEnds(byMs)).toEqual({ status: "applied" });
    expect(readFileSync(path, "utf8")).toBe(
      `192.0.2.8\n192.0.2.7 until ${moved}  # until ${in60s}\n`,
    );
  });

  it("keeps the ends of an earlier run when a clock that was wrong since the boot is set", () => {
    const earlier = new Date(new FakeClock().epochMs() + 60_000).toISOString();
    const content = `192.0.2.7 until ${earlier}\n`;
    const { files, path, file } = open(content);
    using _ = files;
    expect(file.moveEnds(90 * 86_400_000)).toEqual({ status: "already-applied" });
    expect(readFileSync(path, "utf8")).toBe(content);
  });

  it("is not written when the clock is set and nothing has an end", () => {
    const { files, file } = open("192.0.2.7\n");
    using _ = files;
    expect(file.moveEnds(1000)).toEqual({ status: "already-applied" });
  });

  it("takes an entry away, and says when there is none", () => {
    const { files, file } = open("192.0.2.7\n192.0.2.8\n");
    using _ = files;
    expect(file.remove(prefix("192.0.2.7"))).toEqual({ status: "applied" });
    expect(file.remove(prefix("192.0.2.7"))).toEqual({ status: "already-applied" });
    expect(prefixesOf(file.read())).toEqual(["192.0.2.8/32"]);
  });

  it("takes no more than 4,096 entries", () => {
    const lines = Array.from(
      { length: MAX_TRUSTED },
      (_, index) => `10.0.${index >> 8}.${index & 255}\n`,
    );
    const { files, file } = open(lines.join(""));
    using _ = files;
    expect(file.add(prefix("192.0.2.7"), undefined, "")).toMatchObject({ status: "refused" });
  });

  it("does not believe a file that others may write", () => {
    const { files, path, file } = open("0.0.0.0/0\n");
    using _ = files;
    chmodSync(path, 0o664);
    expect(file.read()).toMatchObject({ status: "unreadable" });
    expect(file.add(prefix("192.0.2.7"), undefined, "")).toMatchObject({ status: "failed" });
  });

  it("does not write through a link that somebody has laid", () => {
    const { files, path, file } = open();
    using _ = files;
    symlinkSync(files.path("victim"), `${path}.new`);
    file.add(prefix("192.0.2.7"), undefined, "");
    expect(existsSync(files.path("victim"))).toBe(false);
  });

  it("leaves nothing beside it, whether it could take the old one's place or not", () => {
    const { files, clock, path, file } = open();
    using _ = files;
    file.add(prefix("192.0.2.7"), undefined, "");
    expect(readdirSync(files.folder)).toEqual(["trusted"]);
    // Asked after the file was read and before it is replaced, which a folder cannot be.
    clock.epochMs = () => {
      rmSync(path);
      mkdirSync(path);
      return 0;
    };
    expect(file.remove(prefix("192.0.2.7"))).toMatchObject({ status: "failed" });
    expect(readdirSync(files.folder)).toEqual(["trusted"]);
  });

  it("tells when it cannot write", () => {
    const clock = new FakeClock();
    using files = new FakeFiles();
    const file = new TrustFile(files.path("none/trusted"), clock);
    expect(file.add(prefix("192.0.2.7"), undefined, "")).toMatchObject({ status: "failed" });
  });
});
