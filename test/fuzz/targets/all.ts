/** Every target, in the order in which they are fuzzed. */
import type { FuzzTarget } from "../target.ts";
import { apiTarget } from "./api.ts";
import { brokerTarget } from "./broker.ts";
import { capturesTarget } from "./captures.ts";
import { configurationTarget } from "./configuration.ts";
import { fleetTarget } from "./fleet.ts";
import { ignoreFilesTarget } from "./ignore-files.ts";
import { netlinkTarget } from "./netlink.ts";
import { packetsTarget } from "./packets.ts";

export const FUZZ_TARGETS: readonly FuzzTarget[] = [
  packetsTarget,
  netlinkTarget,
  configurationTarget,
  ignoreFilesTarget,
  capturesTarget,
  brokerTarget,
  apiTarget,
  fleetTarget,
];
