/**
 * Reads the blocked files that an earlier PortSentry has left, once, at the first start.
 *
 * Six text files of 1.2, one a mode, and 2.x's binary file under the bare name, which its sample
 * puts into /tmp. What they say would shut people out, so a file that others than root may write is
 * not believed; and they say who was blocked once, not who is blocked now.
 */
import type { IpAddress } from "../../net/ip-address.ts";
import { isOwnersOnly, readFile } from "../trust/text-file.ts";
import { type BlockedForm, blockedPathOf, TEXT_MODES } from "./blocked-file.ts";
import { decodeBlockedBinary, parseBlockedText } from "./blocked-forms.ts";
import type { HistoryRecord } from "./history-line.ts";

/** A source of an old file; 2.x's has nothing but the address. */
type ImportedBlock = { readonly address: IpAddress } & Partial<HistoryRecord>;

/** One file that was there. */
export interface BlockedFinding {
  readonly path: string;
  readonly form: BlockedForm;
  readonly blocks: readonly ImportedBlock[];
  /** What was not read and why, for people; undefined: all of it was. */
  readonly fault: string | undefined;
}

/** @returns what was found at the value of BLOCKED_FILE; nothing for a file that is absent. */
export function readBlockedFiles(setting: string): BlockedFinding[] {
  return [...TEXT_MODES, "binary" as const].flatMap((form) => readOne(setting, form) ?? []);
}

function readOne(setting: string, form: BlockedForm): BlockedFinding | undefined {
  const path = blockedPathOf(setting, form);
  const file = readFile(path);
  if (file.status === "absent") return undefined;
  if (file.status === "unreadable") return { path, form, blocks: [], fault: file.reason };
  if (!isOwnersOnly(file.stats)) {
    const fault = `${path} can be written by others than root`;
    return { path, form, blocks: [], fault };
  }
  if (form === "binary") {
    const { addresses, unreadBytes } = decodeBlockedBinary(file.bytes);
    const fault =
      unreadBytes === 0
        ? undefined
        : `${path}: damaged from byte ${file.bytes.length - unreadBytes} on`;
    return { path, form, blocks: addresses.map((address) => ({ address })), fault };
  }
  const { records, faults } = parseBlockedText(file.bytes.toString());
  const fault = faults === 0 ? undefined : `${path}: damaged lines, passed over: ${faults}`;
  return { path, form, blocks: records, fault };
}
