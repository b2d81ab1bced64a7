/**
 * Runs inside a namespace as root: replaces the rules of our table again and again, as a reload
 * does, until it gets SIGTERM; prints how often. Their text is the file that it is told.
 */
import { readFileSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { openNftables } from "../../src/kernel/nftables.ts";

let isOver = false;
process.on("SIGTERM", () => {
  isOver = true;
});
const nftables = openNftables();
const text = readFileSync(process.argv[2] ?? "", "utf8");
let replacements = 0;
while (!isOver) {
  const outcome = nftables.run(text);
  if (outcome.status === "failed") throw new Error(outcome.reason);
  replacements += 1;
  await nextTurn();
}
nftables.close();
process.stdout.write(`${replacements}\n`);
