/** Ignore files and trust files as somebody with a broken editor writes them. */
import fc from "fast-check";
import { parseIgnoreFile } from "../../../src/broker/trust/ignore-file.ts";
import { parseTrustLine } from "../../../src/broker/trust/trust-file.ts";
import { parsePrefix } from "../../../src/net/prefix.ts";
import { isPrintable, mutatedText } from "../mutated-text.ts";
import { fuzzTarget, promise } from "../target.ts";

const lines = fc.constantFrom(
  "192.0.2.7",
  "192.0.2.0/24 # friends",
  "2001:db8::/32",
  "fe80::1%eth0",
  "0.0.0.0/0",
  "::ffff:192.0.2.0/120",
  "10.0.0.0/255.0.0.0",
  "host.example.org",
  "192.0.2.9 until 2026-11-23T12:00:00Z  # for a while",
  "# nothing",
  "",
);
const seeds = fc
  .tuple(fc.array(lines, { maxLength: 20 }), fc.constantFrom("\n", "\r\n", "\r"))
  .map(([each, ending]) => each.join(ending));

export const ignoreFilesTarget = fuzzTarget("ignore-files", mutatedText(seeds), check, String);

function check(text: string): void {
  const { entries, names, faults } = parseIgnoreFile(text, "f");
  const lineCount = text.split(/\r\n|\r|\n/).length;
  promise(entries.length + names.length <= lineCount, "more entries than lines");
  promise(faults.length <= 2 * lineCount, "more than two faults a line");
  for (const { prefix } of entries) {
    promise(parsePrefix(prefix) === prefix, `an entry that is no prefix: ${prefix}`);
  }
  for (const fault of faults) {
    promise(/^f:\d+: /.test(fault) && isPrintable(fault), `a fault: ${JSON.stringify(fault)}`);
  }
  const again = parseIgnoreFile(entries.map(({ prefix }) => prefix).join("\n"), "f");
  const isSame = again.entries.every(({ prefix }, index) => prefix === entries[index]?.prefix);
  promise(isSame && again.entries.length === entries.length, "entries that do not read back");
  for (const line of text.split("\n")) {
    const { kind } = parseTrustLine(line);
    promise(["trust", "comment", "fault"].includes(kind), `a line that is ${kind}`);
  }
}
