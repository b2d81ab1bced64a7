/** Which campaigns are listed: what the page's address says, and what the API is asked for. */

export interface Filter {
  readonly verdict: string;
  readonly since: string;
  readonly address: string;
}

export const VERDICT_NAMES = [
  { value: "", name: "All" },
  { value: "scan", name: "Scans" },
  { value: "undecided", name: "Undecided" },
  { value: "benign", name: "Benign" },
] as const;

export const SINCE_NAMES = [
  { value: "1h", name: "1 h" },
  { value: "24h", name: "24 h" },
  { value: "7d", name: "7 d" },
  { value: "", name: "Any time" },
] as const;

const SINCE_MS: Readonly<Record<string, number>> = {
  "1h": 3_600_000,
  "24h": 86_400_000,
  "7d": 604_800_000,
};

/** What is not known narrows nothing. */
export function filterOf(query: Readonly<Record<string, string>>): Filter {
  const of = (choices: readonly { readonly value: string }[], text: string | undefined): string =>
    choices.find(({ value }) => value === text)?.value ?? "";
  return {
    verdict: of(VERDICT_NAMES, query["verdict"]),
    since: of(SINCE_NAMES, query["since"]),
    address: query["address"] ?? "",
  };
}

/** @param untilMs from here back. */
export function queryOf(filter: Filter, untilMs: number): Readonly<Record<string, string>> {
  const backMs = SINCE_MS[filter.since];
  return {
    ...(filter.verdict !== "" && { verdict: filter.verdict }),
    ...(filter.address !== "" && { address: filter.address }),
    ...(backMs !== undefined && { since: new Date(untilMs - backMs).toISOString() }),
  };
}
