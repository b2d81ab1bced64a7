import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runConfig } from "./config-lines.ts";

let directory: string;
let etc: string;
let target: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "vedette-import-"));
  etc = join(directory, "etc");
  target = join(directory, "vedette");
  mkdirSync(join(etc, "portsentry"), { recursive: true });
  mkdirSync(join(etc, "default"));
  writeFileSync(join(etc, "default/portsentry"), 'TCP_MODE="atcp"\nUDP_MODE="audp"\n');
  putConf("");
  writeFileSync(join(etc, "portsentry/portsentry.ignore.static"), "192.0.2.7\n0.0.0.0/0\n");
});
afterEach(() => rmSync(directory, { recursive: true }));

function putConf(more: string): void {
  const lines = 'BLOCK_TCP="1"\nHISTORY_FILE="/var/lib/portsentry/portsentry.history"\n';
  writeFileSync(join(etc, "portsentry/portsentry.conf"), `${lines}${more}\n`);
}

const runImport = (...words: string[]) =>
  runConfig("import", "--from", etc, "--to", target, ...words);

describe("vedette config import", () => {
  it("writes both files, explains each line, and says what a purge deletes", async () => {
    const { status, out, err } = await runImport();
    expect({ status, err }).toEqual({ status: 0, err: "" });
    const [conf, ignore] = [join(target, "vedette.conf"), join(target, "vedette.ignore")];
    expect(out).toContain(`Wrote ${conf} and ${ignore}.\n`);
    expect(out).toMatch(/\nBLOCK_TCP +\S+\/portsentry\.conf:1 +As it was, .* +"1"\n/);
    expect(out).toMatch(/\nANSWER +PortSentry's way +Vedette's own is "drop"; .* +"pass"\n/);
    expect(out).toMatch(/\nNever held or banned: 1 entry, from \S+\.static\.\n/);
    expect(out).toMatch(/\n {2}left out: 0\.0\.0\.0\/0 \(\S+:2\): it would trust everybody\n/);
    expect(out).toMatch(/\n {2}\S+\/portsentry\.history, which HISTORY_FILE goes on using: copy/);
    expect(readFileSync(ignore, "utf8")).toContain("\n192.0.2.7  # ");
    expect((await runConfig("check", "-c", conf)).status).toBe(0);
  });

  it("changes nothing of PortSentry's", async () => {
    const before = readdirSync(etc, { recursive: true }).sort();
    await runImport();
    expect(readdirSync(etc, { recursive: true }).sort()).toEqual(before);
  });

  it.each(["vedette.conf", "vedette.ignore"])(
    "overwrites no %s, and then writes nothing",
    async (name) => {
      mkdirSync(target);
      writeFileSync(join(target, name), "mine");
      const { status, err } = await runImport();
      expect(status).toBe(1);
      expect(err).toBe(`vedette: ${join(target, name)} exists; it is not overwritten\n`);
      expect(readdirSync(target)).toEqual([name]);
      expect(readFileSync(join(target, name), "utf8")).toBe("mine");
    },
  );

  it("tells the faults of PortSentry's file, exits 78 and writes nothing", async () => {
    putConf('TCP_PORTS="abc"');
    const { status, out, err } = await runImport();
    expect({ status, out }).toEqual({ status: 78, out: "" });
    expect(err).toMatch(/portsentry\.conf:3: TCP_PORTS: "abc": expected a port/);
    expect(existsSync(target)).toBe(false);
    const json = await runImport("--json");
    expect(JSON.parse(json.out)).toMatchObject({ written: [], faults: [{}], warnings: [] });
    expect(json.status).toBe(78);
  });

  it("tells the warnings of PortSentry's file, and goes on", async () => {
    putConf('X="1"');
    const { status, err } = await runImport();
    expect(status).toBe(0);
    expect(err).toMatch(/^\S+portsentry\.conf:3: warning: not read: unknown key X\n$/);
  });

  it("tells all of it as JSON", async () => {
    const view = JSON.parse((await runImport("--json")).out);
    expect(view).toMatchObject({
      written: [join(target, "vedette.conf"), join(target, "vedette.ignore")],
      ignored: 1,
      leftOut: [{ word: "0.0.0.0/0" }],
      faults: [],
      warnings: [],
    });
    expect(view.mappings).toContainEqual(
      expect.objectContaining({ key: "TCP_MODE", value: "atcp" }),
    );
    expect(view.purged).toContainEqual({
      path: "/var/lib/portsentry/portsentry.history",
      usedBy: "HISTORY_FILE",
    });
  });

  it("says that there is nothing to import, and exits 69", async () => {
    rmSync(etc, { recursive: true });
    expect(await runImport()).toEqual({
      status: 69,
      out: "",
      err: "vedette: there is nothing of PortSentry or fail2ban here\n",
    });
  });

  it("makes the directory, but not its parents", async () => {
    target = join(directory, "a", "b");
    expect(await runImport()).toMatchObject({ status: 69 });
    expect(existsSync(join(directory, "a"))).toBe(false);
  });
});
