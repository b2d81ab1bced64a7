/**
 * The commands of packet filters that shut somebody out, and their inverses.
 *
 * A rule is taken away by its own words, never by its number, because numbers move. What cannot be
 * named by its own words has no inverse: "nft add rule" (a handle is needed), "ipfw add 1" (every
 * rule of that number would go). ipchains and ipfwadm are in PortSentry's sample file, and have no
 * way to ask whether a rule stands.
 */
import type { CommandShape } from "./command-shape.ts";
import { withWord } from "./route-shapes.ts";
import type { ShellWord, SimpleCommand } from "./shell-words.ts";

/** Options that make of a line something else than one new rule. */
const OTHER_RULE_COMMANDS =
  /^(?:-[CDEFLNPRSXZc]|--(?:delete|replace|flush|zero|new-chain|policy|set-counters).*)$/;

/** iptables(8), ip6tables(8), ipchains(8): `-I CHAIN [N] SPEC` and `-A CHAIN SPEC`. */
export function ruleShapeOf(command: SimpleCommand): CommandShape | undefined {
  const values = command.map(({ value }) => value);
  const isVerb = (value: string): boolean => /^(?:-I|-A|--insert|--append)$/.test(value);
  const verbAt = values.findIndex(isVerb);
  const chain = command[verbAt + 1];
  if (verbAt < 1 || chain === undefined || values.slice(verbAt + 1).some(isVerb)) return undefined;
  if (values.some((value) => OTHER_RULE_COMMANDS.test(value))) return undefined;
  const isNumbered = /^(?:-I|--insert)$/.test(values[verbAt] ?? "");
  const specAt = isNumbered && /^\d+$/.test(values[verbAt + 2] ?? "") ? verbAt + 3 : verbAt + 2;
  const before = command.slice(0, verbAt);
  const withVerb = (verb: string): string =>
    textOf([...before, { text: verb, value: verb }, chain, ...command.slice(specAt)]);
  const undo = withVerb("-D");
  if (programOf(command) === "ipchains") return { undo, check: undefined };
  const listing = `${textOf(before)} -S ${chain.text}`;
  return { undo, check: { kind: "command", text: withVerb("-C"), listing } };
}

/** ipfwadm(8): `-I|-O|-F -i|-a POLICY SPEC`, taken away with `-d`. */
export function ipfwadmShapeOf(command: SimpleCommand): CommandShape | undefined {
  const values = command.map(({ value }) => value);
  const isAdding = /^-[IOF]$/.test(values[1] ?? "") && /^-[ia]$/.test(values[2] ?? "");
  return isAdding ? { undo: withWord(command, 2, "-d"), check: undefined } : undefined;
}

/**
 * nft(8): `add element FAMILY TABLE SET { ELEMENT }`, in words or as one quoted word. Of several
 * elements the others may belong to somebody else, so that there must be one.
 */
export function nftShapeOf(command: SimpleCommand): CommandShape | undefined {
  const [program, first, ...others] = command;
  const line = command.slice(1).map(({ value }) => value);
  const isOneElement = /^add +element [^{};,]+\{[^{};,]+\}$/.test(line.join(" "));
  if (first === undefined || !isOneElement || !/^['"]?add\b/.test(first.text)) return undefined;
  const withVerb = (verb: string): string =>
    textOf([program, { text: first.text.replace("add", verb), value: "" }, ...others]);
  return {
    undo: withVerb("delete"),
    check: { kind: "command", text: withVerb("get"), listing: undefined },
  };
}

/** ipset(8): `add SET ENTRY [options]`; the options are of the adding alone. */
export function ipsetShapeOf(command: SimpleCommand): CommandShape | undefined {
  const values = command.map(({ value }) => value);
  const verbAt = values.findIndex((value, at) => at > 0 && !/^-(?:exist|!|quiet|q)$/.test(value));
  const set = command[verbAt + 1];
  const entry = command[verbAt + 2];
  const isAdding = verbAt > 0 && /^(?:add|-A|--add)$/.test(values[verbAt] ?? "");
  if (!isAdding || set === undefined || entry === undefined) return undefined;
  const withVerb = (verb: string): string =>
    textOf([...command.slice(0, verbAt), { text: verb, value: verb }, set, entry]);
  return {
    undo: withVerb("del"),
    check: { kind: "command", text: withVerb("test"), listing: undefined },
  };
}

/** @returns the program's name without its folder. */
export function programOf([program]: SimpleCommand): string {
  return program.value.slice(program.value.lastIndexOf("/") + 1);
}

function textOf(words: readonly ShellWord[]): string {
  return words.map(({ text }) => text).join(" ");
}
