/**
 * Follows each source from its first probe to its last, and tells one story of it.
 *
 * A campaign has a record of its own, apart from the one by which a rule judges: a conviction begins
 * the rule's count anew, and the rule remembers a source for a day, while its story is told within
 * the hour. One stray packet is no story: a campaign is opened, and told of, when its source has
 * probed a second port, or three of our addresses, or was held by the kernel, or is proven. It is
 * closed when no probe has come for `quietMs`. The kernel drops the packets of a banned source
 * before they are seen here, so its story ends with what it sent before the ban.
 *
 * One story for people is told of the sources of one machine (src/detectors/decoys.ts), of that
 * which is more than a claim, and one of the sources of one block (src/detectors/campaign-groups.ts).
 *
 * Sources are forged at no cost, and each has a campaign from its first probe on. So memory is
 * fixed (src/detectors/campaign-records.ts), and the least convincing and idlest goes first, a
 * convicted one when all eight of its places are, and then its story is told. A forged flood costs
 * us the beginnings of other stories. A probe allocates nothing; a listener that makes a story for
 * each change does, and has to ration itself.
 */
import type { Clock } from "../clock.ts";
import type {
  Campaign,
  CampaignChange,
  CampaignListener,
  CampaignOutcome,
} from "../model/campaign.ts";
import { type EvidenceStep, isStronger, type Proof } from "../model/evidence.ts";
import type { Probe } from "../model/probe.ts";
import type { Verdict } from "../model/verdict.ts";
import { type AddressWords, wordsOf } from "../net/address-words.ts";
import { firstAddressOf, type Prefix } from "../net/prefix.ts";
import type { SourceKeys } from "../net/source-keys.ts";
import type { GroupListener } from "./campaign-groups.ts";
import {
  type CampaignMemory,
  type CampaignMemoryOptions,
  makeCampaignMemory,
} from "./campaign-memory.ts";
import { NO_OUTCOME } from "./campaign-records.ts";
import type { Exonerated } from "./decoys.ts";

export interface CampaignsOptions extends CampaignMemoryOptions {
  /** @returns a likelihood ratio of this source now; undefined: none is known. Default: none is. */
  readonly scoreOf?: (source: AddressWords) => number | undefined;
}

/** Told of each {@link EvidenceStep} of a campaign that was opened, once, and before a verdict on it. */
export type StepListener = (step: EvidenceStep) => void;

const noScore = () => undefined;

/** See the file comment. */
export class Campaigns {
  readonly #clock: Clock;
  readonly #keys: SourceKeys;
  readonly #tell: CampaignListener;
  readonly #tellGroup: GroupListener;
  readonly #tellStep: StepListener;
  #options: CampaignsOptions;
  #memory: CampaignMemory;
  #open = 0;
  /** The source at hand, so that a probe allocates nothing. */
  readonly #key = new Uint32Array(4);
  #slot = 0;
  readonly #story = () => this.#storyAt(this.#slot);

  /** @param tell default: nobody is told. @param tellGroup and @param tellStep as well. */
  constructor(
    options: CampaignsOptions,
    clock: Clock,
    keys: SourceKeys,
    tell: CampaignListener = () => {},
    tellGroup: GroupListener = () => {},
    tellStep: StepListener = () => {},
  ) {
    this.#clock = clock;
    this.#keys = keys;
    this.#tell = tell;
    this.#tellGroup = tellGroup;
    this.#tellStep = tellStep;
    this.#options = options;
    this.#memory = this.#makeMemory();
  }

  /** Campaigns that go on, those included that are not opened yet. */
  get size(): number {
    return this.#memory.table.size;
  }

  /** Campaigns that go on and are more than a stray packet. */
  get open(): number {
    return this.#open;
  }

  /**
   * Closes campaigns after another pause from now on. For another number of campaigns those that go
   * on are told to their end, and all begin anew: that is another table.
   */
  reconfigure(options: Pick<CampaignsOptions, "quietMs" | "maxCampaigns">): void {
    const isOtherSize = options.maxCampaigns !== this.#options.maxCampaigns;
    this.#options = { ...this.#options, ...options };
    if (!isOtherSize) {
      this.#memory.table.setRecordTime(options.quietMs);
      return;
    }
    this.closeAll();
    this.#memory = this.#makeMemory();
  }

  /** Takes one probe into account. To be called before a rule judges it. */
  observe(probe: Probe): void {
    this.#keys.keyOf(probe.source, this.#key);
    const slot = this.#memory.table.touch(this.#key, probe.seenAtMs);
    if (this.#memory.table.probes[slot] === 0) {
      this.#memory.telling.begin(slot);
      this.#memory.decoys.begin(slot);
    }
    const isNewPort = this.#memory.records.take(slot, probe);
    this.#memory.decoys.observe(slot, probe, this.#key);
    this.#memory.groups.observe(slot, probe, isNewPort, this.#memory.records.toolAt(slot));
    this.#memory.telling.grow(slot);
    if (!this.#memory.telling.isOpen(slot) && this.#memory.records.matters(slot)) {
      this.#openAt(slot);
      this.#change(slot, "opened", probe.seenAtMs);
    }
    this.#tellSteps(slot);
  }

  /** What is learned of a source without a probe, such as that it is alive. */
  raise(proof: Proof): void {
    const slot = this.#find(proof.source);
    if (slot === undefined) return;
    this.#memory.records.believe(slot, proof);
    this.#joinGroup(slot);
    this.#tellSteps(slot);
  }

  /**
   * The source was judged a scanner. The first time tells of it, and so does the verdict with which
   * people begin to be told of this source of a machine that sends under several.
   * @returns the verdict as one of this campaign.
   */
  convict(verdict: Verdict): Verdict {
    const slot = this.#find(wordsOf(verdict.address));
    if (slot === undefined) return verdict;
    const { findings } = this.#memory.records;
    const nowMs = this.#memory.table.lastCountedAtMs[slot] as number;
    const score = verdict.score?.value;
    const finding = findings.get(slot);
    const { evidence } = verdict;
    // A rule remembers its sources for longer than a campaign lasts.
    if (evidence !== "claimed" && isStronger(evidence, this.#memory.records.evidenceAt(slot))) {
      this.#memory.records.steps.take(slot, "earlier", evidence, 0, nowMs);
    }
    this.#memory.records.raise(slot, evidence);
    this.#memory.table.convictedAtMs[slot] = nowMs;
    if (finding !== undefined) finding.score = score;
    else {
      findings.set(slot, { reason: verdict.reason, score, outcome: NO_OUTCOME });
      this.#openAt(slot);
      this.#memory.groups.convict(slot, this.#key);
    }
    const isNews = this.#memory.telling.takeStory(
      slot,
      this.#memory.decoys.slotsBeside(this.#memory.table.wordsAt(slot)),
      (each) => this.#memory.table.evidence[each] as number,
    );
    if (finding === undefined || isNews) this.#change(slot, "convicted", nowMs);
    this.#tellSteps(slot);
    const decoy = this.#memory.decoys.decoyAt(slot);
    const campaignId = this.#memory.records.idAt(slot);
    return decoy === undefined ? { ...verdict, campaignId } : { ...verdict, campaignId, decoy };
  }

  /**
   * @returns who is banned, by a verdict, and turns out to be a decoy, among the sources of the same
   * machine as this one. To be asked when this one becomes more than a claim, or is banned.
   */
  exonerated(source: AddressWords): Exonerated[] {
    return this.#memory.decoys.slotsBeside(this.#keyOf(source)).flatMap((slot) => {
      const isBanned = this.#memory.records.findings.get(slot)?.outcome.status === "banned";
      const decoy = isBanned ? this.#memory.decoys.decoyAt(slot) : undefined;
      if (decoy === undefined) return [];
      return [{ source: this.#keys.prefixOf(this.#memory.table.wordsAt(slot)), decoy }];
    });
  }

  /**
   * What became of the latest verdict on this source, or of its ban.
   * @returns whether it is news for people: they were told of the conviction, be it as one of a
   * group, and it was not spared for this before.
   * True when there is no such campaign.
   */
  settle(source: Prefix, outcome: CampaignOutcome): boolean {
    const words = wordsOf(firstAddressOf(source));
    const slot = this.#memory.table.find(words);
    const finding = slot === undefined ? undefined : this.#memory.records.findings.get(slot);
    if (slot === undefined || finding === undefined) return true;
    const before = finding.outcome;
    finding.outcome = outcome;
    const { status } = outcome;
    if (status !== "spared") this.#memory.groups.setBanned(slot, words, status === "banned");
    this.#memory.telling.grow(slot);
    if (!this.#memory.telling.isSaid(slot)) return false;
    if (before.status !== "spared" || outcome.status !== "spared") return true;
    return before.reason !== outcome.reason;
  }

  /**
   * A person has let these sources in: their stories end, and what they have shown until now is
   * held neither against them nor for others.
   */
  forget(prefix: Prefix): void {
    const { table, decoys } = this.#memory;
    const sourceBits = this.#keys.bitsOf(wordsOf(firstAddressOf(prefix)));
    for (const source of table.sourcesInside(prefix, sourceBits)) {
      table.forgetSource(source);
      decoys.forget(source);
    }
  }

  /** Closes what has been quiet, and tells what has grown. To be called about once a second. */
  tick(nowMs: number): void {
    this.#close((slot) => this.#memory.table.isIdle(slot, nowMs));
    const isDue = (slot: number) => this.#memory.telling.isDue(slot, nowMs);
    for (const slot of this.#memory.table.oldestFirst(isDue)) this.#change(slot, "updated", nowMs);
  }

  /** Closes all there are. */
  closeAll(): void {
    this.#close(() => true);
  }

  /** @returns the campaign of this source that goes on, be it not opened; undefined: none does. */
  of(source: Prefix): Campaign | undefined {
    const slot = this.#memory.table.find(wordsOf(firstAddressOf(source)));
    return slot === undefined ? undefined : this.#storyAt(slot);
  }

  /** @returns every campaign that goes on, those included that are not opened, oldest first. */
  list(): Campaign[] {
    return this.#memory.table.oldestFirst().map((slot) => this.#storyAt(slot));
  }

  #makeMemory(): CampaignMemory {
    const onEnd = (slot: number) => this.#end(slot);
    return makeCampaignMemory(this.#options, this.#clock, this.#keys, onEnd, this.#tellGroup);
  }

  #close(isOver: (slot: number) => boolean): void {
    for (const slot of this.#memory.table.oldestFirst(isOver)) this.#memory.table.release(slot);
  }

  /** To be called for the source at hand. */
  #openAt(slot: number): void {
    if (!this.#memory.telling.open(slot)) return;
    this.#open += 1;
    this.#joinGroup(slot);
  }

  /** To be called for the source at hand; what it is is told to its group whenever that changes. */
  #joinGroup(slot: number): void {
    const { groups, table, records } = this.#memory;
    groups.join(slot, table, this.#key, records.toolAt(slot));
  }

  #change(slot: number, change: CampaignChange, atMs: number): void {
    this.#memory.telling.tell(slot, atMs);
    this.#slot = slot;
    const { telling, groups } = this.#memory;
    const isTold = change === "convicted" ? telling.isSaid(slot) : telling.hasStory(slot);
    this.#tell(change, this.#story, isTold && !groups.isTold(slot));
  }

  /** To be called for the source at hand. */
  #tellSteps(slot: number): void {
    const { records, telling } = this.#memory;
    if (!records.steps.hasUntold(slot) || !telling.isOpen(slot)) return;
    const epochOffsetMs = this.#clock.epochMs() - this.#clock.monotonicMs();
    const source = this.#keys.prefixOf(this.#key);
    const campaignId = records.idAt(slot);
    for (const { atMs, ...step } of records.steps.tell(slot)) {
      this.#tellStep({ source, campaignId, atEpochMs: Math.round(epochOffsetMs + atMs), ...step });
    }
  }

  /** The table ends a record that is still in its slot. */
  #end(slot: number): void {
    if (this.#memory.telling.isOpen(slot)) {
      this.#open -= 1;
      this.#change(slot, "closed", 0);
    }
    this.#memory.groups.leave(slot);
    this.#memory.decoys.end(slot);
    this.#memory.records.end(slot);
  }

  #find(source: AddressWords): number | undefined {
    return this.#memory.table.find(this.#keyOf(source));
  }

  /** @returns words that are valid until the next call. */
  #keyOf(source: AddressWords): AddressWords {
    this.#keys.keyOf(source, this.#key);
    return this.#key;
  }

  #storyAt(slot: number): Campaign {
    return this.#memory.records.storyAt(
      slot,
      this.#options.scoreOf ?? noScore,
      this.#memory.decoys.emitterAt(slot),
    );
  }
}
