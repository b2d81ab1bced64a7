/**
 * Which sources of a replay are one machine that sends under several addresses, by what the stories
 * of their campaigns say.
 *
 * Whoever forges pairs makes emitters; those beyond {@link MAX_EMITTERS}, and sources beyond
 * {@link MAX_SOURCES}, are not listed.
 */
import type { CampaignEmitter } from "../../model/campaign.ts";
import { type Evidence, isStronger } from "../../model/evidence.ts";
import type { Prefix } from "../../net/prefix.ts";

const MAX_EMITTERS = 1000;

/** As many as are known of an emitter: src/detectors/emitters.ts. */
const MAX_SOURCES = 128;

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
  readonly #emitters: Known[] = [];
  readonly #bySource = new Map<Prefix, Known>();

  /** Takes what the story of a campaign says of its source. */
  add(source: Prefix, { sources, real, silent }: CampaignEmitter): void {
    const named = [source, ...real.map((each) => each.source), ...silent];
    const known = this.#ofAny(named);
    if (known === undefined) return;
    known.count = Math.max(known.count, sources);
    for (const each of named) {
      if (known.sources.size >= MAX_SOURCES) break;
      known.sources.add(each);
      this.#bySource.set(each, known);
    }
    for (const { source: alive, evidence } of real) {
      if (!known.sources.has(alive)) continue;
      const before = known.real.get(alive) ?? "claimed";
      if (isStronger(evidence, before)) known.real.set(alive, evidence);
    }
  }

  list(): ReplayEmitter[] {
    return this.#emitters.map(({ count, sources, real }) => ({
      count: Math.max(count, sources.size),
      sources: [...sources],
      real: [...real].map(([source, evidence]) => ({ source, evidence })),
    }));
  }

  /** The emitter that has one of these; a new one, or undefined when there are too many. */
  #ofAny(sources: readonly Prefix[]): Known | undefined {
    for (const source of sources) {
      const known = this.#bySource.get(source);
      if (known !== undefined) return known;
    }
    if (this.#emitters.length >= MAX_EMITTERS) return undefined;
    const made: Known = { count: 0, sources: new Set(), real: new Map() };
    this.#emitters.push(made);
    return made;
  }
}
