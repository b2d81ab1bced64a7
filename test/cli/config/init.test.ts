import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { describeSample } from "../../../src/config/describe.ts";
import { runConfig } from "./config-lines.ts";

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "vedette-init-"));
  path = join(directory, "vedette.conf");
});
afterEach(() => rmSync(directory, { recursive: true }));

describe("vedette config init", () => {
  it("prints the sample, and nothing else", async () => {
    expect(await runConfig("init")).toEqual({ status: 0, out: describeSample(), err: "" });
  });

  it("writes a file that loads and that everybody may read", async () => {
    expect(await runConfig("init", path)).toEqual({ status: 0, out: `Wrote ${path}.\n`, err: "" });
    expect(readFileSync(path, "utf8")).toBe(describeSample());
    expect(statSync(path).mode & 0o777).toBe(0o644 & ~process.umask());
    expect((await runConfig("check", "-c", path)).status).toBe(0);
  });

  it("overwrites nothing, and follows no symlink", async () => {
    writeFileSync(path, "mine");
    symlinkSync(join(directory, "elsewhere"), join(directory, "link"));
    expect(await runConfig("init", path)).toEqual({
      status: 1,
      out: "",
      err: `vedette: ${path} exists; it is not overwritten\n`,
    });
    expect((await runConfig("init", join(directory, "link"))).status).toBe(1);
    expect(readFileSync(path, "utf8")).toBe("mine");
    expect(existsSync(join(directory, "elsewhere"))).toBe(false);
  });

  it("says that a directory is missing, and exits 69", async () => {
    const missing = join(directory, "none", "vedette.conf");
    expect(await runConfig("init", missing)).toEqual({
      status: 69,
      out: "",
      err: `vedette: ${missing}: there is no such directory\n`,
    });
  });

  it("tells path and text as JSON", async () => {
    const printed = JSON.parse((await runConfig("init", "--json")).out);
    expect(printed).toEqual({ path: null, text: describeSample() });
    const written = JSON.parse((await runConfig("init", "--json", path)).out);
    expect(written).toEqual({ path, text: describeSample() });
  });

  it("takes -c for the unit alone", async () => {
    expect((await runConfig("init", "-c", path)).status).toBe(64);
  });
});

describe("vedette config init --systemd", () => {
  it("starts this very program in the foreground", async () => {
    const { status, out } = await runConfig("init", "--systemd");
    expect(status).toBe(0);
    const [, program = ""] = /^ExecStart=(\S+) guard$/m.exec(out) ?? [];
    expect(execFileSync(program, ["--version"], { encoding: "utf8" })).toBe("0.1.0\n");
  });

  it("names the configuration by its absolute path, quoted where it must be", async () => {
    const plain = await runConfig("init", "--systemd", "-c", "/etc/portsentry/portsentry.conf");
    expect(plain.out).toMatch(/ guard -c \/etc\/portsentry\/portsentry\.conf$/m);
    const relative = await runConfig("init", "--systemd", "-c", "my.conf");
    expect(relative.out).toContain(` guard -c ${join(process.cwd(), "my.conf")}\n`);
    const odd = await runConfig("init", "--systemd", "-c", '/a b/50%/$x/"\\.conf');
    expect(odd.out).toContain(' guard -c "/a b/50%%/$$x/\\"\\\\.conf"\n');
  });

  it("has the old name in the log and in its words for PortSentry's file alone", async () => {
    const old = await runConfig("init", "--systemd", "-c", "/etc/portsentry/portsentry.conf");
    expect(old.out).toMatch(/^SyslogIdentifier=portsentry$/m);
    expect(old.out).toContain("enable --now portsentry.service\n");
    const own = await runConfig("init", "--systemd", "-c", path);
    expect(own.out).not.toContain("SyslogIdentifier");
    expect(own.out).toContain("enable --now vedette.service\n");
  });

  it.skipIf(!existsSync("/usr/bin/systemd-analyze")).each([
    { name: "vedette.service", options: [] },
    { name: "portsentry.service", options: ["-c", "/etc/portsentry/portsentry.conf"] },
  ])("is a unit that systemd takes as $name", async ({ name, options }) => {
    const unit = join(directory, name);
    await runConfig("init", "--systemd", ...options, unit);
    const verified = spawnSync("systemd-analyze", ["verify", "--recursive-errors=no", unit], {
      encoding: "utf8",
    });
    expect({ status: verified.status, said: verified.stderr }).toEqual({ status: 0, said: "" });
  });
});
