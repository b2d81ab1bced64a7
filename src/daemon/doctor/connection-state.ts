/**
 * What rules do with packets by the state of their connection, in every spelling that nft lists.
 *
 * As with all of a listing, answers are "may": what else a rule asks for, such as an interface, may
 * exclude the packets that matter here.
 */
import {
  type Chain,
  dropsEverything,
  dropsSomething,
  type Ruleset,
  rulesFrom,
  withoutTexts,
} from "./ruleset.ts";

/** Bits of a connection's state as nft prints them (linux/netfilter/nf_conntrack_common.h). */
const STATE_BITS: Readonly<Record<string, number>> = {
  invalid: 0x1,
  established: 0x2,
  related: 0x4,
  new: 0x8,
  untracked: 0x40,
};
const INVALID = 0x1;
const NEW = 0x8;
const UNTRACKED = 0x40;

/** One state, several, or a set of them: "0x1", "0x1,0x2", "0x1 | 0x2", "{ 0x1, 0x2 }". */
const STATES = String.raw`\{[^}]*\}|\(?\w+(?:\s*[,|]\s*\w+)*\)?`;
const COMPARED = new RegExp(String.raw`\bct state (==|!=|!|) ?(${STATES})(?: / (${STATES}))?`);
const MASKED = new RegExp(String.raw`\bct state & (${STATES}) (==|!=) (${STATES})`);

/** Conditions that answers to a guard's questions, which come to any port from anywhere, fail. */
const NARROW = /\b(?:[sd]port|saddr|daddr|limit|mark)\b|\biif(?:name)? (?:1|"?lo"?)(?=\s)/;

/** May what comes to `chain` be dropped because it belongs to no connection? */
export function dropsInvalid(chain: Chain, ruleset: Ruleset): boolean {
  const rules = rulesFrom(chain, ruleset);
  return (
    rules.some((rule) => isDropOfInvalid(rule, chain, ruleset)) || letsInAllButInvalid(chain, rules)
  );
}

/** Does the rule let pass what connection tracking was told to leave alone? */
export function acceptsUntracked(rule: string): boolean {
  return namesState(rule) && verdictOn(rule, UNTRACKED) === "accept";
}

function isDropOfInvalid(rule: string, { table }: Chain, ruleset: Ruleset): boolean {
  if (!namesState(rule)) return false;
  const verdict = verdictOn(rule, INVALID);
  if (verdict === "drop" || verdict === "reject") return true;
  const name = /^(?:jump|goto) (\S+)$/.exec(verdict ?? "")?.[1];
  const next = ruleset.chains.find((other) => other.table === table && other.name === name);
  if (next === undefined) return false;
  return rulesFrom(next, ruleset).some(
    (other) => dropsSomething(other) && verdictOn(other, INVALID) !== undefined,
  );
}

/** Closed, and what opens it for new connections leaves out what belongs to none. */
function letsInAllButInvalid(chain: Chain, rules: readonly string[]): boolean {
  const isClosed = chain.base?.drops === true || rules.some(dropsEverything);
  const isLetIn = (rule: string, bit: number) =>
    verdictOn(rule, bit) === "accept" && !NARROW.test(withoutTexts(rule));
  return (
    isClosed &&
    rules.some((rule) => namesState(rule) && isLetIn(rule, NEW)) &&
    !rules.some((rule) => isLetIn(rule, INVALID))
  );
}

function namesState(rule: string): boolean {
  return /\bct state\b/.test(withoutTexts(rule));
}

/** What the rule does with packets of that state; undefined when it goes on to the next one. */
function verdictOn(rule: string, bit: number): string | undefined {
  const words = withoutTexts(rule);
  const map = /\bct state vmap \{([^}]*)\}/.exec(words)?.[1];
  if (map !== undefined) {
    const entries = map.split(",").map((entry) => entry.split(":").map((word) => word.trim()));
    return entries.find(([state = ""]) => (bitsOf(state) & bit) !== 0)?.[1];
  }
  if (!matchesState(words, bit)) return undefined;
  return /(?:^|\s)(accept|drop|reject|(?:jump|goto) \S+)(?=\s|$)/.exec(words)?.[1];
}

/** True, too, of a rule that asks for no state. */
function matchesState(words: string, bit: number): boolean {
  const masked = MASKED.exec(words);
  if (masked !== null) {
    const [, mask = "", comparison, value = ""] = masked;
    return ((bit & bitsOf(mask)) === bitsOf(value)) === (comparison === "==");
  }
  const compared = COMPARED.exec(words);
  if (compared === null) return true;
  const [, comparison, states = "", mask] = compared;
  const isOne =
    mask === undefined ? (bitsOf(states) & bit) !== 0 : (bit & bitsOf(mask)) === bitsOf(states);
  return isOne === (comparison === "" || comparison === "==");
}

/** "0x1,0x2", "{ invalid, related }", "(0x1 | 0x2)". */
function bitsOf(text: string): number {
  const words = text.split(/[\s,|{}()]+/);
  return words.reduce((bits, word) => bits | (STATE_BITS[word] ?? (Number(word) || 0)), 0);
}
