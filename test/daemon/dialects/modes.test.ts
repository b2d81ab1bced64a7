import { describe, expect, it } from "vitest";
import { toldModesOf } from "../../../src/daemon/dialects/modes.ts";

describe("toldModesOf", () => {
  it.each([
    { texts: ["atcp", "audp"], sensed: ["atcp", "audp"], listening: ["tcp", "udp"] },
    { texts: ["stcp", "sudp"], sensed: ["stcp", "sudp"], listening: ["tcp", "udp"] },
    { texts: ["tcp", "udp"], sensed: ["tcp", "udp"], listening: ["tcp", "udp"] },
    {
      texts: ["stealth", "stealth"],
      sensed: ["stealth", "stealth"],
      listening: ["connect", "connect"],
    },
    {
      texts: ["connect", "connect"],
      sensed: ["connect", "connect"],
      listening: ["connect", "connect"],
    },
    { texts: ["", "audp"], sensed: ["stealth", "audp"], listening: ["connect", "udp"] },
  ])("$texts is $sensed with nftables and $listening without", ({ texts, sensed, listening }) => {
    const [TCP_MODE = "", UDP_MODE = ""] = texts;
    const modes = (isKernelSensing: boolean) => {
      const { tcp, udp } = toldModesOf({ TCP_MODE, UDP_MODE }, isKernelSensing);
      return [tcp, udp];
    };
    expect(modes(true)).toEqual(sensed);
    expect(modes(false)).toEqual(listening);
  });
});
