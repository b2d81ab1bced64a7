/** Carries out `vedette replay`: configurations and their ignore lists, and then the captures. */
import type { Configuration } from "../../config/load.ts";
import type { PrefixSet } from "../../net/prefix-set.ts";
import type { OpenPorts } from "../../replay/own-machine.ts";
import type { EmitterView, GroupView } from "./company.ts";
import { compareReports, type ReplayDifference, type ReplayTreatment } from "./compare.ts";
import { readReplayTrust } from "./replay-trust.ts";
import type { ReplayCampaign, ReplayReport } from "./report.ts";
import { replaySurveyed } from "./run-replay.ts";
import { type OnReplayProgress, surveyFiles } from "./survey-files.ts";

/** What the command shows. */
export type { EmitterView, GroupView, ReplayCampaign, ReplayTreatment };

export interface ReplayRequest {
  readonly files: readonly string[];
  readonly configuration: Configuration;
  /** A second one, to be compared. */
  readonly against: Configuration | undefined;
  /** Our addresses; undefined: they are inferred. */
  readonly ours: PrefixSet<unknown> | undefined;
  /** The open ports; undefined: those that answer. */
  readonly open: OpenPorts | undefined;
  /** Called after each piece of a file, `turn` of `turns` readings of all; must not throw. */
  readonly onProgress?: (turn: number, turns: number, ...at: Parameters<OnReplayProgress>) => void;
}

export interface ReplayAnswer extends ReplayReport {
  /** There iff a second configuration was given. */
  readonly against?: {
    /** The second configuration's file. */
    readonly config: string;
    /** Sources that it would have treated otherwise. */
    readonly differences: readonly ReplayDifference[];
  };
}

/**
 * @throws {OperationalError} ERR_CAPTURE when a file cannot be read or is no capture, ERR_USAGE when
 * one that is no file would have to be read twice.
 */
export async function answerReplay(request: ReplayRequest): Promise<ReplayAnswer> {
  const { files, configuration, against, ours, open, onProgress } = request;
  const isSurveyed = ours === undefined || open === undefined || against !== undefined;
  const turns = (isSurveyed || files.length > 1 ? 2 : 1) + (against === undefined ? 0 : 1);
  let turn = 1;
  const tell: OnReplayProgress = (...at) => onProgress?.(turn, turns, ...at);
  const surveyed = await surveyFiles(files, isSurveyed, tell);
  const judge = async (judged: Configuration) => {
    const { values, revision } = judged;
    const { entries, notes } = readReplayTrust(judged);
    turn = Math.min(turns, turn + 1);
    const settings = { values, configRevision: revision, trusted: entries, ours, open };
    const report = await replaySurveyed(surveyed, settings, tell);
    return { ...report, notes: [...report.notes, ...notes] };
  };
  const report = await judge(configuration);
  if (against === undefined) return report;
  const other = await judge(against);
  return {
    ...report,
    against: { config: against.path, differences: compareReports(report, other) },
  };
}
