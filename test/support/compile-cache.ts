/**
 * Has the programs under test compiled once for the whole run, and not at every start of one.
 *
 * Most of what a start of `vedette` costs is the stripping of types and the compiling of some three
 * hundred files; the live tests start it a thousand times. Node keeps what it has compiled in the
 * folder that NODE_COMPILE_CACHE names (nodejs.org/api/module.html, "Module compile cache"), by the
 * text of each file, so a change is never missed. The folder is made for one run and removed after
 * it. What is killed, or has given up root, writes nothing there: so all is compiled beforehand.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NODE, PROJECT } from "./programs.ts";

/** Programs do something when they are loaded; without their words they end at once. */
const PROGRAMS = ["src/daemon/guard-process.ts", "test/support/{network-agent,service-host}.ts"];

/** Of these the first does what its words say; the others are parts of programs. */
const LOAD_ALL = `for (const file of process.argv.slice(1)) await import(file).catch(() => {});`;

function run(args: readonly string[]): void {
  try {
    execFileSync(NODE, args, { cwd: PROJECT, stdio: "ignore" });
  } catch {
    // It has been compiled all the same; a program that is broken is a test's to find.
  }
}

const filesOf = (pattern: string) =>
  globSync(pattern, { cwd: PROJECT }).map((file) => join(PROJECT, file));

/** Called by vitest before the first test file. @returns what is called after the last. */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "vedette-compiled-"));
  // The guard's half reads there as root; a command of a test may be nobody's from its beginning.
  chmodSync(folder, 0o755);
  process.env["NODE_COMPILE_CACHE"] = folder;
  for (const program of PROGRAMS.flatMap(filesOf)) run([program]);
  run([join(PROJECT, "src/cli/main.ts"), "--version"]);
  const programs = new Set([...PROGRAMS.flatMap(filesOf), join(PROJECT, "src/cli/main.ts")]);
  const parts = filesOf("src/**/*.ts").filter((file) => !programs.has(file));
  run(["--input-type=module", "--eval", LOAD_ALL, ...parts]);
  return () => rmSync(folder, { recursive: true, force: true });
}
