/** The time that is left of a ban, as a clock and as a line that grows shorter. */
import { type KnownBan, leftSeconds } from "../countdown.ts";
import { formatFullTime, formatLeft } from "../format.ts";
import { now } from "../live.ts";
import { useCell } from "../use-cell.ts";

export function Countdown({ ban }: { readonly ban: KnownBan }) {
  const nowMs = useCell(now);
  const left = leftSeconds(ban, nowMs);
  if (left === null || ban.until === null) return <span class="countdown">for good</span>;
  const part = ban.wholeSeconds === null ? 0 : Math.min(1, left / Math.max(1, ban.wholeSeconds));
  return (
    <span class="countdown" title={`until ${formatFullTime(ban.until)}`}>
      <time role="timer" dateTime={`PT${Math.ceil(left)}S`}>
        {formatLeft(left)}
      </time>
      <svg viewBox="0 0 100 3" preserveAspectRatio="none" aria-hidden="true">
        <rect width="100" height="3" class="whole" />
        <rect width={part * 100} height="3" class="left" />
      </svg>
    </span>
  );
}
