/**
 * Several sources of one block of addresses on one campaign together: shown as one, never banned
 * as one.
 *
 * Neighbours are an IPv4 /24 and an IPv6 /48, the least that is routed on its own. A group is three
 * of them whose campaigns go on at once, if one is convicted, or if together they touch as many
 * ports as would convict one source: then each touches too few to be a scanner, and all together
 * are one. People are told the first, and machines both. It is told again when it has doubled, and
 * when its last campaign is closed.
 *
 * Sources are forged at no cost, so a source is nobody's neighbour before it is more than a claim or
 * its campaign more than a stray packet. Memory is fixed: 4,096 blocks, the least convincing and
 * idlest goes first, those told of last. A forged neighbour of an innocent makes its story longer
 * and nothing else. A probe allocates nothing.
 */
import type { Clock } from "../clock.ts";
import type { CampaignChange, CampaignGroup } from "../model/campaign.ts";
import type { Probe } from "../model/probe.ts";
import { TOOLS, type Tool } from "../model/tool.ts";
import { missesToConvict } from "../model/walk.ts";
import type { AddressWords } from "../net/address-words.ts";
import { networkBlockOf, networkPrefixOf } from "../net/network-block.ts";
import type { Prefix } from "../net/prefix.ts";
import type { SourceKeys } from "../net/source-keys.ts";
import type { AddressHashKey } from "./address-hash.ts";
import { CampaignPorts } from "./campaign-ports.ts";
import { GroupMembers } from "./group-members.ts";
import { evidenceOfRank, KIND_BITS, kindsOfBits } from "./slot-values.ts";
import { SourceTable } from "./source-table.ts";

/** What is told of a group; `isScan`: one of its sources was convicted. */
export type GroupListener = (
  change: CampaignChange,
  group: () => CampaignGroup,
  isScan: boolean,
) => void;

const MAX_GROUPS = 4096;

/** Groups that know more than 32 ports at once: {@link CampaignPorts}. */
const MAX_MAPS = 64;

/** Sources that make a group. */
const LEAST_MEMBERS = 3;

/** Ports that convict a source which is alone. */
const LEAST_PORTS = missesToConvict(false);

const NO_GROUP = -1;

/** Stand for the place of a tool in TOOLS, which is counted from 1 on. */
const NO_TOOL = 0;
const SEVERAL_TOOLS = 0xff;

/** What was told of a group; ONE: nothing, because as far as it goes it is one machine. */
const UNTOLD = 0;
const OPENED = 1;
const CONVICTED = 2;
const ONE = 3;

export class CampaignGroups {
  readonly #clock: Clock;
  readonly #keys: SourceKeys;
  readonly #tell: GroupListener;
  readonly #isOneSender: (sources: readonly AddressWords[]) => boolean;
  readonly #table: SourceTable;
  readonly #ports: CampaignPorts;
  readonly #members: GroupMembers;
  /** By group: campaigns that go on; their tool, what was told, and of how many members. */
  readonly #open: Uint32Array;
  readonly #tools: Uint8Array;
  readonly #told: Uint8Array;
  readonly #toldMembers: Uint32Array;
  /** By campaign: its group, and the number that the group has as long as it is the same. */
  readonly #groupOf: Int32Array;
  readonly #numberOf: Uint32Array;
  readonly #block = new Uint32Array(4);
  #group = 0;
  readonly #story = () => this.#storyAt(this.#group);

  /**
   * @param campaigns slots of campaigns. @param isOneSender whether these are addresses of one
   * machine, which is no group: its story says so. @param hashKey as of the campaigns.
   */
  constructor(
    campaigns: number,
    clock: Clock,
    keys: SourceKeys,
    isOneSender: (sources: readonly AddressWords[]) => boolean,
    tell: GroupListener,
    hashKey: AddressHashKey | undefined,
  ) {
    this.#clock = clock;
    this.#keys = keys;
    this.#tell = tell;
    this.#isOneSender = isOneSender;
    // A group lasts as long as its campaigns do.
    this.#table = new SourceTable({
      maxSources: MAX_GROUPS,
      recordMs: Number.MAX_VALUE,
      ...(hashKey === undefined ? {} : { hashKey }),
      onEnd: (group) => this.#end(group),
    });
    this.#ports = new CampaignPorts(this.#table, MAX_MAPS);
    const { capacity } = this.#table;
    this.#members = new GroupMembers(capacity);
    this.#open = new Uint32Array(capacity);
    this.#tools = new Uint8Array(capacity);
    this.#told = new Uint8Array(capacity);
    this.#toldMembers = new Uint32Array(capacity);
    this.#groupOf = new Int32Array(campaigns).fill(NO_GROUP);
    this.#numberOf = new Uint32Array(campaigns);
  }

  /**
   * Counts a campaign among its neighbours, with what it has done so far; once. Later calls tell how
   * sure its source is by now. `campaigns`: its table. `source`: its key. `tool`: what it looks like.
   */
  join(
    campaign: number,
    campaigns: SourceTable,
    source: AddressWords,
    tool: Tool | undefined,
  ): void {
    const joined = this.#groupAt(campaign);
    if (joined !== undefined) {
      this.#believe(joined, campaigns.evidence[campaign] as number);
      return;
    }
    networkBlockOf(source, this.#block);
    const table = this.#table;
    const group = table.touch(this.#block, campaigns.firstSeenAtMs[campaign] as number);
    if (table.probes[group] === 0) this.#begin(group);
    table.probes[group] = (table.probes[group] as number) + (campaigns.probes[campaign] as number);
    this.#see(group, campaigns.lastCountedAtMs[campaign] as number);
    for (let index = 0; index < campaigns.ports.count(campaign); index += 1) {
      this.#ports.addEntry(group, campaigns.ports.at(campaign, index));
    }
    this.#groupOf[campaign] = group;
    this.#numberOf[campaign] = table.campaign[group] as number;
    this.#open[group] = (this.#open[group] as number) + 1;
    this.#members.add(group, source);
    table.kinds[group] = (table.kinds[group] as number) | (campaigns.kinds[campaign] as number);
    this.#believe(group, campaigns.evidence[campaign] as number);
    this.#name(group, tool);
    if (this.#told[group] === ONE) this.#told[group] = UNTOLD;
    this.#look(group);
  }

  /** Takes a probe of one of its campaigns into account. `tool`: what that looks like by now. */
  observe(campaign: number, probe: Probe, isNewPort: boolean, tool: Tool | undefined): void {
    const group = this.#groupAt(campaign);
    if (group === undefined) return;
    const { kinds } = this.#table;
    kinds[group] = (kinds[group] as number) | KIND_BITS[probe.kind];
    this.#name(group, tool);
    this.#table.probes[group] = (this.#table.probes[group] as number) + 1;
    this.#see(group, probe.seenAtMs);
    if (isNewPort) this.#ports.add(group, probe.transport, probe.port);
    this.#look(group);
  }

  /** A campaign is convicted for the first time. `source`: its key. */
  convict(campaign: number, source: AddressWords): void {
    const group = this.#groupAt(campaign);
    if (group === undefined) return;
    this.#members.convict(group, source);
    this.#look(group);
  }

  /** A verdict has banned its source, or that was taken back. */
  setBanned(campaign: number, source: AddressWords, isBanned: boolean): void {
    const group = this.#groupAt(campaign);
    if (group !== undefined) this.#members.setBanned(group, source, isBanned);
  }

  /** A campaign is closed. */
  leave(campaign: number): void {
    const group = this.#groupAt(campaign);
    this.#groupOf[campaign] = NO_GROUP;
    if (group === undefined) return;
    const open = (this.#open[group] as number) - 1;
    this.#open[group] = open;
    if (open === 0) this.#table.release(group);
  }

  /** Whether people were told of the campaign's group, so that its own story is a part of that. */
  isTold(campaign: number): boolean {
    const group = this.#groupAt(campaign);
    return group !== undefined && this.#told[group] === CONVICTED;
  }

  #see(group: number, atMs: number): void {
    const { lastCountedAtMs } = this.#table;
    if (atMs > (lastCountedAtMs[group] as number)) lastCountedAtMs[group] = atMs;
  }

  #begin(group: number): void {
    this.#members.begin(group);
    this.#open[group] = 0;
    this.#tools[group] = NO_TOOL;
    this.#told[group] = UNTOLD;
    this.#toldMembers[group] = 0;
  }

  /** All its campaigns are closed, or another group takes its place. */
  #end(group: number): void {
    if (this.#told[group] === OPENED || this.#told[group] === CONVICTED) {
      this.#change(group, "closed");
    }
    this.#ports.end(group);
  }

  /** The campaign's group, unless another has taken its place. */
  #groupAt(campaign: number): number | undefined {
    const group = this.#groupOf[campaign] as number;
    if (group === NO_GROUP) return undefined;
    return this.#table.campaign[group] === this.#numberOf[campaign] ? group : undefined;
  }

  /** Tells what there is to tell. */
  #look(group: number): void {
    if ((this.#open[group] as number) < LEAST_MEMBERS) return;
    const told = this.#told[group] as number;
    const isScan = this.#members.convictedCount(group) > 0;
    if (told === ONE) return;
    if (told === CONVICTED || (told === OPENED && !isScan)) {
      const isDoubled = this.#members.count(group) >= 2 * (this.#toldMembers[group] as number);
      if (isDoubled) this.#change(group, "updated");
      return;
    }
    if (!isScan && (this.#table.contacts[group] as number) < LEAST_PORTS) return;
    if (this.#isOneSender([true, false].flatMap((each) => this.#members.listedOf(group, each)))) {
      if (told === OPENED) this.#change(group, "closed");
      this.#told[group] = ONE;
      return;
    }
    this.#told[group] = isScan ? CONVICTED : OPENED;
    this.#table.convictedAtMs[group] = this.#table.lastCountedAtMs[group] as number;
    this.#change(group, isScan ? "convicted" : "opened");
  }

  #change(group: number, change: CampaignChange): void {
    this.#toldMembers[group] = this.#members.count(group);
    this.#group = group;
    this.#tell(change, this.#story, this.#told[group] === CONVICTED);
  }

  /** The strongest evidence of any of them. */
  #believe(group: number, rank: number): void {
    const { evidence } = this.#table;
    if (rank > (evidence[group] as number)) evidence[group] = rank;
  }

  #name(group: number, tool: Tool | undefined): void {
    if (tool === undefined) return;
    const code = TOOLS.indexOf(tool) + 1;
    if (this.#tools[group] === NO_TOOL) this.#tools[group] = code;
    else if (this.#tools[group] !== code) this.#tools[group] = SEVERAL_TOOLS;
  }

  #storyAt(group: number): CampaignGroup {
    const table = this.#table;
    const epochOffsetMs = this.#clock.epochMs() - this.#clock.monotonicMs();
    const { ports, isShortened } = this.#ports.of(group);
    return {
      prefix: networkPrefixOf(table.wordsAt(group)),
      firstAtEpochMs: Math.round(epochOffsetMs + (table.firstSeenAtMs[group] as number)),
      lastAtEpochMs: Math.round(epochOffsetMs + (table.lastCountedAtMs[group] as number)),
      sources: this.#members.count(group),
      convicted: this.#members.convictedCount(group),
      banned: this.#members.bannedCount(group),
      scanners: this.#namesOf(group, true),
      others: this.#namesOf(group, false),
      kinds: kindsOfBits(table.kinds[group] as number),
      tool: TOOLS[(this.#tools[group] as number) - 1],
      evidence: evidenceOfRank(table.evidence[group] as number),
      packets: table.probes[group] as number,
      ports,
      portCount: {
        count: table.contacts[group] as number,
        isAtLeast: isShortened || this.#ports.isCut(group),
      },
    };
  }

  #namesOf(group: number, isConvicted: boolean): Prefix[] {
    return this.#members.listedOf(group, isConvicted).map((words) => this.#keys.prefixOf(words));
  }
}
