/**
 * Tells which campaigns are one machine that sends under several addresses (`nmap -D`), and which of
 * these addresses are likely decoys: those that are not alive, while another one is. Where several
 * are alive, each may be the sender's own, even when one of them is proven: a handshake shows that
 * somebody is at that address, and not that nobody is at the others.
 *
 * A decoy is a victim, so it is not banned. A scanner can make its own address look like one: it
 * sends each packet under a live stranger's address as well, and keeps its own kernel from
 * answering. All that it gains is that it is spared the short ban of a claimed source, and the
 * stranger is one whom it could have framed anyhow. It has to send every packet under both addresses
 * for good: a source is no decoy any more once {@link MOST_UNSHARED} probes and one more in a row were
 * sent by nobody else, and packets of a banned address do not arrive here.
 *
 * Who is one machine is src/detectors/emitters.ts's to know, in fixed memory. A probe allocates
 * nothing; a question about one campaign looks at its emitter's sources, 128 at the most.
 */
import type { CampaignEmitter } from "../model/campaign.ts";
import type { Evidence } from "../model/evidence.ts";
import type { Probe } from "../model/probe.ts";
import type { Decoy } from "../model/verdict.ts";
import type { AddressWords } from "../net/address-words.ts";
import type { Prefix } from "../net/prefix.ts";
import type { SourceKeys } from "../net/source-keys.ts";
import type { AddressHashKey } from "./address-hash.ts";
import { Emitters } from "./emitters.ts";
import { EVIDENCE_RANKS, evidenceOfRank } from "./slot-values.ts";
import type { SourceTable } from "./source-table.ts";

/** Probes that a decoy may have sent last before their copies came, or whose copies were lost. */
const MOST_UNSHARED = 2;

/** Sources of one emitter that a story names. */
const MOST_TOLD = 8;

/** A source that should not have been banned, and why. */
export interface Exonerated {
  readonly source: Prefix;
  readonly decoy: Decoy;
}

export class Decoys {
  readonly #table: SourceTable;
  readonly #keys: SourceKeys;
  readonly #emitters: Emitters;
  /** By slot: probes since the last that another source has sent, too; stops at 255. */
  readonly #unshared: Uint8Array;

  /** @param table of the campaigns; their evidence is read from it. @param hashKey as there. */
  constructor(table: SourceTable, keys: SourceKeys, hashKey: AddressHashKey | undefined) {
    this.#emitters = new Emitters(hashKey);
    this.#table = table;
    this.#keys = keys;
    this.#unshared = new Uint8Array(table.capacity);
  }

  /** The slot is another campaign's from now on. */
  begin(slot: number): void {
    this.#unshared[slot] = 0xff;
  }

  /** The slot's campaign is over; what its source has shown is still told in others' stories. */
  end(slot: number): void {
    const rank = this.#table.evidence[slot] as number;
    if (rank > 0) this.#emitters.keepRank(this.#table.wordsAt(slot), rank);
  }

  /** Nothing that this source has sent or shown is known any more; to be called without a slot. */
  forget(source: AddressWords): void {
    this.#emitters.forget(source);
  }

  /** Takes a probe of the slot's source into account. `source`: the words of that slot. */
  observe(slot: number, probe: Probe, source: AddressWords): void {
    if (this.#emitters.observe(probe, source) === undefined) {
      this.#unshared[slot] = Math.min(0xff, (this.#unshared[slot] as number) + 1);
      return;
    }
    this.#unshared[slot] = 0;
    const partner = this.#table.find(this.#emitters.partner);
    if (partner !== undefined) this.#unshared[partner] = 0;
  }

  /** @returns why the campaign's source is likely not the sender; undefined: nothing says so. */
  decoyAt(slot: number): Decoy | undefined {
    if ((this.#unshared[slot] as number) > MOST_UNSHARED) return undefined;
    const company = this.#emitters.companyOf(this.#table.wordsAt(slot));
    const evidence = this.#strongestAmong(company);
    if (evidence === "claimed" || (this.#table.evidence[slot] as number) > 0) return undefined;
    return { sources: company.length, evidence };
  }

  /** @returns whether these sources are all one machine's. */
  areOne(sources: readonly AddressWords[]): boolean {
    const [first] = sources;
    const emitter = first === undefined ? undefined : this.#emitters.numberOf(first);
    if (emitter === undefined) return false;
    return sources.every((source) => this.#emitters.numberOf(source) === emitter);
  }

  /** @returns the campaigns of all sources of one machine; none for a source that is alone. */
  slotsBeside(source: AddressWords): number[] {
    return this.#slotsOf(this.#emitters.companyOf(source));
  }

  /** @returns what a story says of the machine; undefined for a source that is alone. */
  emitterAt(slot: number): CampaignEmitter | undefined {
    const company = this.#emitters.companyOf(this.#table.wordsAt(slot));
    if (company.length === 0) return undefined;
    const all = company.map((words) => ({
      source: this.#keys.prefixOf(words),
      evidence: this.#everShown(words),
    }));
    const real = all
      .filter(({ evidence }) => evidence !== "claimed")
      .sort((a, b) => EVIDENCE_RANKS[b.evidence] - EVIDENCE_RANKS[a.evidence]);
    const silent = all.filter(({ evidence }) => evidence === "claimed");
    return {
      sources: company.length,
      realCount: real.length,
      real: real.slice(0, MOST_TOLD),
      silent: silent.slice(0, MOST_TOLD).map(({ source }) => source),
    };
  }

  /** @returns the strongest evidence of these whose campaigns go on. */
  #strongestAmong(company: readonly AddressWords[]): Evidence {
    const ranks = this.#slotsOf(company).map((slot) => this.#table.evidence[slot] as number);
    return evidenceOfRank(Math.max(0, ...ranks));
  }

  /** In this campaign, or in an earlier one since the machine is known. */
  #everShown(words: AddressWords): Evidence {
    const slot = this.#table.find(words);
    const rank = slot === undefined ? 0 : (this.#table.evidence[slot] as number);
    return evidenceOfRank(Math.max(rank, this.#emitters.keptRankOf(words)));
  }

  #slotsOf(company: readonly AddressWords[]): number[] {
    return company.map((words) => this.#table.find(words)).filter((slot) => slot !== undefined);
  }
}
