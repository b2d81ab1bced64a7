/**
 * The rules of this machine, whoever made them, as far as they concern a sentry.
 *
 * Read from nft's own listing, with numbers for every name (nft(8), -n). Only what is asked about is
 * understood; a rule that this does not know says nothing. Sets are not followed, so that answers
 * are "may", never "does".
 */
import { TABLE } from "../../kernel/table-sets.ts";

/** One chain of the listing. */
export interface Chain {
  /** "inet filter". */
  readonly table: string;
  readonly name: string;
  /** Where packets come to it; undefined for a chain that others jump to. */
  readonly base: ChainBase | undefined;
  /** Its rules, in nft's words, one a line. */
  readonly rules: readonly string[];
}

interface ChainBase {
  readonly hook: string;
  /** The lower, the earlier. */
  readonly priority: number;
  readonly drops: boolean;
}

export interface Ruleset {
  readonly chains: readonly Chain[];
  /** Tables with a flowtable: what it has offloaded passes no chain any more. */
  readonly offloading: readonly string[];
}

const BASE = /^type \S+ hook (\S+) .*?priority (-?\d+);(?: policy (\w+);)?/;

/** @param listing of `nft -n -s -t list ruleset`. */
export function parseRuleset(listing: string): Ruleset {
  const chains: { table: string; name: string; base: ChainBase | undefined; rules: string[] }[] =
    [];
  const offloading = new Set<string>();
  let table = "";
  let isInChain = false;
  for (const line of listing.split("\n")) {
    const opened = /^table (\S+ \S+) \{$/.exec(line)?.[1];
    const chain = /^\tchain (\S+) \{/.exec(line)?.[1];
    const content = /^\t\t(\S.*)$/.exec(line)?.[1];
    const current = chains.at(-1);
    if (opened !== undefined) table = opened;
    else if (/^\tflowtable /.test(line)) offloading.add(table);
    else if (chain !== undefined) {
      isInChain = true;
      chains.push({ table, name: chain, base: undefined, rules: [] });
    } else if (line === "\t}") isInChain = false;
    else if (content !== undefined && isInChain && current !== undefined) {
      const base = BASE.exec(content);
      if (base === null) current.rules.push(content);
      else {
        const [, hook = "", priority, policy] = base;
        current.base = { hook, priority: Number(priority), drops: policy === "drop" };
      }
    }
  }
  return { chains, offloading: [...offloading] };
}

/** The rules that a packet in `chain` may come to, through jumps too; each chain once. */
export function rulesFrom(chain: Chain, { chains }: Ruleset): string[] {
  const seen = new Set([chain]);
  for (const each of seen) {
    for (const rule of each.rules) {
      for (const [, name] of rule.matchAll(/\b(?:jump|goto) (\S+?)(?=[\s,}]|$)/g)) {
        const next = chains.find((other) => other.table === each.table && other.name === name);
        if (next !== undefined) seen.add(next);
      }
    }
  }
  return [...seen].flatMap(({ rules }) => rules);
}

/** Base chains of others than us at one of these hooks. */
export function foreignChains({ chains }: Ruleset, hooks: readonly string[]): Chain[] {
  return chains.filter(
    ({ table, base }) => table !== TABLE && base !== undefined && hooks.includes(base.hook),
  );
}

/** A verdict that ends a packet. */
export function dropsSomething(rule: string): boolean {
  return /(?:^|\s)(?:drop|reject)\b/.test(withoutTexts(rule));
}

/** Does it do so with every packet that comes to it? */
export function dropsEverything(rule: string): boolean {
  const also = /^(?:counter |log (?:(?:prefix|level|group|snaplen|queue-threshold|flags) \S+ )*)*/;
  return /^(?:drop|reject\b.*)$/.test(withoutTexts(rule).replace(also, ""));
}

/** Ports that rules send elsewhere (DNAT), as container engines do; ascending, ranges spelled out. */
export function publishedPorts({ chains }: Ruleset): number[] {
  const ports = new Set<number>();
  for (const rule of chains.flatMap(({ rules }) => rules)) {
    const matched = /\bdport (?:\{([^}]*)\}|(\d[\d-]*))[^{}]*\bdnat\b/.exec(rule);
    for (const word of (matched?.[1] ?? matched?.[2] ?? "").split(",")) {
      const [first = 0, last = first] = word.trim().split("-").map(Number);
      for (let port = first; port > 0 && port <= last && last < 65_536; port++) ports.add(port);
    }
  }
  return [...ports].sort((a, b) => a - b);
}

/** The rule without what people have written into it: prefixes of log lines and comments. */
export function withoutTexts(rule: string): string {
  return rule
    .replace(/ comment ".*"$/, "")
    .replace(/"[^"]*"/g, (text) => (text === '"lo"' ? text : '""'));
}
