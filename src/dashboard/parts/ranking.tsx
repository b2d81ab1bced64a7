/** Who is first: rows with a quiet bar behind them, as long as their part of the first. */
import type { ComponentChildren } from "preact";

export interface Ranked {
  readonly key: string;
  readonly name: ComponentChildren;
  readonly count: number;
  /** The count, for people. */
  readonly text: string;
  /** Beside it, in small. */
  readonly note?: string;
}

/** @param rows the highest count first. */
export function Ranking({ rows }: { readonly rows: readonly Ranked[] }) {
  const most = Math.max(1, rows[0]?.count ?? 1);
  return (
    <ol class="ranking">
      {rows.map(({ key, name, count, text, note }) => (
        <li key={key}>
          <svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
            <rect width={Math.max(1, (count / most) * 100)} height="1" />
          </svg>
          <span class="ranking-name">{name}</span>
          <span class="number">
            {text}
            {note !== undefined && <span class="faint">{note}</span>}
          </span>
        </li>
      ))}
    </ol>
  );
}
