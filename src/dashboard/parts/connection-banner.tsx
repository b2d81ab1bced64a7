/**
 * Says what is not as it seems: the guard is gone, or so much happens that it is not all told.
 *
 * Only what changes rarely is read aloud: counts, ages and countdowns stand beside it.
 */
import { formatAgo, formatCount, formatFullTime, formatLeft } from "../format.ts";
import { connection, live, now, retry } from "../live.ts";
import { printable } from "../printable.ts";
import { useCell } from "../use-cell.ts";
import { Icon } from "./icon.tsx";

/** How long (ms) after the last event that was left out the page says so. */
const SAMPLED_MS = 15_000;

export function ConnectionBanner() {
  const state = useCell(connection);
  const { missed, missedAtMs, status } = useCell(live);
  const nowMs = useCell(now);
  if (state.status === "gone" || (state.status === "opening" && state.attempts > 0)) {
    const againIn =
      state.status === "gone" ? Math.max(0, Math.ceil((state.againAtMs - nowMs) / 1000)) : 0;
    return (
      <div class="banner is-bad">
        <Icon name="warning" />
        <p>
          <strong role="alert">
            {state.why === undefined
              ? "The guard does not answer."
              : `The guard tells this page nothing now: ${printable(state.why)}`}
          </strong>{" "}
          What is shown is from {formatAgo(state.sinceMs, nowMs)} ago. Bans stay in force in the
          kernel meanwhile.
        </p>
        <span class="faint" aria-hidden="true">
          {againIn > 0 ? `Again in ${againIn} s` : "Asking …"}
        </span>
        <button type="button" onClick={retry}>
          Ask now
        </button>
      </div>
    );
  }
  if (missedAtMs !== undefined && nowMs - missedAtMs < SAMPLED_MS) {
    return (
      <div class="banner is-notice">
        <Icon name="warning" />
        <p>
          <strong role="status">More happens than is told live.</strong> {formatCount(missed)}{" "}
          changes were left out here so far; counts and lists have all of them.
        </p>
      </div>
    );
  }
  if (status?.confirm_by == null) return null;
  const left = (Date.parse(status.confirm_by) - nowMs) / 1000;
  return (
    <div class="banner is-notice">
      <Icon name="warning" />
      <p>
        <strong role="status">On trial.</strong> What was started or applied last is taken back in{" "}
        <time role="timer" dateTime={status.confirm_by} title={formatFullTime(status.confirm_by)}>
          {formatLeft(left)}
        </time>
        , unless it is confirmed: <code>vedette confirm</code>
      </p>
    </div>
  );
}
