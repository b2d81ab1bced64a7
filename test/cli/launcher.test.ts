import { execFile } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const LAUNCHER = join(import.meta.dirname, "../../bin/vedette");

/** Where the processor's own Node lies; the tests' fake package has the same layout. */
const OWN_NODE = `node-linux-${process.arch}`;

interface Ended {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "vedette-bin-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

function run(file: string, args: readonly string[], path = "/usr/bin:/bin"): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(file, args, { env: { PATH: path } }, (error, out, err) => {
      resolve({ status: typeof error?.code === "number" ? error.code : 0, out, err });
    });
  });
}

/** A program at `path` that tells its version when asked, and otherwise its name and arguments. */
function putNode(path: string, name: string, version: string): void {
  mkdirSync(join(path, ".."), { recursive: true });
  const script = `#!/bin/sh\n[ "$1" = --version ] && { echo ${version}; exit; }\necho ${name} "$@"\n`;
  writeFileSync(path, script);
  chmodSync(path, 0o755);
}

/** An installed package with the launcher and the given entry points. @returns its launcher. */
function putPackage(root: string, entries: readonly string[]): string {
  for (const entry of ["bin/vedette", ...entries]) {
    mkdirSync(join(root, entry, ".."), { recursive: true });
    writeFileSync(join(root, entry), "");
  }
  const launcher = join(root, "bin/vedette");
  copyFileSync(LAUNCHER, launcher);
  chmodSync(launcher, 0o755);
  return launcher;
}

describe("bin/vedette", () => {
  it("runs through a symlink to a symlink, and prints nothing else", async () => {
    symlinkSync(LAUNCHER, join(directory, "first"));
    symlinkSync("first", join(directory, "vedette"));
    expect(await run(join(directory, "vedette"), ["--version"])).toEqual({
      status: 0,
      out: "0.1.0\n",
      err: "",
    });
  });

  it("hands on arguments as they are, and the exit status", async () => {
    const { status, err } = await run(LAUNCHER, ["ban", "192.0.2.7", "--for", "a  b*"]);
    expect(status).toBe(64);
    expect(err).toContain("'a  b*'");
  });

  it("prefers the package's own Node, and the sources of a checkout", async () => {
    const launcher = putPackage(directory, ["src/cli/main.ts", "dist/cli/main.js"]);
    putNode(join(directory, `node_modules/${OWN_NODE}/bin/node`), "own", "v26.10.0");
    expect(await run(launcher, ["a"])).toEqual({
      status: 0,
      out: `own ${directory}/src/cli/main.ts a\n`,
      err: "",
    });
  });

  it("finds a Node that was hoisted beside the package, and the built program", async () => {
    const root = join(directory, "node_modules/vedette");
    const launcher = putPackage(root, ["dist/cli/main.js"]);
    putNode(join(directory, `node_modules/${OWN_NODE}/bin/node`), "hoisted", "v26.10.0");
    expect((await run(launcher, [])).out).toBe(`hoisted ${root}/dist/cli/main.js\n`);
  });

  it.each([
    { version: "v24.14.9", isTaken: false },
    { version: "v24.15.0", isTaken: true },
    { version: "v25.0.0", isTaken: true },
    { version: "v100.1.0", isTaken: true },
    { version: "v20.20.2", isTaken: false },
    { version: "nonsense", isTaken: false },
    { version: "''", isTaken: false },
  ])("with $version alone in the PATH: runs is $isTaken", async ({ version, isTaken }) => {
    const launcher = putPackage(join(directory, "package"), ["dist/cli/main.js"]);
    putNode(join(directory, "path/node"), "path", version);
    const ended = await run(launcher, [], `${directory}/path:/usr/bin:/bin`);
    expect(ended.status).toBe(isTaken ? 0 : 69);
    expect(ended.err).toMatch(isTaken ? /^$/ : /^vedette: .* run npm start, or npm ci, in .*\n$/);
  });

  it("gives each half of a guard the room for young objects that its work needs", async () => {
    const launcher = putPackage(join(directory, "vedette"), [
      "src/cli/main.ts",
      "src/daemon/guard-process.ts",
    ]);
    putNode(join(directory, "vedette/node_modules", OWN_NODE, "bin/node"), "own", "v26.0.0");
    const words = async (...args: string[]) => (await run(launcher, args)).out.split(" ");
    expect(await words("guard", "--json")).toContain("--max-semi-space-size=4");
    expect(await words("guard-process", "1")).toContain("--max-semi-space-size=16");
    expect((await words("status")).join(" ")).not.toContain("semi-space");
  });

  it("passes over an own Node that does not start", async () => {
    const launcher = putPackage(join(directory, "package"), ["dist/cli/main.js"]);
    const own = join(directory, `package/node_modules/${OWN_NODE}/bin/node`);
    putNode(own, "own", "v26.10.0");
    writeFileSync(own, "#!/nonexistent\n");
    putNode(join(directory, "path/node"), "path", "v26.0.0");
    expect((await run(launcher, [], `${directory}/path:/usr/bin:/bin`)).out).toMatch(/^path /);
  });

  it("says that it needs a newer Node when its own is there and does not start", async () => {
    const launcher = putPackage(join(directory, "package"), ["dist/cli/main.js"]);
    const own = join(directory, `package/node_modules/${OWN_NODE}/bin/node`);
    putNode(own, "own", "v26.10.0");
    writeFileSync(own, "#!/nonexistent\n");
    putNode(join(directory, "path/node"), "path", "v20.20.2");
    const ended = await run(launcher, [], `${directory}/path:/usr/bin:/bin`);
    expect(ended.status).toBe(69);
    expect(ended.err).toMatch(/^vedette: needs Node 24\.15 or later: .*\n$/);
  });

  it("says so when the package holds no program", async () => {
    const ended = await run(putPackage(directory, []), []);
    expect(ended).toEqual({
      status: 69,
      out: "",
      err: `vedette: ${directory} holds no program; install the package again\n`,
    });
  });
});
