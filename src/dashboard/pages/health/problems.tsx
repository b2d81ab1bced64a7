/** What is wrong, how bad it is, and what to do. */
import type { HealthView } from "../../../api/contract.ts";
import { formatAgo, formatFullTime } from "../../format.ts";
import { now } from "../../live.ts";
import { printable } from "../../printable.ts";
import { useCell } from "../../use-cell.ts";
import { byUrgency } from "./overall.ts";

const TONES = { error: "red", warning: "amber", notice: "slate" } as const;

export function Problems({ problems }: { readonly problems: readonly HealthView[] }) {
  const nowMs = useCell(now);
  return (
    <ul class="problems" aria-label="Problems">
      {byUrgency(problems).map(({ code, severity, text, action, since }) => (
        <li key={code} class={`is-${TONES[severity]}`}>
          <header>
            <span class={`tag is-${TONES[severity]}`}>{severity}</span>
            <code title="Its name in docs/HEALTH.md, and in the log">{code}</code>
            <time dateTime={since} title={formatFullTime(since)} class="faint at-end">
              for {formatAgo(Date.parse(since), nowMs).replace("now", "a moment")}
            </time>
          </header>
          <p>{printable(text)}</p>
          {action !== "" && <p class="dim">{printable(action)}</p>}
        </li>
      ))}
    </ul>
  );
}
