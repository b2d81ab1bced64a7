/** Who probes: by network, and what is known of them. */
import { useMemo, useRef, useState } from "preact/hooks";
import type { ActivityView, HourView, SourcesView } from "../../api/contract.ts";
import { formatCount, formatShare, formatShort, formatTime } from "../format.ts";
import { now } from "../live.ts";
import { Empty, Panel } from "../parts/panel.tsx";
import { Segments } from "../parts/segments.tsx";
import { printable } from "../printable.ts";
import { replaceRoute } from "../router.ts";
import { pageLink } from "../routes.ts";
import { useAnswer } from "../use-answer.ts";
import { useCell } from "../use-cell.ts";
import { HistoryCharts } from "./sources/history-charts.tsx";
import { MakeUp } from "./sources/make-up.tsx";
import { NetworkTable } from "./sources/network-table.tsx";
import { minutesOf, periodsOf } from "./sources/periods.ts";
import { Places } from "./sources/places.tsx";
import { SPANS, type Span, sinceOf, spanOf } from "./sources/span.ts";
import { Tools } from "./sources/tools.tsx";

/** The guard counts anew after ten seconds at the earliest. */
const EVERY_MS = 15_000;

/** Networks that are shown at first, and then. */
const LIMITS = [20, 200, 1000] as const;

const WIDTHS = [
  { value: "networks", name: "/24 and /48" },
  { value: "blocks", name: "/16 and /32" },
] as const;

const TITLES = {
  minute: "Minute by minute",
  hour: "Hour by hour",
  day: "Day by day",
} as const;

export function SourcesPage({ query }: { readonly query: Readonly<Record<string, string>> }) {
  const span = spanOf(query["span"]);
  const width = query["width"] === "blocks" ? "blocks" : "networks";
  const [more, setMore] = useState(0);
  const limit = LIMITS[more] ?? LIMITS[0];
  const nowMs = useCell(now);
  const since = sinceOf(span, nowMs);
  const asked = useAnswer<SourcesView>(`/v1/sources?limit=${limit}&since=${since}`, EVERY_MS);
  const sources = useLatest(asked.answer, span.value);
  const choose = (part: Readonly<Record<string, string>>): void =>
    replaceRoute(pageLink("sources", { ...query, ...part }));
  return (
    <div class="sources">
      <div class="sources-tools">
        <Segments
          label="Span"
          chosen={span.value}
          choices={SPANS}
          onChoose={(value) => choose({ span: value })}
        />
        {sources && (
          <p class="faint at-end">
            as of {formatTime(sources.at, nowMs)}
            {asked.problem !== undefined && `; ${printable(asked.problem)}`}
          </p>
        )}
      </div>
      {sources === undefined ? (
        <Empty>{printable(asked.problem ?? "Counting …")}</Empty>
      ) : (
        <>
          <Figures sources={sources} />
          <History span={span} since={since} />
          <Panel
            title="Networks"
            class="sources-networks"
            note={
              <Segments
                label="Width"
                chosen={width}
                choices={WIDTHS}
                onChoose={(value) => choose({ width: value === "blocks" ? value : "" })}
              />
            }
          >
            {sources[width].length === 0 ? (
              <Empty>Nobody has probed an unused port in this span.</Empty>
            ) : (
              <NetworkTable networks={sources[width]} probes={sources.probes} span={span} />
            )}
            {sources[width].length === limit && more + 1 < LIMITS.length && (
              <button type="button" class="quiet more" onClick={() => setMore(more + 1)}>
                More networks
              </button>
            )}
          </Panel>
          <div class="sources-side">
            <Panel title="Campaigns" note={formatCount(sources.campaigns)}>
              <MakeUp {...sources} />
            </Panel>
            <Panel title="Tools" note="of campaigns">
              {sources.tools.length === 0 ? (
                <Empty>None is known.</Empty>
              ) : (
                <Tools tools={sources.tools} campaigns={sources.campaigns} />
              )}
            </Panel>
          </div>
          <Places {...sources} />
        </>
      )}
    </div>
  );
}

function Figures({ sources }: { readonly sources: SourcesView }) {
  const { sources: count, campaigns, probes, verdicts, evidence, outcomes } = sources;
  const answered = evidence.alive + evidence.proven;
  const rows: readonly (readonly [name: string, value: number, note: string])[] = [
    ["Sources", count, "each counted once"],
    ["Probes", probes, "repeats included"],
    ["Campaigns", campaigns, "of one source each"],
    ["Scans", verdicts.scan, `${formatShare(verdicts.scan, campaigns)} of campaigns`],
    ["More than claimed", answered, `${formatShare(answered, campaigns)} answered or connected`],
    ["Banned", outcomes.banned, `${formatShare(outcomes.banned, verdicts.scan)} of scans`],
  ];
  return (
    <dl class="figures sources-figures" aria-label="In all">
      {rows.map(([name, value, note]) => (
        <div key={name} class="figure">
          <dt>{name}</dt>
          <dd class="figure-value" title={formatCount(value)}>
            {formatShort(value)}
          </dd>
          <dd class="figure-note">{note}</dd>
        </div>
      ))}
    </dl>
  );
}

interface HistoryProps {
  readonly span: Span;
  readonly since: string;
}

/** Minutes are counted by the guard that runs, hours by all that ran. */
function History({ span, since }: HistoryProps) {
  const isShort = span.step === "minute";
  const path = isShort ? "/v1/activity" : `/v1/timeline?limit=1000&since=${since}`;
  const { answer } = useAnswer<ActivityView | HourView[]>(path, EVERY_MS);
  const latest = useLatest(answer, span.value);
  const periods = useMemo(() => {
    if (latest === undefined) return undefined;
    return Array.isArray(latest) ? periodsOf(latest, span, Date.now()) : minutesOf(latest);
  }, [latest, span]);
  const isPartial = periods?.some(({ counts }) => counts === null);
  return (
    <Panel
      title={TITLES[span.step]}
      class="sources-history"
      note={
        <ul class="legend">
          <li class="is-blue">probes</li>
          <li class="is-amber">scans</li>
          <li class="is-red">bans</li>
          {isPartial && <li class="is-unknown">no guard ran</li>}
        </ul>
      }
    >
      {periods === undefined ? (
        <div class="sources-history-room" />
      ) : (
        <HistoryCharts periods={periods} span={span} />
      )}
    </Panel>
  );
}

/** What was answered last about the same, while the next is asked for. */
function useLatest<Answer>(answer: Answer | undefined, about: string): Answer | undefined {
  const kept = useRef<{ readonly about: string; readonly answer: Answer | undefined }>({
    about,
    answer,
  });
  if (answer !== undefined || kept.current.about !== about) kept.current = { about, answer };
  return kept.current.answer;
}
