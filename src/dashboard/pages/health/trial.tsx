/** What was started or applied on trial, and the time that is left to keep it. */
import { useState } from "preact/hooks";
import { confirm } from "../../acts.ts";
import { formatFullTime, formatLeft } from "../../format.ts";
import { now } from "../../live.ts";
import { useCell } from "../../use-cell.ts";
import { useChangeLock } from "../../use-change-lock.ts";

/** @param until when it is taken back. */
export function Trial({ until }: { readonly until: string }) {
  const nowMs = useCell(now);
  const lock = useChangeLock();
  const [isAsking, setAsking] = useState(false);
  const left = Math.max(0, (Date.parse(until) - nowMs) / 1000);
  const keep = async (): Promise<void> => {
    setAsking(true);
    await confirm();
    setAsking(false);
  };
  return (
    <section class="trial" aria-label="On trial">
      <p>
        <strong>On trial.</strong> What was started or applied last is taken back in{" "}
        <time role="timer" dateTime={until} title={formatFullTime(until)}>
          {formatLeft(left)}
        </time>
        , unless you keep it.
      </p>
      <button
        type="button"
        class="primary"
        disabled={isAsking || lock.disabled}
        title={lock.title}
        onClick={() => void keep()}
      >
        Keep it
      </button>
    </section>
  );
}
