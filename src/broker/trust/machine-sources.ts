/** Every source of automatic trust of this machine, in the order in which reasons are told. */
import type { Clock } from "../../clock.ts";
import { Gateways } from "./gateways.ts";
import { IgnoreFile, type IgnoreFileSetting } from "./ignore-file.ts";
import { MetadataAddress } from "./metadata-address.ts";
import type { OutgoingHosts } from "./outgoing.ts";
import { OwnAddresses } from "./own-addresses.ts";
import { Resolvers } from "./resolvers.ts";
import type { TrustSource } from "./trust-source.ts";

export interface MachineSourcesParts {
  readonly ignoreFiles: readonly IgnoreFileSetting[];
  /** The only one with a memory, which outlives a change of the others. */
  readonly outgoing: OutgoingHosts;
  readonly clock: Clock;
}

/** All sources but sessions and the file of `vedette trust`. */
export function machineSources(parts: MachineSourcesParts): TrustSource[] {
  return [
    new OwnAddresses(),
    new Gateways(),
    new Resolvers(),
    new MetadataAddress(),
    ...parts.ignoreFiles.map((setting) => new IgnoreFile(setting, parts.clock)),
    parts.outgoing,
  ];
}
