/**
 * What each source of a capture did, and what was made of it: one story a source.
 *
 * Bounded: whoever forges sources fills the list, and those beyond {@link MAX_STORIES} are counted
 * and not told, unless there is a verdict on them. Verdicts have room of their own.
 */
import { EVIDENCE_LEVELS, type Evidence } from "../../model/evidence.ts";
import { PROBE_KINDS, type Probe, type ProbeKind } from "../../model/probe.ts";
import type { Verdict } from "../../model/verdict.ts";
import type { AddressWords } from "../../net/address-words.ts";
import { wordsOf } from "../../net/address-words.ts";
import { firstAddressOf, type Prefix } from "../../net/prefix.ts";
import type { SourceKeys } from "../../net/source-keys.ts";
import { KeyTable, NOWHERE } from "../../replay/key-table.ts";
import { PortList } from "./port-list.ts";

/** Sources that are told of, without those on which there is a verdict. */
const MAX_STORIES = 65_536;

/** Sources with a verdict that are told of. */
const MAX_VERDICTS = 65_536;

/** One source's story as it grows. */
export interface SourceStory {
  readonly source: Prefix;
  firstAtEpochMs: number;
  lastAtEpochMs: number;
  /** Probes, those included that came while the source was shut out. */
  probes: number;
  /** Connections and datagrams to real services. */
  visits: number;
  evidence: Evidence;
  /** Bits by place in PROBE_KINDS. */
  kindBits: number;
  readonly tcp: PortList;
  readonly udp: PortList;
  readonly icmp: PortList;
  readonly ip: PortList;
  /** The first one. */
  verdict: Verdict | undefined;
  verdicts: number;
}

export class SourceStories {
  readonly #keys: SourceKeys;
  readonly #table = new KeyTable(MAX_STORIES + MAX_VERDICTS);
  readonly #stories = new Map<number, SourceStory>();
  readonly #key = new Uint32Array(4);
  #untold = 0;

  constructor(keys: SourceKeys) {
    this.#keys = keys;
  }

  /** Packets of sources for which there was no room. */
  get untold(): number {
    return this.#untold;
  }

  /** A probe, told or shut out. @param atEpochMs the packet's own time. */
  probe(probe: Probe, atEpochMs: number): void {
    const story = this.#storyOf(probe.source, atEpochMs);
    if (story === undefined) return;
    story.probes += 1;
    story.kindBits |= 1 << PROBE_KINDS.indexOf(probe.kind);
    story[probe.transport].add(probe.port);
    if (rank(probe.evidence) > rank(story.evidence)) story.evidence = probe.evidence;
  }

  /** A visit to a real service. */
  visit(source: AddressWords, atEpochMs: number): void {
    const story = this.#storyOf(source, atEpochMs);
    if (story !== undefined) story.visits += 1;
  }

  verdict(verdict: Verdict): void {
    const words = wordsOf(firstAddressOf(verdict.source));
    let slot = this.#table.find(words, 0);
    if (slot === NOWHERE) slot = this.#begin(words, verdict.source, verdict.firstSeenAtEpochMs);
    const story = this.#stories.get(slot);
    if (story === undefined) return;
    story.verdict ??= verdict;
    story.verdicts += 1;
    if (rank(verdict.evidence) > rank(story.evidence)) story.evidence = verdict.evidence;
    if (story.probes > 0) return;
    for (const { transport, port } of verdict.ports) story[transport].add(port);
    for (const kind of verdict.kinds) story.kindBits |= 1 << PROBE_KINDS.indexOf(kind);
  }

  /** By the time of their first packet, then by address. */
  list(): SourceStory[] {
    return [...this.#stories.values()].sort(
      (a, b) => a.firstAtEpochMs - b.firstAtEpochMs || (a.source < b.source ? -1 : 1),
    );
  }

  #storyOf(source: AddressWords, atEpochMs: number): SourceStory | undefined {
    this.#keys.keyOf(source, this.#key);
    let slot = this.#table.find(this.#key, 0);
    if (slot === NOWHERE) {
      if (this.#table.size >= MAX_STORIES) {
        this.#untold += 1;
        return undefined;
      }
      slot = this.#begin(this.#key, this.#keys.prefixOf(source), atEpochMs);
    }
    const story = this.#stories.get(slot);
    if (story === undefined) return undefined;
    story.firstAtEpochMs = Math.min(story.firstAtEpochMs, atEpochMs);
    story.lastAtEpochMs = Math.max(story.lastAtEpochMs, atEpochMs);
    return story;
  }

  /** @returns the new story's slot; {@link NOWHERE} when there is no room. */
  #begin(key: AddressWords, source: Prefix, atEpochMs: number): number {
    const slot = this.#table.insert(key, 0);
    if (slot === NOWHERE) {
      this.#untold += 1;
      return slot;
    }
    this.#stories.set(slot, {
      source,
      firstAtEpochMs: atEpochMs,
      lastAtEpochMs: atEpochMs,
      probes: 0,
      visits: 0,
      evidence: "claimed",
      kindBits: 0,
      tcp: new PortList(),
      udp: new PortList(),
      icmp: new PortList(),
      ip: new PortList(),
      verdict: undefined,
      verdicts: 0,
    });
    return slot;
  }
}

/** @returns the kinds of a story, in the order of PROBE_KINDS. */
export function kindsOf({ kindBits }: SourceStory): ProbeKind[] {
  return PROBE_KINDS.filter((_, index) => ((kindBits >> index) & 1) === 1);
}

function rank(evidence: Evidence): number {
  return EVIDENCE_LEVELS.indexOf(evidence);
}
