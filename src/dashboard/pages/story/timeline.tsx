/** What happened to one source, the newest first. */
import type { EventView } from "../../../api/contract.ts";
import { formatFullTime, formatTime } from "../../format.ts";
import { now } from "../../live.ts";
import { EventKind } from "../../parts/event-kind.tsx";
import { Empty } from "../../parts/panel.tsx";
import { printable } from "../../printable.ts";
import { useCell } from "../../use-cell.ts";

export function Timeline({ events }: { readonly events: readonly EventView[] }) {
  const nowMs = useCell(now);
  if (events.length === 0) return <Empty>Nothing.</Empty>;
  return (
    <ol class="timeline">
      {events.map(({ id, at, kind, text }) => (
        <li key={id}>
          <div>
            <EventKind kind={kind} />
            <time dateTime={at} title={formatFullTime(at)}>
              {formatTime(at, nowMs)}
            </time>
          </div>
          <p>{printable(text)}</p>
        </li>
      ))}
    </ol>
  );
}
