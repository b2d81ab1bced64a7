/**
 * Gathers the texts of a portsentry.conf in profile portsentry: what PortSentry 1.2 or 2.x starts
 * with does not stop the start here, and whatever is not in force as it stands is a warning.
 *
 * No key is mandatory, though 1.2 wants IGNORE_FILE, HISTORY_FILE and BLOCKED_FILE and 2.x some
 * ports: each has a default here that does no harm. A number that is none is what atoi(3) makes of
 * it, but a port that is none is a fault, where 1.2 watches port 0 and 2.x any port at all.
 */

import type { Findings, Place } from "./findings.ts";
import { parsePortsentryFile } from "./parse-portsentry-file.ts";
import type { PlacedText } from "./placed-text.ts";
import { CONFIG_KEYS, isKeyName, type KeyName } from "./schema.ts";
import { describeUnknownKey, isFormerKey } from "./unknown-key.ts";

/** Adds to `texts` what `content`, the file at `path`, says. */
export function collectPortsentryFile(
  path: string,
  content: string,
  texts: Map<KeyName, PlacedText>,
  findings: Findings,
): void {
  const placeOf = (line: number): Place => ({ name: `${path}:${line}`, order: line });
  const { entries, unreadLines } = parsePortsentryFile(content);
  for (const line of unreadLines) {
    findings.warn(placeOf(line), 'not read: it is no KEY="value" and no comment');
  }
  if (entries.length === 0) {
    findings.warn(placeOf(1), "the file sets no key, so that nobody is shut out: is it whole?");
  }
  const firstLines = new Map<KeyName, number>();
  for (const { key, value, line, remarks } of entries) {
    const place = placeOf(line);
    if (isFormerKey(key)) {
      // Passing it over would change what somebody has asked us for, not PortSentry.
      findings.fault(place, describeUnknownKey(key));
      continue;
    }
    if (!isKeyName(key)) {
      findings.warn(place, `not read: ${describeUnknownKey(key)}`);
      continue;
    }
    const firstLine = firstLines.get(key);
    if (firstLine !== undefined) {
      findings.warn(place, `${key}: not read, because it is already set in line ${firstLine}`);
      continue;
    }
    // A line without quotes is the first, too: 1.2 looks no further.
    firstLines.set(key, line);
    for (const remark of remarks) findings.warn(place, `${key}: ${remark}`);
    if (value === undefined) continue;
    texts.set(key, { text: readAsPortSentry(key, value, place, findings), place });
  }
}

/** @returns `text`, or what PortSentry acts on in its place where it does not fit. */
function readAsPortSentry(key: KeyName, text: string, place: Place, findings: Findings): string {
  const { parse, asPortSentry } = CONFIG_KEYS[key];
  if (asPortSentry === undefined || parse(text).status === "ok") return text;
  const instead = asPortSentry(text);
  if (instead === undefined || parse(instead).status !== "ok") return text;
  findings.warn(place, `${key}: "${text}" is read as "${instead}", as in PortSentry`);
  return instead;
}
