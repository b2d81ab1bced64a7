/** What is wrong, how bad it is, and what to do. */
import type { HealthView } from "../../../api/contract.ts";
import { formatAgo, formatFullTime } from "../../format.ts";
import { now } from "../../live.ts";
import { Icon } from "../../parts/icon.tsx";
import { printable } from "../../printable.ts";
import { useCell } from "../../use-cell.ts";

const ORDER: readonly HealthView["severity"][] = ["error", "warning", "notice"];
const TONES = { error: "red", warning: "amber", notice: "slate" } as const;

export function Problems({ problems }: { readonly problems: readonly HealthView[] }) {
  const nowMs = useCell(now);
  if (problems.length === 0) {
    return (
      <p class="all-well">
        <Icon name="check" />
        No problem is known.
      </p>
    );
  }
  const sorted = problems.toSorted(
    (one, other) => ORDER.indexOf(one.severity) - ORDER.indexOf(other.severity),
  );
  return (
    <ul class="problems">
      {sorted.map(({ code, severity, text, action, since }) => (
        <li key={code} class={`is-${TONES[severity]}`}>
          <header>
            <span class={`tag is-${TONES[severity]}`}>{severity}</span>
            <code>{code}</code>
            <time dateTime={since} title={formatFullTime(since)} class="faint at-end">
              {formatAgo(Date.parse(since), nowMs)}
            </time>
          </header>
          <p>{printable(text)}</p>
          <p class="dim">{printable(action)}</p>
        </li>
      ))}
    </ul>
  );
}
