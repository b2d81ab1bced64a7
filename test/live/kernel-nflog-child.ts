/**
 * The unprivileged half of the NFLOG scene: reads from descriptor 3 until it has seen what it
 * expects, then prints that as JSON. It must end by itself.
 */
import { readFileSync } from "node:fs";
import { OperationalError } from "../../src/errors.ts";
import { openNflog } from "../../src/kernel/nflog.ts";
import { NflogReader } from "../../src/kernel/nflog-reader.ts";

const INHERITED_FD = 3;
const EXPECTED_PACKETS = 60;

const ports: Record<string, number> = {};
const reader = new NflogReader(INHERITED_FD, (buffer, start, end, isHold) => {
  // The payload begins with an IPv4 header of 20 bytes; the destination port is 2 bytes further on.
  const key = `${buffer.readUInt16BE(start + 22)} ${end - start} bytes${isHold ? " hold" : ""}`;
  ports[key] = (ports[key] ?? 0) + 1;
  if (reader.counts().packets === EXPECTED_PACKETS) void report();
});

function openOwnGroup(): string {
  try {
    openNflog({ group: 4243, snapBytes: 160 });
    return "opened";
  } catch (error) {
    return error instanceof OperationalError ? error.code : String(error);
  }
}

async function report(): Promise<void> {
  await reader.stop();
  const status = readFileSync("/proc/self/status", "utf8");
  const observed = {
    uid: process.getuid?.(),
    capabilities: /^CapEff:\t(\w+)$/m.exec(status)?.[1],
    ownGroup: openOwnGroup(),
    ports,
    counts: reader.counts(),
  };
  process.stdout.write(JSON.stringify(observed));
}

reader.start();
// White space before the JSON: tells the parent that packets may come.
process.stdout.write("\n");
