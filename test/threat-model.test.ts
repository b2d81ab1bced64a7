/** Holds the threat model of SECURITY.md against the tests that it names, and the code's numbers. */
import { describe, expect, it } from "vitest";
import { MAX_BODY_BYTES, MAX_CONNECTIONS } from "../src/api/server.ts";
import * as blockLog from "../src/broker/legacy/block-log.ts";
import * as historyFile from "../src/broker/legacy/history-file.ts";
import { MAX_BATCH, MAX_LINE_BYTES } from "../src/broker/protocol.ts";
import * as hostNames from "../src/broker/trust/host-names.ts";
import { MAX_HOSTS } from "../src/broker/trust/outgoing.ts";
import { MAX_TRUSTED } from "../src/broker/trust/trust-file.ts";
import { CONFIG_KEYS, isKeyName, type KeyName } from "../src/config/schema.ts";
import * as names from "../src/daemon/dialects/resolve-host.ts";
import { LINES_A_SECOND } from "../src/daemon/vedette-events.ts";
import { DELETED_AT_ONCE } from "../src/journal/retention.ts";
import { MAX_PARTING } from "../src/kernel/parting-connections.ts";
import { SOURCE_CAPACITY } from "../src/kernel/table-sets.ts";
import { HOLD_BURST, HOLDS_AN_HOUR } from "../src/kernel/table-suspicion.ts";
import { NETWORK_BURST } from "../src/proof/send-budget.ts";
import { faultsOf, numbering, rowsOf } from "./support/named-tests.ts";

const DOCUMENT = "SECURITY.md";

/** Cells: can or cannot, what, what bounds it, tests. */
const rows = rowsOf(DOCUMENT, "FSUGW");

/** "1,000" for 1000. */
const inWords = (count: number): string => count.toLocaleString("en-US");

const UNITS = [
  { ending: "s", unit: "s" },
  { ending: "m", unit: "minute" },
  { ending: "h", unit: "hour" },
  { ending: "d", unit: "days" },
] as const;

/** The default of a key as people write it: "10 s", "1,000", "1 minute". */
function defaultOf(key: KeyName): string {
  const value = CONFIG_KEYS[key].defaults.vedette;
  if (/^\d+$/.test(value)) return inWords(Number(value));
  const { unit } = UNITS.find(({ ending }) => value.endsWith(ending)) ?? { unit: "" };
  return `${Number.parseInt(value, 10)} ${unit}`;
}

/** What rows say in numbers, each as the code has it. */
const NUMBERS: Readonly<Record<string, readonly string[]>> = {
  F2: [`${defaultOf("HOLD_TIME")} (`, `${HOLD_BURST} at once and then ${HOLDS_AN_HOUR} an hour`],
  F4: [`${defaultOf("CLAIMED_BANS")} a minute (`, `${defaultOf("BAN_TIME_CLAIMED")} each (`],
  F6: [
    `\`${CONFIG_KEYS.BAN_TIME_ALIVE.defaults.vedette}\` (`,
    `within ${defaultOf("REPEAT_WITHIN")} (`,
  ],
  F11: [`a /${defaultOf("IPV6_PREFIX")} is one source`],
  F14: [
    `${defaultOf("CHALLENGE_RATE")} a second (`,
    `of them ${NETWORK_BURST} and then 1 a second`,
    `${defaultOf("PHANTOM_RATE")} a second (`,
  ],
  F15: [`${defaultOf("MAX_SOURCES")} sources (`],
  F17: [`${inWords(SOURCE_CAPACITY)} sources`],
  F18: [`${defaultOf("NFLOG_RATE")} of his own a second`],
  F20: [`${LINES_A_SECOND} lines of probes a second`],
  F21: [`${DELETED_AT_ONCE} a second`, `${historyFile.LINES_A_MINUTE} lines a minute`],
  F23: [`${names.MAX_QUESTIONS} questions at once, ${names.ANSWER_WITHIN_MS / 1000} s each`],
  F24: [`${defaultOf("HOOK_QUEUE")} waiting (`, `${defaultOf("HOOK_TIMEOUT")} each (`],
  F26: [`${hostNames.MAX_NAMES} names`],
  S3: [
    `\`SCORE_HALF_LIFE\` ${Number.parseInt(CONFIG_KEYS.SCORE_HALF_LIFE.defaults.vedette, 10)} h`,
  ],
  S11: [`${MAX_PARTING} are kept`],
  U4: [`${MAX_CONNECTIONS} connections, ${inWords(MAX_BODY_BYTES)} bytes`],
  U10: [`${inWords(MAX_HOSTS)} hosts`],
  U13: [`for ${defaultOf("GRACE")}s after (`],
  G2: [`${defaultOf("CLAIMED_BANS")} on a claim (`],
  G6: [`${inWords(MAX_TRUSTED)} in all`],
  G9: [`${blockLog.LINES_A_MINUTE} lines of the history and of the block log`],
  G10: [`of ${MAX_BATCH} items`],
  G11: [`a line of ${inWords(MAX_LINE_BYTES)} bytes`],
};

describe(DOCUMENT, () => {
  it.each([..."FSUGW"])(
    "has a row for each number of %s, in order, and both kinds of them",
    (letter) => {
      const { names: found, expected } = numbering(rows, letter);
      expect(found.length).toBeGreaterThan(5);
      expect(found).toEqual(expected);
      const kinds = rows.filter(({ name }) => name.startsWith(letter)).map(({ cells }) => cells[0]);
      expect(new Set(kinds)).toEqual(new Set(["can", "cannot"]));
    },
  );

  it.each(rows)(
    "$name says what can be done or not, how far, and which tests show it",
    ({ cells }) => {
      expect(cells).toHaveLength(4);
      expect(cells.filter((cell) => cell === "")).toEqual([]);
      expect(faultsOf(cells[3] ?? "")).toEqual([]);
    },
  );

  it.each(Object.entries(NUMBERS))("%s has the code's numbers: %j", (name, pieces) => {
    const said = rows
      .find((row) => row.name === name)
      ?.cells.slice(1, 3)
      .join(" ");
    for (const piece of pieces) expect(said).toContain(piece);
  });

  it("names no key that does not exist", () => {
    const keys = rows
      .flatMap(({ cells }) => cells.slice(1, 3))
      .flatMap((cell) => [...cell.matchAll(/`([A-Z][A-Z0-9_]+)(?:="[^"]*")?`/g)])
      .map(([, key = ""]) => key);
    expect(keys.length).toBeGreaterThan(20);
    expect(keys.filter((key) => !isKeyName(key))).toEqual([]);
  });
});
