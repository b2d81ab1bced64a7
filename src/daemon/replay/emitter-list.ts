/**
 * Which sources of a replay are one machine that sends under several addresses, by what the stories
 * of their campaigns say.
 *
 * Whoever forges pairs makes emitters; those beyond {@link MAX_EMITTERS}, and sources beyond
 * {@link MOST_SOURCES}, are not listed.
 */
import { MOST_SOURCES } from "../../detectors/emitters.ts";
import type { CampaignEmitter } from "../../model/campaign.ts";
import { type Evidence, isStronger } from "../../model/evidence.ts";
import type { Prefix } from "../../net/prefix.ts";

const MAX_EMITTERS = 1000;

/** One machine, and the addresses under which it sends. */
export interface ReplayEmitter {
  /** How many there are; `sources` may have fewer. */
  readonly count: number;
  /** In the order in which they became known. */
  readonly sources: readonly Prefix[];
  /** Those of them that are more than a claim. */
  readonly real: readonly { readonly source: Prefix; readonly evidence: Evidence }[];
}

interface Known {
  count: number;
  readonly sources: Set<Prefix>;
  readonly real: Map<Prefix, Evidence>;
}

export class EmitterList {
  /** In the order in which they were made. */
  readonly #emitters = new Set<Known>();
  /** What is listed, and nothing else. */
  readonly #bySource = new Map<Prefix, Known>();

  /** Takes what the story of a campaign says of its source. */
  add(source: Prefix, { sources, real, silent }: CampaignEmitter): void {
    const named = [source, ...real.map((each) => each.source), ...silent];
    const known = this.#ofAny(named);
    if (known === undefined) return;
    known.count = Math.max(known.count, sources);
    this.#list(known, named);
    believe(known, real);
  }

  list(): ReplayEmitter[] {
    return [...this.#emitters].map(({ count, sources, real }) => ({
      count: Math.max(count, sources.size),
      sources: [...sources],
      real: [...real].map(([source, evidence]) => ({ source, evidence })),
    }));
  }

  /** The emitter that has any of these; a new one, or undefined when there are too many. */
  #ofAny(sources: readonly Prefix[]): Known | undefined {
    const found = new Set<Known>();
    for (const source of sources) {
      const known = this.#bySource.get(source);
      if (known !== undefined) found.add(known);
    }
    if (found.size > 0) return this.#join(found);
    if (this.#emitters.size >= MAX_EMITTERS) return undefined;
    const made: Known = { count: 0, sources: new Set(), real: new Map() };
    this.#emitters.add(made);
    return made;
  }

  /** Makes one of those that turn out to be one. @returns the one that was made first. */
  #join(found: ReadonlySet<Known>): Known | undefined {
    if (found.size === 1) return [...found][0];
    const [first, ...others] = [...this.#emitters].filter((each) => found.has(each));
    if (first === undefined) return undefined;
    for (const other of others) {
      this.#emitters.delete(other);
      for (const source of other.sources) this.#bySource.delete(source);
      first.count = Math.max(first.count, other.count);
      this.#list(first, other.sources);
      const real = [...other.real].map(([source, evidence]) => ({ source, evidence }));
      believe(first, real);
    }
    return first;
  }

  #list(known: Known, sources: Iterable<Prefix>): void {
    for (const source of sources) {
      if (known.sources.size >= MOST_SOURCES) return;
      known.sources.add(source);
      this.#bySource.set(source, known);
    }
  }
}

/** Keeps the strongest evidence of each source that is listed. */
function believe({ sources, real }: Known, seen: CampaignEmitter["real"]): void {
  for (const { source, evidence } of seen) {
    if (!sources.has(source)) continue;
    if (isStronger(evidence, real.get(source) ?? "claimed")) real.set(source, evidence);
  }
}
