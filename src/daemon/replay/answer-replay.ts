/** Carries out `vedette replay`: the configuration and its ignore lists, and then the captures. */
import type { Configuration } from "../../config/load.ts";
import type { PrefixSet } from "../../net/prefix-set.ts";
import type { OpenPorts } from "../../replay/own-machine.ts";
import { readReplayTrust } from "./replay-trust.ts";
import type { ReplayCampaign, ReplayReport } from "./report.ts";
import { replaySurveyed } from "./run-replay.ts";
import { surveyFiles } from "./survey-files.ts";

/** What the command shows. */
export type { ReplayCampaign, ReplayReport };

export interface ReplayRequest {
  readonly files: readonly string[];
  readonly configuration: Configuration;
  /** Our addresses; undefined: they are inferred. */
  readonly ours: PrefixSet<unknown> | undefined;
  /** The open ports; undefined: those that answer. */
  readonly open: OpenPorts | undefined;
}

/** @throws {OperationalError} ERR_CAPTURE when a file cannot be read or is no capture. */
export async function answerReplay({
  files,
  configuration,
  ours,
  open,
}: ReplayRequest): Promise<ReplayReport> {
  const trust = readReplayTrust(configuration);
  const surveyed = await surveyFiles(files);
  return replaySurveyed(surveyed, {
    values: configuration.values,
    configRevision: configuration.revision,
    trusted: trust.entries,
    ours,
    open,
  });
}
