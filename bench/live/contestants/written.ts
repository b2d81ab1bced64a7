/** How much lies in the files below a folder. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Bytes; a file that goes away meanwhile is left out. */
export function bytesBelow(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => {
      const file = statSync(join(parentPath, name), { throwIfNoEntry: false });
      return sum + (file?.size ?? 0);
    }, 0);
}
