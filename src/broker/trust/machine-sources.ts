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

export interface MachineSources {
  /** All but sessions and the file of `vedette trust`. */
  readonly sources: readonly TrustSource[];
  /** Those of them that change with the network, and cost little. */
  readonly quick: readonly TrustSource[];
}

export function machineSources(parts: MachineSourcesParts): MachineSources {
  const quick = [new OwnAddresses(), new Gateways(), new Resolvers()];
  const sources = [
    ...quick,
    new MetadataAddress(),
    ...parts.ignoreFiles.map((setting) => new IgnoreFile(setting, parts.clock)),
    parts.outgoing,
  ];
  return { sources, quick };
}
