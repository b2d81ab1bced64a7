import { describe, expect, it } from "vitest";
import { ACK, encodeProtocol, RST } from "../../support/packets.ts";
import { answer, from, replayPackets, settingsOf, timeline, US } from "./captures.ts";

const SCANNER = "192.0.2.66";

const ICMP = 1;
const GRE = 47;
const ECHO_REPLY = 0;
const ECHO_REQUEST = 8;

function portless(protocol: number, type: number): Uint8Array {
  const data = Buffer.concat([Buffer.of(type), Buffer.alloc(7)]);
  return encodeProtocol({ from: SCANNER, to: US, protocol, data });
}

/** Four unused ports, by which the source is banned for a minute. */
const banned = [1001, 1002, 1003, 1004].flatMap((port) => [
  from(SCANNER, port),
  answer(SCANNER, port, RST | ACK),
]);

const ping = portless(ICMP, ECHO_REQUEST);

describe("what has no port, of a source that is shut out,", () => {
  it.each([
    { what: "a ping", sent: [ping], told: ["icmp-echo"] },
    { what: "another protocol", sent: [portless(GRE, 0)], told: ["ip-protocol"] },
    { what: "ping after ping", sent: [ping, ping, ping], told: ["icmp-echo"] },
    { what: "an answer", sent: [portless(ICMP, ECHO_REPLY)], told: [] },
    { what: "a ping, unasked for", sent: [ping], told: [], texts: { SENSE_OTHER: "0" } },
  ])("is listed as it would be told: $what as $told", async ({ sent, told, texts }) => {
    const settings = settingsOf({ SENSE_OTHER: "1", ...texts });
    const { campaigns } = await replayPackets(timeline([...banned, ...sent]), settings);
    expect(campaigns.length).toBe(1);
    expect(campaigns[0]?.bans.length).toBe(1);
    expect(campaigns[0]?.packets).toBe(4 + told.length);
    expect([...(campaigns[0]?.kinds ?? [])].sort()).toEqual([...told, "tcp-syn"].sort());
  });

  it("takes no telling away from what comes after the ban", async () => {
    const pings = [
      { packet: ping, atMs: 50_000 },
      { packet: ping, atMs: 100_000 },
    ];
    const settings = settingsOf({ SENSE_OTHER: "1", BAN_TIME_CLAIMED: "1m" });
    const { campaigns } = await replayPackets([...timeline(banned), ...pings], settings);
    expect(campaigns).toMatchObject([
      { packets: 6, bans: [{ until: "2026-01-01T00:01:00.060Z" }] },
    ]);
  });
});
