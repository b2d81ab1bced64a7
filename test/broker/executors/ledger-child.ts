/** Adds deeds to a ledger until it is killed, and prints whose are acknowledged. */
import { DeedLedger } from "../../../src/broker/executors/deed-ledger.ts";
import { prefix } from "../fakes.ts";

const ledger = await DeedLedger.open(process.argv[2] ?? "");
for (let number = 0; ; number += 1) {
  const source = prefix(`203.0.${number >> 8}.${number & 255}`);
  const deed = { kind: "route", text: "route add x", undo: "route del x" } as const;
  const { status } = await ledger.add(source, deed);
  if (status === "applied") process.stdout.write(`${source}\n`);
}
