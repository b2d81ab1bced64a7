/**
 * The campaigns of a replay: those that the guard would follow, and one record of each source for
 * the report.
 *
 * A guard ends a campaign after a pause, counts neighbours whose campaigns go on at once, and sees
 * nothing of what a ban stops. A report has one line a source, however long it pauses, with what it
 * went on to probe while it was shut out. So the same probes are followed twice, and decoys and
 * groups are the guard's own findings. Campaigns that are over are ended within a sixtieth of the
 * pause, and not within a second.
 *
 * Sources are forged at no cost: both tables have fixed memory, and the lists are bounded.
 */
import type { Clock } from "../../clock.ts";
import type { Settings } from "../../config/schema.ts";
import type { AddressHashKey } from "../../detectors/address-hash.ts";
import { CampaignRecords, NO_OUTCOME } from "../../detectors/campaign-records.ts";
import type { Campaigns } from "../../detectors/campaigns.ts";
import type { Exonerated } from "../../detectors/decoys.ts";
import type { ProvesAlone } from "../../detectors/proven-ports.ts";
import { SourceTable } from "../../detectors/source-table.ts";
import type { Campaign, CampaignGroup, CampaignOutcome } from "../../model/campaign.ts";
import type { Proof } from "../../model/evidence.ts";
import type { Probe } from "../../model/probe.ts";
import type { Verdict } from "../../model/verdict.ts";
import { type AddressWords, wordsOf } from "../../net/address-words.ts";
import { firstAddressOf, type Prefix } from "../../net/prefix.ts";
import type { SourceKeys } from "../../net/source-keys.ts";
import { campaignsOf } from "../guard-stages.ts";
import type { CampaignKeeper } from "../pipeline.ts";
import { EmitterList, type ReplayEmitter } from "./emitter-list.ts";

/** A source has one record, however long it pauses. */
const LONGEST_QUIET_MS = Number.MAX_SAFE_INTEGER;

/** Groups that are listed; those beyond are counted. */
const MAX_GROUPS = 1000;

export interface ReplayCampaignsOptions {
  readonly values: Settings;
  readonly hashKey: AddressHashKey;
  /** The detector's, so that all are as sure of a source. */
  readonly provesAlone: ProvesAlone;
  /** @returns a likelihood ratio of this source now; undefined: none is known. */
  readonly scoreOf: (source: AddressWords) => number | undefined;
}

/** What the sources of a replay have done, and who of them belongs together. */
export interface ReplayStories {
  /** One for each source, in the order of their first probes. */
  readonly campaigns: readonly Campaign[];
  readonly emitters: readonly ReplayEmitter[];
  /** In the order in which they ended. */
  readonly groups: readonly CampaignGroup[];
  /** Further groups. */
  readonly unlistedGroups: number;
}

export class ReplayCampaigns implements CampaignKeeper {
  readonly #keys: SourceKeys;
  readonly #scoreOf: ReplayCampaignsOptions["scoreOf"];
  readonly #guards: Campaigns;
  readonly #table: SourceTable;
  readonly #records: CampaignRecords;
  readonly #emitters = new EmitterList();
  readonly #groups: CampaignGroup[] = [];
  readonly #tickMs: number;
  #unlistedGroups = 0;
  #nextTickAtMs = 0;
  readonly #key = new Uint32Array(4);

  constructor(options: ReplayCampaignsOptions, clock: Clock, keys: SourceKeys) {
    const { values, hashKey, provesAlone, scoreOf } = options;
    this.#keys = keys;
    this.#scoreOf = scoreOf;
    this.#tickMs = Math.max(1000, values.CAMPAIGN_QUIET / 60);
    this.#guards = campaignsOf(
      values,
      keys,
      { provesAlone },
      {
        campaign: (change, story) => {
          if (change !== "convicted" && change !== "closed") return;
          const { source, emitter } = story();
          if (emitter !== undefined) this.#emitters.add(source, emitter);
        },
        group: (change, story) => {
          if (change !== "closed") return;
          if (this.#groups.length < MAX_GROUPS) this.#groups.push(story());
          else this.#unlistedGroups += 1;
        },
        // A report tells what each source was found to be.
        evidence: () => {},
      },
      clock,
      hashKey,
    );
    this.#table = new SourceTable({
      maxSources: values.MAX_SOURCES,
      recordMs: LONGEST_QUIET_MS,
      hashKey,
      onEnd: (slot) => this.#records.end(slot),
    });
    this.#records = new CampaignRecords(this.#table, clock, keys, provesAlone);
  }

  observe(probe: Probe): void {
    this.#record(probe);
    const { seenAtMs } = probe;
    if (seenAtMs >= this.#nextTickAtMs) {
      this.#guards.tick(seenAtMs);
      this.#nextTickAtMs = seenAtMs + this.#tickMs;
    }
    this.#guards.observe(probe);
  }

  /** Takes a probe into account that a guard would not have seen, because of a ban. */
  observeShutOut(probe: Probe): void {
    this.#record(probe);
  }

  raise(proof: Proof): void {
    const slot = this.#find(proof.source);
    if (slot !== undefined) this.#records.believe(slot, proof);
    this.#guards.raise(proof);
  }

  convict(verdict: Verdict): Verdict {
    const slot = this.#find(wordsOf(verdict.address));
    if (slot !== undefined) {
      const { evidence, reason, score } = verdict;
      const { findings } = this.#records;
      this.#records.raise(slot, evidence);
      this.#table.convictedAtMs[slot] = this.#table.lastCountedAtMs[slot] as number;
      const finding = findings.get(slot);
      if (finding !== undefined) finding.score = score?.value;
      else findings.set(slot, { reason, score: score?.value, outcome: NO_OUTCOME });
    }
    return this.#guards.convict(verdict);
  }

  /** What a report tells of the source stays; no guard forgets by itself. */
  forget(prefix: Prefix): void {
    this.#guards.forget(prefix);
  }

  exonerated(source: AddressWords): Exonerated[] {
    return this.#guards.exonerated(source);
  }

  settle(source: Prefix, outcome: CampaignOutcome): boolean {
    const slot = this.#find(wordsOf(firstAddressOf(source)));
    const finding = slot === undefined ? undefined : this.#records.findings.get(slot);
    if (finding !== undefined) finding.outcome = outcome;
    return this.#guards.settle(source, outcome);
  }

  /** To be called once, after the last probe. */
  finish(): ReplayStories {
    this.#guards.closeAll();
    return {
      campaigns: this.#list(),
      emitters: this.#emitters.list(),
      groups: this.#groups,
      unlistedGroups: this.#unlistedGroups,
    };
  }

  #record(probe: Probe): void {
    this.#keys.keyOf(probe.source, this.#key);
    this.#records.take(this.#table.touch(this.#key, probe.seenAtMs), probe);
  }

  #list(): Campaign[] {
    return this.#table
      .oldestFirst()
      .map((slot) => this.#records.storyAt(slot, this.#scoreOf, undefined));
  }

  #find(source: AddressWords): number | undefined {
    this.#keys.keyOf(source, this.#key);
    return this.#table.find(this.#key);
  }
}
