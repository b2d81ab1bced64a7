/**
 * Under which of PortSentry's modes a probe is told: what the configuration says, as far as it can
 * be had. Without nftables every mode listens.
 */
import { MODES_OF, type ResponseMode } from "../../broker/executors/command-template.ts";
import type { ConfigTexts } from "../../config/schema.ts";
import type { Transport } from "../../net/transport.ts";
import { isClassic } from "./dialect.ts";

export type ToldModes = Readonly<Record<Transport, ResponseMode>>;

/**
 * @param texts those of TCP_MODE and UDP_MODE; a transport that is off is told as a stealth one.
 */
export function toldModesOf(
  texts: Pick<ConfigTexts, "TCP_MODE" | "UDP_MODE">,
  isKernelSensing: boolean,
): ToldModes {
  const modeOf = (transport: Transport, text: string): ResponseMode => {
    const modes: readonly ResponseMode[] = MODES_OF[transport];
    const mode = modes.find((known) => known === text) ?? "stealth";
    if (isKernelSensing || isClassic(mode)) return mode;
    return mode === "stealth" ? "connect" : transport;
  };
  return { tcp: modeOf("tcp", texts.TCP_MODE), udp: modeOf("udp", texts.UDP_MODE) };
}
