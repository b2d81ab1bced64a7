/**
 * The token of the API on TCP: a file that root reads, and makes where it is not there.
 *
 * The guard, which answers there, gets its SHA-256 and no more. Who may read the file may do what
 * the API can, so that one that everybody can read is not used, nor one that others can have
 * written.
 */
import { createHash, randomBytes } from "node:crypto";
import { isSystemError } from "../errors.ts";
import { replaceFile } from "./replace-file.ts";
import { isOwnersOnly, readFile } from "./trust/text-file.ts";

/** Random bytes of a token that we make: 256 bits. */
const TOKEN_BYTES = 32;

/**
 * Letters of a token (RFC 6750 section 2.1). 32 random hexadecimal digits have 128 bits; the guard
 * looks at no more than 512.
 */
const TOKEN = /^[\w.~+/-]{32,512}$/;

const OTHERS_READ_BIT = 0o004;

export type TokenReading =
  | {
      readonly status: "read";
      /** SHA-256, as hexadecimal digits. */
      readonly hash: string;
    }
  /** With the path, and without a full stop. */
  | { readonly status: "refused"; readonly reason: string };

/**
 * Reads the token at `path`; makes one that its owner and `gid` may read where there is no file.
 * @param gid undefined: the process's own group.
 */
export function openApiToken(path: string, gid: number | undefined): TokenReading {
  const reading = readApiToken(path);
  if (reading.status !== "absent") return reading;
  const fault = writeToken(path, gid);
  if (fault !== undefined) return { status: "refused", reason: fault };
  const made = readApiToken(path);
  return made.status === "absent" ? { status: "refused", reason: `${path} is gone` } : made;
}

/** Reads the token at `path`, and makes none. */
export function readApiToken(path: string): TokenReading | { readonly status: "absent" } {
  const reading = readFile(path);
  if (reading.status === "absent") return { status: "absent" };
  if (reading.status === "unreadable") return { status: "refused", reason: reading.reason };
  const { stats, bytes } = reading;
  if (!isOwnersOnly(stats)) {
    return { status: "refused", reason: `${path} can be written by others than its owner, root` };
  }
  if ((stats.mode & OTHERS_READ_BIT) !== 0) {
    return { status: "refused", reason: `${path} can be read by everybody (chmod o= ${path})` };
  }
  const token = bytes.toString("latin1").trim();
  if (!TOKEN.test(token)) {
    const what = "one line of 32 to 512 letters, digits and the signs - _ . ~ + /";
    return { status: "refused", reason: `${path} has no token, which is ${what}` };
  }
  return { status: "read", hash: createHash("sha256").update(token).digest("hex") };
}

/** @returns why there is none. */
function writeToken(path: string, gid: number | undefined): string | undefined {
  const token = randomBytes(TOKEN_BYTES).toString("base64url");
  const uid = process.geteuid?.() ?? 0;
  const owner = { uid, gid: (uid === 0 ? gid : undefined) ?? process.getegid?.() ?? 0 };
  try {
    replaceFile(path, `${token}\n`, true, { ...owner, mode: 0o640 });
    return undefined;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return `${path} cannot be made (${error.code ?? error.message})`;
  }
}
