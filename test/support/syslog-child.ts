/**
 * The program of a small system log: prints each line that comes to the socket at its argument.
 *
 * Started by {@link startSyslog}. It waits in the system call, so that it is as quick as it can be;
 * whoever started it ends it by a signal. Prints "listening" when the socket takes lines.
 */
import { chmodSync, writeSync } from "node:fs";
import { bind, recv, socket } from "../../src/kernel/libc.ts";
import { AF_UNIX, SOCK_DGRAM } from "../../src/kernel/spec.ts";

const [path = ""] = process.argv.slice(2);
const STDOUT = 1;

const name = Buffer.from(path);
const address = Buffer.alloc(2 + name.length + 1);
address.writeUInt16LE(AF_UNIX);
address.set(name, 2);
const fd = socket(AF_UNIX, SOCK_DGRAM, 0);
if (bind(fd, address) < 0) throw new Error(`${path} cannot be bound`);
// The guard's process is nobody, and logs too.
chmodSync(path, 0o666);
writeSync(STDOUT, "listening\n");

const line = Buffer.alloc(8192);
for (;;) {
  const bytes = recv(fd, line);
  if (bytes < 0) process.exit(1);
  writeSync(STDOUT, `${line.toString("utf8", 0, bytes)}\n`);
}
