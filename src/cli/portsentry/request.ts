/**
 * What one command line of `portsentry` asks for, whichever version's words it was said in.
 *
 * Paths are absolute, because whoever runs it may go elsewhere first. What nobody said is undefined
 * and stays the configuration's to say.
 */
import type { ConfigRequest } from "../../config/collect.ts";
import type { LogOutput, Verbosity } from "../../logger.ts";

/** 2.x's modes are for both transports. "": this transport is another process's affair. */
type BothMode = "stealth" | "connect" | "";

export interface PortsentryRequest {
  /** Whose command line it is: 1.2 has one word for one transport, 2.x has options. */
  readonly dialect: "1.2" | "2.x";
  /** Text of TCP_MODE; undefined: not said, so the files say it. */
  readonly tcpMode: "tcp" | "stcp" | "atcp" | BothMode | undefined;
  /** Text of UDP_MODE; undefined: not said, so the files say it. */
  readonly udpMode: "udp" | "sudp" | "audp" | BothMode | undefined;
  /** Absolute. */
  readonly configPath: string;
  /** Names; empty: all there are; undefined: not said. */
  readonly interfaces: readonly string[] | undefined;
  /** Whether the loopback is one of them; undefined iff `interfaces` is. */
  readonly senseLoopback: boolean | undefined;
  /** Whether it stays with its terminal: 1.2 never does unless told, 2.x always unless told. */
  readonly isForeground: boolean;
  /** Where lines go; never empty. */
  readonly logOutputs: readonly LogOutput[];
  /**
   * Whether a packet of this machine to itself is acted on, too (2.x, -L). Ours are judged and told
   * in any case, and nothing bans an own address, so that this changes nothing.
   */
  readonly judgesOwnAddresses: boolean;
  /** Whether a port is watched although a service has it (2.x, -S). */
  readonly watchesServedPorts: boolean;
  /** How 2.x would capture; undefined: not said. The kernel's log is one way for both. */
  readonly captureMethod: "pcap" | "raw" | undefined;
  readonly verbosity: Verbosity;
}

/** What the request sets in the configuration: it goes before the file. */
export function configRequestOf(request: PortsentryRequest): ConfigRequest {
  const { tcpMode, udpMode, interfaces, senseLoopback, configPath } = request;
  const overrides: Record<string, string> = {};
  if (tcpMode !== undefined) overrides["TCP_MODE"] = tcpMode;
  if (udpMode !== undefined) overrides["UDP_MODE"] = udpMode;
  if (interfaces !== undefined) overrides["INTERFACES"] = interfaces.join(" ");
  if (senseLoopback !== undefined) overrides["SENSE_LOOPBACK"] = senseLoopback ? "1" : "0";
  if (request.watchesServedPorts) overrides["SENSE_SERVED"] = "1";
  return { path: configPath, profile: "portsentry", overrides };
}
