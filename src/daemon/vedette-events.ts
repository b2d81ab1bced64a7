/**
 * Our own lines: one readable line an event, or one object for machines.
 *
 * People are told stories: who scans and why, what was done about it, and the whole of it when it
 * is over. Single probes, and what came to nothing, are background noise of any address on the
 * Internet: machines get them, and people who ask for more.
 *
 * {@link LINES_A_SECOND} probes a second have their line, and one line each second says how many
 * more there were. Verdicts and orders are bounded by the detector and the ban budget, and are
 * rationed the same way, apart, so that a flood of probes cannot hide them.
 */
import type { LegacyResponse } from "../broker/executors/deed.ts";
import type { Clock } from "../clock.ts";
import type { Level, Logger } from "../logger.ts";
import type { Ban } from "../model/ban.ts";
import type { Campaign, CampaignChange, CampaignGroup } from "../model/campaign.ts";
import { describeEvidence, type EvidenceStep } from "../model/evidence.ts";
import type { HealthProblem } from "../model/health.ts";
import type { Order, Outcome } from "../model/order.ts";
import type { Probe } from "../model/probe.ts";
import type { Decoy, Verdict } from "../model/verdict.ts";
import { formatWords } from "../net/address-words.ts";
import { formatPrefix, type Prefix } from "../net/prefix.ts";
import { formatKind } from "../sensors/probe-kind.ts";
import { type AnnouncementFacts, announce } from "./announcement.ts";
import {
  campaignFields,
  formatConviction,
  formatGroup,
  formatHow,
  formatOpening,
  formatStory,
  groupFields,
} from "./campaign-lines.ts";
import type { ScanStory } from "./dialects/scan-story.ts";
import { formatExoneration } from "./emitter-lines.ts";
import type { Events, Spared } from "./events.ts";
import { formatStep } from "./evidence-words.ts";
import { Ration } from "./ration.ts";
import { formatSpan } from "./spans.ts";

/** Lines a second for probes, and as many again for everything else that senders can cause. */
export const LINES_A_SECOND = 20;

interface CampaignLine {
  readonly text: string;
  readonly fields: Parameters<Logger["log"]>[3];
}

export interface VedetteEventsParts {
  readonly logger: Logger;
  readonly clock: Clock;
  /** `everything`: each probe, too, and what came to nothing. */
  readonly tells: "stories" | "everything";
  /** Told the same scans, for HISTORY_FILE. */
  readonly story?: ScanStory | undefined;
}

export class VedetteEvents implements Events {
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #story: ScanStory | undefined;
  readonly #probes = new Ration(LINES_A_SECOND);
  readonly #campaigns = new Ration(LINES_A_SECOND);
  readonly #others = new Ration(LINES_A_SECOND);
  readonly #tellsEverything: boolean;

  constructor({ logger, clock, tells, story }: VedetteEventsParts) {
    this.#logger = logger;
    this.#clock = clock;
    this.#tellsEverything = tells === "everything";
    this.#story = story;
  }

  starting(): void {}

  started(facts: AnnouncementFacts): void {
    for (const line of announce(facts)) this.#logger.log("info", "start", line);
  }

  startFailed(): void {}

  ready(watchOnly: string | undefined): void {
    const text = `${watchOnly === undefined ? "guarding" : "watching"}: ready`;
    this.#logger.log("notice", "ready", text);
  }

  stopping(): void {}

  stopped(left: string): void {
    this.#logger.log("notice", "stopped", `stopped: ${left}`);
  }

  fileFailed(): void {}

  probe(probe: Probe, hasConvicted: boolean): void {
    this.#story?.probe(probe, hasConvicted);
    if (!this.#tellsEverything || !this.#probes.takes(probe.seenAtMs)) return;
    const source = formatWords(probe.source);
    const { transport, port, kind, evidence, startedHold } = probe;
    const held = startedHold ? "; held" : "";
    this.#logger.log(
      "info",
      startedHold ? "hold" : "probe",
      `probe    ${source} -> ${transport} ${port} (${formatKind(kind)}${held})`,
      { source, transport, port, kind, evidence, held: startedHold },
    );
  }

  evidence(step: EvidenceStep): void {
    if (!this.#tellsEverything || !this.#campaigns.takes(this.#clock.monotonicMs())) return;
    const source = formatPrefix(step.source);
    const { way, evidence, port, campaignId: campaign } = step;
    const text = `evidence ${source} ${formatStep(step)}`;
    this.#logger.log("info", "evidence-step", text, { source, way, evidence, port, campaign });
  }

  verdict(verdict: Verdict): void {
    this.#story?.verdict(verdict);
    // The campaign has told it the first time; a story is not told again for each verdict.
    if (!this.#tellsEverything) return;
    const { address, evidence, ruleId, score, reason, campaignId, kinds, tool } = verdict;
    const source = formatPrefix(verdict.source);
    const how = formatHow(verdict);
    this.#tell("info", "verdict", `verdict  ${source} scans (${how}): ${reason}`, {
      source,
      address,
      evidence,
      rule: ruleId,
      score: score?.value,
      reason,
      kinds: kinds.join(","),
      tool,
      campaign: campaignId,
    });
  }

  raised({ source: prefix, evidence, raisedFrom, campaignId }: Verdict, isBanned: boolean): void {
    const source = formatPrefix(prefix);
    const text = `evidence ${source} is ${describeEvidence(evidence)}`;
    const fields = { source, evidence, before: raisedFrom, campaign: campaignId };
    // The line of the ban says on what evidence it is.
    this.#tell("notice", "evidence", text, fields, isBanned ? "machines" : undefined);
  }

  campaign(change: CampaignChange, story: () => Campaign, isStory: boolean): void {
    const isNews = isStory && (change === "convicted" || change === "closed");
    this.#tellCampaign(isNews, `campaign-${change}`, () => {
      const campaign = story();
      return { text: formatChange(change, campaign), fields: campaignFields(campaign) };
    });
  }

  group(change: CampaignChange, story: () => CampaignGroup, isScan: boolean): void {
    this.#tellCampaign(isScan, `group-${change}`, () => {
      const group = story();
      const label = change === "closed" ? (isScan ? "story" : "over") : "group";
      const text = `${label.padEnd(8)} ${formatGroup(group, change === "closed")}`;
      return { text, fields: groupFields(group) };
    });
  }

  spared(verdict: Verdict, spared: Spared, isNews: boolean): void {
    this.#story?.spared(verdict, spared);
    if (!isNews && !this.#tellsEverything) return;
    const source = formatPrefix(verdict.source);
    this.#tell("notice", "spared", `spared   ${source}: ${spared.text}`, {
      source,
      why: spared.reason,
      reason: spared.text,
    });
  }

  outcome(order: Order, outcome: Outcome, responses: readonly LegacyResponse[]): void {
    // A ban by command is no end of a scan, and what only lengthens one has ended it before.
    if (order.act === "ban" && order.ban.origin !== "operator" && order.raisedFrom === undefined) {
      this.#story?.outcome(order, outcome, responses, undefined);
    }
    const isBan = order.act === "ban";
    const address = formatPrefix(isBan ? order.ban.prefix : order.prefix);
    if (outcome.status === "refused" || outcome.status === "failed") {
      const text = `${outcome.status.padEnd(8)} ${order.act} ${address}: ${outcome.reason}`;
      const level = outcome.status === "failed" ? "warning" : "notice";
      this.#tell(level, outcome.status, text, { address, act: order.act, reason: outcome.reason });
    } else if (isBan) {
      const isLonger = order.raisedFrom !== undefined;
      this.#tell("notice", "ban", `ban      ${address} ${this.#length(order.ban, isLonger)}`, {
        address,
        evidence: order.ban.evidence,
        before: order.raisedFrom,
        origin: order.ban.origin,
        until: isoTime(order.ban.untilEpochMs),
        rule: order.ban.ruleId,
        score: order.ban.score?.value,
        reason: order.ban.reason,
        campaign: order.ban.campaignId,
      });
    } else if (outcome.status === "applied") {
      this.#logger.log("notice", "unban", `unban    ${address}`, { address });
    }
    for (const response of responses) this.#response(order.act, address, response);
  }

  health(problem: HealthProblem, change: "raised" | "cleared"): void {
    const level = problem.severity;
    if (change === "cleared") {
      this.#logger.log("notice", "health", `over     ${problem.text}`, {
        code: problem.code,
        change,
      });
    } else {
      const text = `${problem.text} ${problem.action}`;
      this.#logger.log(level, "health", text, {
        code: problem.code,
        change,
        action: problem.action,
      });
    }
  }

  exonerated(source: Prefix, decoy: Decoy): void {
    const text = `decoy    ${formatExoneration(source, decoy)}`;
    const { sources, evidence } = decoy;
    this.#tell("notice", "decoy", text, { address: formatPrefix(source), sources, evidence });
  }

  trust(prefix: Prefix): void {
    const address = formatPrefix(prefix);
    this.#logger.log("notice", "trust", `trust    ${address} (by command)`, { address });
  }

  async settled(): Promise<void> {
    await this.#story?.settled();
  }

  note(level: Level, event: string, text: string): void {
    this.#logger.log(level, event, text);
  }

  flush(): void {
    this.#story?.flush();
    for (const [ration, what] of [
      [this.#probes, "probes"],
      [this.#campaigns, "beginnings and ends"],
      [this.#others, "verdicts and orders"],
    ] as const) {
      const skipped = ration.takeSkipped();
      if (skipped === 0) continue;
      this.#logger.log("info", "more", `         and ${skipped} more ${what}`, { skipped, what });
    }
  }

  /** @param isNews for people; else for who wants everything. */
  #tellCampaign(isNews: boolean, event: string, line: () => CampaignLine): void {
    if (!isNews && !this.#tellsEverything) return;
    const ration = isNews ? this.#others : this.#campaigns;
    if (!ration.takes(this.#clock.monotonicMs())) return;
    const { text, fields } = line();
    this.#logger.log(isNews ? "notice" : "info", event, text, fields);
  }

  #tell(...line: Parameters<Logger["log"]>): void {
    if (this.#others.takes(this.#clock.monotonicMs())) this.#logger.log(...line);
  }

  /** What stood, or was gone, before is no news. */
  #response(act: Order["act"], address: string, response: LegacyResponse): void {
    const { name, status, text, reason } = response;
    if (status === "already-applied") return;
    const event = act === "ban" ? "respond" : "undo";
    const why = reason === undefined ? "" : ` (${reason})`;
    const what = status === "applied" ? name : `${name} ${status}${why}`;
    const level = status === "applied" ? "notice" : "warning";
    this.#tell(level, event, `${event.padEnd(8)} ${address} ${what}: ${text}`, {
      address,
      response: name,
      status,
      command: text,
      reason,
    });
  }

  #length({ untilEpochMs, evidence, origin }: Ban, isLonger: boolean): string {
    const why = origin === "operator" ? "by command" : describeEvidence(evidence);
    if (untilEpochMs === undefined) return `${isLonger ? "lengthened: " : ""}for good (${why})`;
    const span = formatSpan(untilEpochMs - this.#clock.epochMs());
    return `${isLonger ? "lengthened to" : "for"} ${span} (${why})`;
  }
}

function formatChange(change: CampaignChange, campaign: Campaign): string {
  switch (change) {
    case "opened":
      return `begins   ${formatOpening(campaign)}`;
    case "convicted":
      return `scan     ${formatConviction(campaign)}`;
    case "updated":
      return `so far   ${formatStory(campaign)}`;
    case "closed": {
      const label = campaign.verdict === "scan" ? "story" : "over";
      return `${label.padEnd(8)} ${formatStory(campaign)}`;
    }
  }
}

function isoTime(epochMs: number | undefined): string | undefined {
  return epochMs === undefined ? undefined : new Date(epochMs).toISOString();
}
