/** Another program keeps the kernel's nftables busy, and takes our table away. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { waitFor } from "../support/wait-for.ts";
import type { Fault } from "./fault.ts";
import { Scene } from "./scene.ts";

/** Elements of the other program's set: one load of it holds the kernel's lock for long. */
const ELEMENTS = 60_000;
const BANS = 10;

/** A set of another program, as text for nft. */
function otherTable(): string {
  const addresses = Array.from({ length: ELEMENTS }, (_, place) => {
    return `10.${place >> 16}.${(place >> 8) & 255}.${place & 255}`;
  });
  const set = `set many { type ipv4_addr; elements = { ${addresses.join(", ")} } }`;
  return `table inet other\ndelete table inet other\ntable inet other { ${set}\n}\n`;
}

export const NFT_BUSY: Fault = {
  name: "nft-busy",
  done: () =>
    `nft loads ${ELEMENTS} elements again and again, ${BANS} bans, our table deleted twice`,
  promised: "every ban is made, the table comes back by itself with all of them",
  limitMs: 240_000,
  play: async (lab) => {
    const scene = await Scene.open(lab);
    const { namespace } = scene.network.target;
    const file = join(lab.folder, "other.nft");
    await writeFile(file, otherTable());
    const script = 'while nft -f "$0"; do echo loaded; done';
    const busy = namespace.spawn("sh", ["-c", script, file]);
    await waitFor("the first load", 60_000, () => busy.lines.includes("loaded"));
    const before = scene.footprint("broker");

    for (let place = 1; place <= BANS; place += 1) {
      await scene.mustBan(`192.0.2.${place}`);
      if (place % 5 !== 0) continue;
      await namespace.run("nft", ["delete", "table", "inet", "vedette"]);
      await waitFor("the table with its bans", 60_000, async () => {
        return (await scene.inKernel()).size >= scene.promises;
      });
    }
    await scene.check();
    await scene.stillGuards();

    assert.ok(!busy.isOver, `the other program ended: ${busy.output}`);
    const growth = await scene.checkGrowth("broker", before);
    return `${busy.lines.length} loads beside it; ${scene.promises} bans all there; ${growth}`;
  },
};
