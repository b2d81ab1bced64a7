/** Reads what a guard exposes for Prometheus. Pure. */

/**
 * Mean of a histogram of seconds (prometheus.io/docs/concepts/metric_types). Milliseconds; undefined:
 * there is no such histogram, or nothing is in it.
 */
export function meanMs(exposition: string, histogram: string): number | undefined {
  const sum = seriesOf(exposition, `${histogram}_sum`);
  const count = seriesOf(exposition, `${histogram}_count`);
  return sum === undefined || !count ? undefined : (1000 * sum) / count;
}

/** Of a series without labels. */
function seriesOf(exposition: string, name: string): number | undefined {
  const line = exposition.split("\n").find((each) => each.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}
