import { describe, expect, it } from "vitest";
import type { Service } from "../../bench/scenario.ts";
import { Onlooker, type Sight } from "../../bench/sight.ts";
import { encodePortUnreachable, encodeTcp, encodeUdp } from "../../bench/traffic/packets.ts";

const OURS = "198.51.100.10";
const PEER = "203.0.113.66";
const IN = { source: PEER, destination: OURS, sourcePort: 40_000, destinationPort: 80 };
const OUT = { source: OURS, destination: PEER, sourcePort: 50_000, destinationPort: 53 };
const BACK = { source: PEER, destination: OURS, sourcePort: 53, destinationPort: 50_000 };
const SERVICES: readonly Service[] = [
  { transport: "tcp", port: 80, outages: [[1000, 2000]] },
  { transport: "udp", port: 53 },
];
const SYN = 0x02;
const ACK = 0x10;
const RST = 0x04;

type Facts = Pick<Sight, "direction" | "peer" | "hasSocket" | "isAllowed" | "isAnswer">;

/** @returns what is told of the last of the packets, each at its milliseconds. */
function lookAt(
  ...packets: readonly (readonly [atEpochMs: number, bytes: Buffer])[]
): Facts | undefined {
  const onlooker = new Onlooker({ ours: [OURS], services: SERVICES });
  let facts: Facts | undefined;
  for (const [atEpochMs, bytes] of packets) {
    const sight = onlooker.look({ atEpochMs, bytes });
    facts = sight && { ...sight };
  }
  return facts;
}

const syn = (port: number) => encodeTcp({ ...IN, destinationPort: port, flags: SYN });

describe("Onlooker", () => {
  it.each([
    { what: "a service", at: 0, port: 80, hasSocket: true, isAllowed: true },
    { what: "the moment in which it stops", at: 1000, port: 80, hasSocket: false, isAllowed: true },
    {
      what: "the last moment of its outage",
      at: 1999,
      port: 80,
      hasSocket: false,
      isAllowed: true,
    },
    {
      what: "the moment in which it is back",
      at: 2000,
      port: 80,
      hasSocket: true,
      isAllowed: true,
    },
    { what: "another port", at: 0, port: 81, hasSocket: false, isAllowed: false },
    {
      what: "a service's number over the other transport",
      at: 0,
      port: 53,
      hasSocket: false,
      isAllowed: false,
    },
  ])("knows of $what", ({ at, port, hasSocket, isAllowed }) => {
    expect(lookAt([at, syn(port)])).toMatchObject({
      direction: "in",
      peer: PEER,
      hasSocket,
      isAllowed,
    });
  });

  it.each([
    { what: "at once", afterMs: 0, isAnswer: true, hasSocket: true },
    { what: "as long as somebody waits", afterMs: 5000, isAnswer: true, hasSocket: true },
    { what: "when nobody waits any more", afterMs: 5001, isAnswer: true, hasSocket: false },
    { what: "to the end of the flow", afterMs: 120_000, isAnswer: true, hasSocket: false },
    { what: "behind it", afterMs: 120_001, isAnswer: false, hasSocket: false },
  ])(
    "takes a datagram for an answer to what we asked: $what",
    ({ afterMs, isAnswer, hasSocket }) => {
      expect(lookAt([0, encodeUdp(OUT)], [afterMs, encodeUdp(BACK)])).toMatchObject({
        isAnswer,
        hasSocket,
      });
    },
  );

  it.each([
    { what: "another port of ours", fields: { destinationPort: 50_001 } },
    { what: "another port of theirs", fields: { sourcePort: 54 } },
    { what: "another sender", fields: { source: "203.0.113.67" } },
  ])("does not take $what for it", ({ fields }) => {
    expect(lookAt([0, encodeUdp(OUT)], [1, encodeUdp({ ...BACK, ...fields })])).toMatchObject({
      isAnswer: false,
    });
  });

  it("takes no client's packet for an answer because a service has answered it", () => {
    const question = { ...IN, destinationPort: 53 };
    const answer = { ...OUT, sourcePort: 53, destinationPort: IN.sourcePort };
    const facts = lookAt(
      [0, encodeUdp(question)],
      [1, encodeUdp(answer)],
      [2, encodeUdp(question)],
    );
    expect(facts).toMatchObject({ isAnswer: false, hasSocket: true });
  });

  it("ends a connection of ours with its reset", () => {
    const begun = [0, encodeTcp({ ...OUT, flags: SYN })] as const;
    const late = [2, encodeTcp({ ...BACK, flags: ACK })] as const;
    expect(lookAt(begun, late)).toMatchObject({ isAnswer: true, hasSocket: true });
    const reset = [1, encodeTcp({ ...BACK, flags: RST })] as const;
    expect(lookAt(begun, reset)).toMatchObject({ isAnswer: true });
    expect(lookAt(begun, reset, late)).toMatchObject({ isAnswer: false, hasSocket: false });
  });

  it("passes over what is not ours, and what is no packet", () => {
    expect(lookAt([0, encodeTcp({ ...IN, destination: "192.0.2.1", flags: SYN })])).toBeUndefined();
    expect(lookAt([0, Buffer.from("45", "hex")])).toBeUndefined();
  });

  it("says what a refusal is about", () => {
    const onlooker = new Onlooker({ ours: [OURS], services: [] });
    const bytes = encodePortUnreachable(encodeUdp(IN));
    const sight = onlooker.look({ atEpochMs: 0, bytes });
    expect(sight).toMatchObject({ direction: "out", peer: PEER, unreachable: "udp" });
  });
});
