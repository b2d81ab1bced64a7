/**
 * Inputs that are kept: one a file, in the folder of its target. What random changes do not come by
 * and what was found once is here; the tests try each of them, and the byte targets begin with them.
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

const FOLDER = join(import.meta.dirname, "corpus");

interface KeptInput {
  /** As "packets/empty.hex". */
  readonly name: string;
  readonly bytes: Buffer;
}

/** A file *.hex is spaced hexadecimal digits under comments; of others it is what they hold. */
export function keptInputs(target: string): KeptInput[] {
  return globSync(`${target}/*`, { cwd: FOLDER })
    .sort()
    .map((name) => {
      const text = readFileSync(join(FOLDER, name));
      return { name, bytes: name.endsWith(".hex") ? bytesOf(text.toString()) : text };
    });
}

/** @throws for what are no digits: a mistake in a file. */
function bytesOf(text: string): Buffer {
  const digits = text.replaceAll(/#.*/g, "").replaceAll(/\s/g, "");
  if (!/^(?:[\da-f]{2})*$/.test(digits)) throw new Error(`no octets: ${text}`);
  return Buffer.from(digits, "hex");
}
