/** Puts together what answers people, from the stages of a guard and what its broker has told it. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { systemClock } from "../clock.ts";
import type { Campaigns } from "../detectors/campaigns.ts";
import type { Prefix } from "../net/prefix.ts";
import type { TrustedPrefixes } from "../policy/trusted-prefixes.ts";
import type { GeoLookup } from "./geo-lookup.ts";
import type { GuardJournal } from "./guard-journal.ts";
import { type ConfiguredDetector, type Hello, liveMemoryOf } from "./guard-stages.ts";
import type { Provers } from "./provers.ts";
import { RunningOperator, type RunningParts } from "./running-operator.ts";
import { StoryDesk } from "./story-desk.ts";

type AsTheyAre =
  | "broker"
  | "pipeline"
  | "sensors"
  | "keys"
  | "settings"
  | "problems"
  | "facts"
  | "confirmByEpochMs"
  | "events";

export interface GuardOperatorParts extends Pick<RunningParts, AsTheyAre> {
  readonly hello: Pick<Hello, "watchOnly" | "hasTable">;
  readonly campaigns: Campaigns;
  readonly detector: ConfiguredDetector;
  readonly provers: Pick<Provers, "challenge" | "phantom">;
  readonly memories: GuardJournal;
  readonly trusted: TrustedPrefixes;
  readonly geo: Pick<GeoLookup, "fieldsOf">;
}

export function operatorOf(parts: GuardOperatorParts): RunningOperator {
  const { hello, campaigns, detector, provers, memories, trusted, keys, settings } = parts;
  const { watchOnly, hasTable } = hello;
  const { challenge, phantom } = provers;
  const placeOf = (source: Prefix) => parts.geo.fieldsOf(source);
  const stories = new StoryDesk({
    ...memories,
    live: liveMemoryOf(campaigns, detector, parts.broker),
    keys,
    trusted,
    ignoreFile: () => settings().settings["IGNORE_FILE"],
    clock: systemClock,
    pause: nextTurn,
    placeOf,
  });
  const { journal, stories: history } = memories;
  const told = { placeOf, journal, history, stories, challenge, phantom };
  return new RunningOperator({ ...parts, ...told, watchOnly, hasTable, clock: systemClock });
}
