/** Which span the page of sources is about: what its address says, and what the API is asked for. */

export interface Span {
  readonly value: string;
  readonly name: string;
  readonly ms: number;
  /** Of one bar of its history. */
  readonly step: "minute" | "hour" | "day";
  /** What the page of campaigns calls it; "": it has none that is as long. */
  readonly since: string;
}

const HOUR_MS = 3_600_000;

/** How long the beginning of a span stays where it is, or each second would be another question. */
const STEADY_MS = 60_000;

const DAY: Span = { value: "24h", name: "24 h", ms: 24 * HOUR_MS, step: "hour", since: "24h" };

export const SPANS: readonly Span[] = [
  { value: "1h", name: "1 h", ms: HOUR_MS, step: "minute", since: "1h" },
  DAY,
  { value: "7d", name: "7 d", ms: 168 * HOUR_MS, step: "hour", since: "7d" },
  { value: "30d", name: "30 d", ms: 720 * HOUR_MS, step: "day", since: "" },
];

/** What is not known is a day. */
export function spanOf(value: string | undefined): Span {
  return SPANS.find((each) => each.value === value) ?? DAY;
}

/** When the span begins, as the API is asked. */
export function sinceOf(span: Span, nowMs: number): string {
  return new Date(Math.floor(nowMs / STEADY_MS) * STEADY_MS - span.ms).toISOString();
}
