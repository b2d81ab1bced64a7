/** Bans as `restore` takes them, written beside the program's own way. */
import type { Json } from "../fuzz/mutated-json.ts";

/** @param bans objects as `ban` takes them. */
export function rowsOf(bans: readonly unknown[]): string {
  return bans
    .map((ban) => {
      const { prefix, timeoutMs, evidence, origin } = ban as Readonly<Record<string, Json>>;
      return [prefix, timeoutMs ?? "-", evidence, origin].join(" ");
    })
    .join(";");
}
