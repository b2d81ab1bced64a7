/** The journal's file is overwritten, while nobody runs and under a running guard. */
import assert from "node:assert/strict";
import { closeSync, openSync, readdirSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Fault, Scope } from "./fault.ts";
import { Scene } from "./scene.ts";

/** Overwrites the second half of a file, or all of it. */
function overwrite(path: string, { random }: Scope, share: number): void {
  const { size } = statSync(path);
  const bytes = Uint8Array.from({ length: Math.ceil(size * share) }, () => random.integer(0, 255));
  const file = openSync(path, "r+");
  writeSync(file, bytes, 0, bytes.length, size - bytes.length);
  closeSync(file);
}

export const JOURNAL_CORRUPTED: Fault = {
  name: "journal-corrupted",
  done: () => "half of the journal, then all of it, overwritten by random bytes between two runs",
  promised:
    "it starts, sets the damaged file aside, says so, and keeps and lists the bans of the kernel",
  limitMs: 360_000,
  play: async (lab, scope) => {
    const scene = await Scene.open(lab);
    for (let place = 1; place <= 10; place += 1) await scene.mustBan(`192.0.2.${place}`);
    const folder = join(scene.guard.folder, "state/journal");
    const journal = join(folder, "journal.sqlite");

    for (const share of [0.5, 1]) {
      await scene.guard.stop();
      overwrite(journal, scope, share);
      await scene.checkKernel();
      await scene.restart();
      await scene.guard.problem("journal-set-aside");
      await scene.check();
    }
    await scene.stillGuards();
    await scene.check();

    const aside = readdirSync(folder).filter((name) => name.includes(".corrupt-"));
    assert.ok(aside.length >= 2, "the damaged files are not set aside");
    return `two starts, ${aside.length} files set aside, journal-set-aside shown; kernel and list have ${scene.promises} of ${scene.promises} bans`;
  },
};
