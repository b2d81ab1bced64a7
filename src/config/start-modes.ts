/**
 * Reads /etc/default/portsentry, where Debian keeps the modes that PortSentry is started with.
 *
 * It is a shell script. Assignments of plain words are read, as people and debconf write them;
 * anything that a shell would have to work out is not, and is told. Of two the last counts.
 */
import { AFTER_THE_FILE, type Findings, type Place } from "./findings.ts";
import type { PlacedText } from "./placed-text.ts";
import { readSmallFile } from "./read-small-file.ts";

/** Debian's file. */
export const DEFAULT_MODES_PATH = "/etc/default/portsentry";

/** A shell script that sets two variables is a few lines; what is longer is something else. */
const MAX_FILE_KIB = 64;

const ASSIGNMENT = /^\s*(?:export\s+)?(TCP_MODE|UDP_MODE)=(.*)$/;

/** In double quotes, in single quotes, or bare; then nothing but blanks, ";" and a comment. */
const PLAIN_WORD = /^(?:"([^"$`\\]*)"|'([^']*)'|([A-Za-z0-9_.-]*))\s*;?\s*(?:#.*)?$/;

export interface StartModes {
  readonly TCP_MODE?: PlacedText;
  readonly UDP_MODE?: PlacedText;
}

/** @returns nothing when there is no such file; a file that cannot be read is a fault. */
export function readStartModes(path: string, findings: Findings): StartModes {
  const file = readSmallFile(path, MAX_FILE_KIB);
  if (file.status === "read") return parseStartModes(file.text, path, findings);
  if (file.status === "unreadable") {
    findings.fault({ name: path, order: AFTER_THE_FILE }, file.reason);
  }
  return {};
}

function parseStartModes(content: string, path: string, findings: Findings): StartModes {
  const modes: { TCP_MODE?: PlacedText; UDP_MODE?: PlacedText } = {};
  for (const [index, line] of content.split(/\r?\n/).entries()) {
    const assignment = ASSIGNMENT.exec(line);
    if (assignment === null) continue;
    const key = assignment[1] as keyof StartModes;
    const place: Place = { name: `${path}:${index + 1}`, order: AFTER_THE_FILE };
    const word = PLAIN_WORD.exec(assignment[2] as string);
    if (word === null) findings.warn(place, `${key}: not read: only a plain value is, "atcp"`);
    else modes[key] = { text: word[1] ?? word[2] ?? word[3] ?? "", place };
  }
  return modes;
}
