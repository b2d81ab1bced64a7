/**
 * The last 24 hours in one alert, made of the journal, and of what is wrong now.
 *
 * Bounded by {@link MAX_READ}, so that the guard goes on within moments after a day of many scans.
 */
import type { Alert } from "../alerts/alert.ts";
import { counted } from "../counted.ts";
import type { Stories } from "../journal/stories.ts";
import type { Campaign } from "../model/campaign.ts";
import type { HealthCode, HealthProblem } from "../model/health.ts";
import { formatPrefix } from "../net/prefix.ts";

const DAY_MS = 86_400_000;

/** Scans, bans and problems that are read. */
const MAX_READ = 2000;

/** Ports, tools and sources that are named. */
const MAX_NAMED = 10;

/** Ports of one scan that are counted: those of a scan of all ports say nothing. */
const MAX_PORTS_EACH = 100;

/**
 * @param standing what is wrong now. What stood before the span began, and what the broker has found,
 *   is no event of these 24 hours.
 */
export function digestAlert(
  stories: Pick<Stories, "campaigns" | "events">,
  standing: readonly Pick<HealthProblem, "code">[],
  atEpochMs: number,
): Alert {
  const since = { limit: MAX_READ, sinceEpochMs: atEpochMs - DAY_MS };
  const scans = stories.campaigns({ ...since, verdict: "scan" }).map(({ campaign }) => campaign);
  const bans = stories
    .events({ ...since, kinds: ["ban"] })
    .filter(({ event }) => event.detail.kind === "ban" && event.detail.raisedFrom === undefined);
  const raised = stories
    .events({ ...since, kinds: ["health"] })
    .flatMap(({ event: { detail } }) =>
      detail.kind === "health" && detail.change === "raised" ? [detail.code] : [],
    );
  const facts = {
    scans: countOf(scans.length),
    bans: countOf(bans.length),
    ports: topOf(scans.flatMap(portsOf)),
    tools: topOf(scans.flatMap(({ tool }) => (tool === undefined ? [] : [tool]))),
    sources: sourcesOf(scans),
    problems: problemsOf(standing, raised),
  };
  const count = facts.scans;
  return {
    kind: "digest",
    severity: "notice",
    atEpochMs,
    title: `24 hours: scans ${count}, new bans ${facts.bans}`,
    text: [
      `scans:    ${count}`,
      `new bans: ${facts.bans}`,
      `ports:    ${facts.ports || "-"}`,
      `tools:    ${facts.tools || "-"}`,
      `sources:  ${facts.sources || "-"}`,
      `problems: ${facts.problems || "none"}`,
    ].join("\n"),
    facts: { count: scans.length },
    details: { digest: facts },
  };
}

/** "2000 or more". */
function countOf(count: number): string {
  return count < MAX_READ ? `${count}` : `${MAX_READ} or more`;
}

function portsOf({ ports }: Campaign): string[] {
  const all: string[] = [];
  for (const { transport, ranges } of ports) {
    for (const { first, last } of ranges) {
      for (let port = first; port <= last && all.length < MAX_PORTS_EACH; port++) {
        all.push(`${transport} ${port}`);
      }
    }
  }
  return all;
}

/** The most frequent: "tcp 22 (5), tcp 23 (4)". */
function topOf(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, MAX_NAMED)
    .map(([word, times]) => `${word} (${times})`)
    .join(", ");
}

/** All that stand, then the most frequent of those that are over: "shared-user (now), hook-failed (3)". */
function problemsOf(
  standing: readonly Pick<HealthProblem, "code">[],
  raised: readonly HealthCode[],
): string {
  const codes = new Set(standing.map(({ code }) => code));
  const over = topOf(raised.filter((code) => !codes.has(code)));
  return [...[...codes].map((code) => `${code} (now)`), ...(over === "" ? [] : [over])].join(", ");
}

function sourcesOf(scans: readonly Campaign[]): string {
  return scans
    .toSorted((a, b) => b.packets - a.packets)
    .slice(0, MAX_NAMED)
    .map(({ source, packets }) => `${formatPrefix(source)} (${counted(packets, "packet")})`)
    .join(", ");
}
