/** How a whole is made up: one bar of parts, and each part with its count and share. */
import type { ComponentChildren } from "preact";
import { formatCount, formatShare } from "../format.ts";

interface Part {
  readonly name: string;
  /** Ends of a colour's name in the style sheet: "blue", "red". */
  readonly tone: string;
  readonly count: number;
  /** What it means, in a few words. */
  readonly note?: string;
  /** In the place of its name. */
  readonly label?: ComponentChildren;
}

export interface DistributionProps {
  readonly title: string;
  readonly parts: readonly Part[];
}

export function Distribution({ title, parts }: DistributionProps) {
  const whole = parts.reduce((sum, { count }) => sum + count, 0);
  let left = 0;
  return (
    <section class="distribution" aria-label={title}>
      <h3>{title}</h3>
      <svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true" focusable="false">
        <rect class="tone-none" width="100" height="1" />
        {parts.map(({ name, tone, count }) => {
          const x = left;
          const width = whole === 0 ? 0 : (count / whole) * 100;
          left += width;
          return <rect key={name} class={`tone-${tone}`} x={x} width={width} height="1" />;
        })}
      </svg>
      <dl>
        {parts.map(({ name, tone, count, note, label }) => (
          <div key={name} class={count === 0 ? "is-none" : undefined} title={note}>
            <dt>
              <i class={`tone-${tone}`} aria-hidden="true" />
              {label ?? name}
            </dt>
            <dd>{formatCount(count)}</dd>
            <dd class="faint">{formatShare(count, whole)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
