/**
 * Chains of the table, and the commands that put them in place of those that stand.
 *
 * All of it belongs into one transaction: flushed and filled again, no packet sees a chain empty.
 */
import { TABLE } from "./table-sets.ts";

export interface Chain {
  readonly name: string;
  /** The hook, for a base chain. */
  readonly hook?: string;
  /** Rules in their order; a line that begins with # is the reason for those below it. */
  readonly rules: readonly string[];
}

/**
 * @param others names of chains that may stand and are not wanted; none of `chains` among them.
 * @returns the commands after which `chains` stand and `others` do not.
 */
export function encodeChains(chains: readonly Chain[], others: readonly string[]): string[] {
  const all = (command: string, names: readonly string[]) =>
    names.map((name) => `${command} chain ${TABLE} ${name}`);
  return [
    "# Chains first and empty, so that rules may name any of them.",
    ...chains.map(({ name, hook }) => `add chain ${TABLE} ${name}${hook ? ` { ${hook} }` : ""}`),
    ...all(
      "flush",
      chains.map(({ name }) => name),
    ),
    `table ${TABLE} {`,
    ...chains.flatMap(({ name, rules }) => [
      `  chain ${name} {`,
      ...rules.map((rule) => `    ${rule}`),
      "  }",
    ]),
    "}",
    ...(others.length > 0
      ? ["# What other options need. Added first: to delete what does not stand is an error."]
      : []),
    ...all("add", others),
    // They name one another, so that none can be deleted before all are empty.
    ...all("flush", others),
    ...all("delete", others),
  ];
}
