/**
 * Live suites: they need root and real tools, and say so visibly where they cannot run.
 */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { describe } from "vitest";

const { PATH = "" } = process.env;
/** Debian keeps some of these where a plain user's PATH does not look. */
const FOLDERS = [...PATH.split(delimiter), "/usr/sbin", "/sbin"];

function isInstalled(tool: string): boolean {
  return FOLDERS.some((folder) => {
    try {
      accessSync(join(folder, tool), constants.X_OK);
      return true;
    } catch {
      // Not in this folder.
      return false;
    }
  });
}

/** A suite that plays in network namespaces; skipped, with the reason in its name, without them. */
export function describeLive(subject: string, tools: readonly string[], suite: () => void): void {
  const missing = ["ip", "nft", "sysctl", ...tools].filter((tool) => !isInstalled(tool));
  if (process.getuid?.() !== 0) {
    describe.skip(`${subject} (skipped: needs root)`, suite);
  } else if (missing.length > 0) {
    describe.skip(`${subject} (skipped: needs ${missing.join(", ")})`, suite);
  } else {
    describe(subject, suite);
  }
}
