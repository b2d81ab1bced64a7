/** What happened, line by line. */
import { formatFullTime, formatTime } from "../../format.ts";
import { now } from "../../live.ts";
import type { Happened } from "../../live-state.ts";
import { Address } from "../../parts/address.tsx";
import { EventKind } from "../../parts/event-kind.tsx";
import { Empty, Unknown } from "../../parts/panel.tsx";
import { printable } from "../../printable.ts";
import { useCell } from "../../use-cell.ts";

/** Lines at once; the history has all. */
const MOST = 60;

interface EventFeedProps {
  readonly happened: readonly Happened[];
  /** Whether nothing else has happened before. */
  readonly isKnown: boolean;
}

export function EventFeed({ happened, isKnown }: EventFeedProps) {
  const nowMs = useCell(now);
  if (happened.length === 0 && !isKnown) return <Unknown />;
  if (happened.length === 0) return <Empty>Nothing has happened yet.</Empty>;
  return (
    <ol class="feed" aria-label="What happened">
      {happened.slice(0, MOST).map(({ key, at, kind, address, text }) => (
        <li key={key} class={key.startsWith("live-") ? "is-new" : undefined}>
          <time dateTime={at} title={formatFullTime(at)}>
            {formatTime(at, nowMs)}
          </time>
          <EventKind kind={kind} />
          <p>
            {address !== null && (
              <>
                <Address address={address} />{" "}
              </>
            )}
            <span class="dim">{printable(text)}</span>
          </p>
        </li>
      ))}
    </ol>
  );
}
