/**
 * A network namespace of our own for one test file, and scripts that run inside it.
 *
 * Nothing outside it is touched. It has a loopback interface only: packets to 127.0.0.1 pass the
 * input hook like any others.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Why the tests of the live folder are skipped, or undefined when they can run. */
export const SKIP_REASON =
  process.getuid?.() === 0 ? undefined : "needs root: makes network namespaces and nftables rules";

export class Namespace {
  readonly #name: string;

  constructor(label: string) {
    this.#name = `vtk-${label}-${process.pid}`;
    execFileSync("ip", ["netns", "add", this.#name]);
    execFileSync("ip", ["-n", this.#name, "link", "set", "lo", "up"]);
  }

  /** Runs a script of this folder to its end and parses the JSON that it prints. */
  runScript(fileName: string): unknown {
    const path = fileURLToPath(new URL(fileName, import.meta.url));
    const printed = execFileSync("ip", ["netns", "exec", this.#name, process.execPath, path], {
      encoding: "utf8",
      timeout: 60_000,
    });
    return JSON.parse(printed);
  }

  /** Removes the namespace with everything in it. */
  close(): void {
    execFileSync("ip", ["netns", "delete", this.#name]);
  }
}
