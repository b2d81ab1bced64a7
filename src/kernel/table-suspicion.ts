/**
 * From a probe to suspicion and hold: the second different unused port within a minute, or one trap
 * port, holds its source.
 *
 * `seen` has the ports that hold nobody any more: the one that made a source a suspect and the one
 * that each hold was for. A port in it is renewed together with the suspicion whenever it is hit,
 * so that it never expires first: a health check of dead ports holds once and not for ever.
 *
 * What a hostile sender can do here: fill the sets with forged addresses (bounded by their sizes,
 * counted in `full`; then holds are blind and the verdict is what is left), and name an innocent
 * (held for `holdSeconds`, five times and then 6 times an hour, and not at all when there is no
 * room left in which to count its holds).
 */
import type { Chain } from "./table-chain.ts";
import type { TableOptions } from "./table-options.ts";
import type { SourceKey } from "./table-source-keys.ts";

/** How long (s) a suspect stays one; a port in `seen` outlives it, or it could count twice. */
export const SUSPECT_SECONDS = 60;
export const SEEN_SECONDS = SUSPECT_SECONDS + 1;

/**
 * Holds that one source may get: this many at once, then so many an hour. Five of ten seconds and
 * the sixth after ten minutes are a minute within any ten, for whoever is framed without pause. A
 * scanner is banned by its verdict long before it has used them up.
 */
export const HOLD_BURST = 5;
export const HOLDS_AN_HOUR = 6;

/** How long (s) it is remembered how often a source was held, from the last time on. */
export const BUDGET_SECONDS = 600;

/** Ports that one honest act touches together count once: they are one port in `seen`. */
export interface PortFamily {
  /** Suffix of the chains. */
  readonly name: string;
  readonly ports: string;
  /** Stands for the transport and for the port in `seen`; no packet has transport 0. */
  readonly key: readonly [transport: string, port: string];
}

/** Every family there is. */
export const PORT_FAMILIES: readonly PortFamily[] = [
  {
    name: "_mail",
    ports: "110, 143, 465, 587, 993, 995",
    key: ["meta l4proto & 0", "th dport & 0"],
  },
  { name: "_smb", ports: "139, 445", key: ["meta l4proto & 0", "th dport & 0 | 1"] },
];

/** A port that is a family of its own. */
const SINGLE_PORT: Pick<PortFamily, "name" | "key"> = {
  name: "",
  key: ["meta l4proto", "th dport"],
};

/** @returns no chains when nobody is held. */
export function suspicionChains(key: SourceKey, options: TableOptions): Chain[] {
  switch (options.holdAfter) {
    case "off":
      return [];
    case 1:
      return [
        { name: `judge${key.chain}`, rules: [`goto hold${key.chain}`] },
        holdChain(key, options.holdSeconds, "report_hold"),
      ];
    case 2:
      return [
        judgeChain(key, options.trapPorts.size > 0),
        ...[SINGLE_PORT, ...PORT_FAMILIES].map((family) => firstChain(key, family)),
        holdChain(key, options.holdSeconds, `caught${key.chain}`),
        caughtChain(key),
      ];
  }
}

function judgeChain({ chain }: SourceKey, hasTraps: boolean): Chain {
  return {
    name: `judge${chain}`,
    rules: [
      ...(hasTraps ? [`tcp dport @traps goto hold${chain}`] : []),
      ...PORT_FAMILIES.map(({ name, ports }) => `th dport { ${ports} } goto first${chain}${name}`),
      `goto first${chain}`,
    ],
  };
}

/** Whether this is a first port, a known one or another one. */
function firstChain(
  { chain, version, expression }: SourceKey,
  family: Pick<PortFamily, "name" | "key">,
): Chain {
  const port = portKey(expression, family.key);
  const seen = `@seen${version} { ${port} timeout ${SEEN_SECONDS}s }`;
  const suspect = `@suspect${version} { ${expression} timeout ${SUSPECT_SECONDS}s }`;
  return {
    name: `first${chain}${family.name}`,
    rules: [
      "# A known port again: one dead port never holds. It lives as long as the suspicion does.",
      `${port} @seen${version} update ${seen} update ${suspect} goto report`,
      `${expression} @suspect${version} goto hold${chain}`,
      `add ${seen} add ${suspect} goto report`,
      'counter name "full" goto report',
    ],
  };
}

/** @param next the chain to which a packet goes that has held its source. */
function holdChain(
  { chain, version, expression }: SourceKey,
  holdSeconds: number,
  next: string,
): Chain {
  return {
    name: `hold${chain}`,
    rules: [
      `update @suspect${version} { ${expression} timeout ${SUSPECT_SECONDS}s }`,
      `${expression} @held${version} goto report`,
      "# A forger who names an innocent shuts it out for a minute, not for ever.",
      `update @budget${version} { ${expression} timeout ${BUDGET_SECONDS / 60}m limit rate over ${HOLDS_AN_HOUR}/hour burst ${HOLD_BURST} packets } goto report`,
      "# No room to count its holds, no hold: a full set must not take the bound away.",
      `${expression} != @budget${version} counter name "full" goto report`,
      "# Add, never update: no packet renews or shortens a hold. A rule of its own, because a full",
      "# set breaks the rule that it stands in.",
      `add @held${version} { ${expression} timeout ${holdSeconds}s } counter name "holds" goto ${next}`,
      'counter name "full" goto report',
    ],
  };
}

/** Where a new hold makes its port a known one. */
function caughtChain({ chain, version, expression }: SourceKey): Chain {
  const know = (key: PortFamily["key"]) =>
    `update @seen${version} { ${portKey(expression, key)} timeout ${SEEN_SECONDS}s } goto report_hold`;
  return {
    name: `caught${chain}`,
    rules: [
      "# Two dead ports checked for ever hold once. One element a hold: no scan fills the set.",
      ...PORT_FAMILIES.map(({ ports, key }) => `th dport { ${ports} } ${know(key)}`),
      know(SINGLE_PORT.key),
      "goto report_hold",
    ],
  };
}

/** The key of `seen`: transport, source, port. */
function portKey(source: string, [transport, port]: PortFamily["key"]): string {
  return `${transport} . ${source} . ${port}`;
}
