/** A framed part of a page with a name. */
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { printable } from "../printable.ts";

export interface PanelProps {
  readonly title: string;
  /** Beside the title, in small. */
  readonly note?: ComponentChildren;
  readonly class?: string;
  readonly children: ComponentChildren;
}

export function Panel({ title, note, class: name = "", children }: PanelProps) {
  const id = useId();
  return (
    <section class={`panel ${name}`} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {note !== undefined && <div class="panel-note">{note}</div>}
      </header>
      {children}
    </section>
  );
}

/** What stands where there is nothing to show. */
export function Empty({ children }: { readonly children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}

/** What stands where there may be something, or not. @param problem why it is not known. */
export function Unknown({ problem }: { readonly problem?: string | undefined }) {
  if (problem === undefined) return <Empty>Not known yet: asking the guard …</Empty>;
  return <Empty>Not known: {printable(problem)}</Empty>;
}

export interface UnansweredProps {
  readonly problem: string;
  /** undefined: asking again is of no use. */
  readonly onAskNow: (() => void) | undefined;
}

/** What stands where a list was not answered. */
export function Unanswered({ problem, onAskNow }: UnansweredProps) {
  return (
    <div class="empty" role="alert">
      <p>{printable(problem)}</p>
      {onAskNow && (
        <button type="button" onClick={onAskNow}>
          Ask now
        </button>
      )}
    </div>
  );
}
