/**
 * Runs inside the target's namespace as root: prints every packet that the table logs, as a line
 * of JSON, until the packet that says "end" has come.
 */
import { openNflog } from "../../src/kernel/nflog.ts";
import { NflogReader } from "../../src/kernel/nflog-reader.ts";

/** A logged packet as it is printed. */
export interface LoggedPacket {
  readonly hex: string;
  readonly isHold: boolean;
}

const fd = openNflog({ group: 4242, snapBytes: 256 });
const reader = new NflogReader(fd, (buffer, start, end, isHold) => {
  const hex = buffer.toString("hex", start, end);
  process.stdout.write(`${JSON.stringify({ hex, isHold } satisfies LoggedPacket)}\n`);
});
reader.start();
process.stdout.write("listening\n");
