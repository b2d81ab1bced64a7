import { chmodSync, lchownSync, mkdirSync, realpathSync, symlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { resolveTrustedPath } from "../../../src/broker/executors/trusted-path.ts";
import { FakeFiles } from "../trust/fake-files.ts";

const isRoot = process.getuid?.() === 0;

describe("resolveTrustedPath", () => {
  it("takes a file, and the name for one that is not there", () => {
    using files = new FakeFiles();
    const path = files.write("etc/hosts.deny", "");
    for (const each of [path, files.path("etc/other"), files.path("./etc//hosts.deny")]) {
      expect(resolveTrustedPath(each)).toMatchObject({ status: "resolved" });
    }
  });

  it.each([
    { what: "a relative link", target: "real/hosts.deny" },
    { what: "a link up and down", target: "../../etc/real/hosts.deny" },
  ])("follows $what to the file", ({ target }) => {
    using files = new FakeFiles();
    const path = files.write("etc/real/hosts.deny", "");
    mkdirSync(files.path("etc/here"));
    const isUp = target.startsWith("..");
    const link = files.path(isUp ? "etc/here/hosts.deny" : "etc/hosts.deny");
    symlinkSync(isUp ? target.replace("../../etc", "..") : target, link);
    expect(resolveTrustedPath(link)).toEqual({ status: "resolved", path });
  });

  it("follows an absolute link, also one to a folder on the way, also to nothing", () => {
    using files = new FakeFiles();
    mkdirSync(files.path("real"));
    symlinkSync(files.path("real"), files.path("etc"));
    symlinkSync(files.path("etc/other"), files.path("real/hosts.deny"));
    expect(resolveTrustedPath(files.path("etc/hosts.deny"))).toEqual({
      status: "resolved",
      path: files.path("real/other"),
    });
  });

  it("refuses a circle of links", () => {
    using files = new FakeFiles();
    symlinkSync("b", files.path("a"));
    symlinkSync("a", files.path("b"));
    expect(resolveTrustedPath(files.path("a"))).toMatchObject({
      status: "refused",
      reason: expect.stringContaining("too many links"),
    });
  });

  it.each([0o777, 0o775, 0o1777])("refuses a file in a folder with mode %o", (mode) => {
    using files = new FakeFiles();
    const path = files.write("etc/hosts.deny", "");
    chmodSync(files.path("etc"), mode);
    expect(resolveTrustedPath(path)).toEqual({
      status: "refused",
      reason: `${files.path("etc")} can be written by others than root`,
    });
  });

  it.each([
    { mode: 0o777, status: "refused" },
    { mode: 0o1777, status: "resolved" },
  ])("on the way a folder with mode $mode is $status", ({ mode, status }) => {
    using files = new FakeFiles();
    const path = files.write("way/etc/hosts.deny", "");
    chmodSync(files.path("way"), mode);
    expect(resolveTrustedPath(path)).toMatchObject({ status });
  });

  it("refuses a link that leads through a folder of everybody", () => {
    using files = new FakeFiles();
    files.write("open/hosts.deny", "");
    chmodSync(files.path("open"), 0o777);
    symlinkSync("open/hosts.deny", files.path("hosts.deny"));
    expect(resolveTrustedPath(files.path("hosts.deny"))).toMatchObject({ status: "refused" });
  });

  it.skipIf(!isRoot)("refuses somebody else's folder and somebody else's link", () => {
    using files = new FakeFiles();
    files.write("theirs/hosts.deny", "");
    lchownSync(files.path("theirs"), 1234, 1234);
    files.write("hosts.deny", "");
    symlinkSync("hosts.deny", files.path("link"));
    lchownSync(files.path("link"), 1234, 1234);
    for (const name of ["theirs/hosts.deny", "link"]) {
      expect(resolveTrustedPath(files.path(name))).toMatchObject({
        status: "refused",
        reason: expect.stringContaining("somebody else's"),
      });
    }
  });

  it("refuses what is no file, has no folder, or is relative", () => {
    using files = new FakeFiles();
    files.write("file", "");
    const folder = realpathSync(files.folder);
    for (const path of [folder, `${folder}/no/file`, `${folder}/file/x`, "etc/hosts.deny", "/"]) {
      expect(resolveTrustedPath(path)).toMatchObject({ status: "refused" });
    }
  });
});
