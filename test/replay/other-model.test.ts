import { describe, expect, it } from "vitest";
import { loadConfigurationTexts } from "../../src/config/load.ts";
import { DEFAULT_EPHEMERAL, planTable } from "../../src/daemon/table-plan.ts";
import { decodePacket } from "../../src/packet/decode-packet.ts";
import { PacketHeader } from "../../src/packet/packet-header.ts";
import { OtherModel } from "../../src/replay/other-model.ts";
import { encodeProtocol } from "../support/packets.ts";

const US = "198.51.100.10";
const OUR_OTHER = "198.51.100.11";
const PEER = "192.0.2.7";

const ICMP = 1;
const GRE = 47;
const ESP = 50;
const OSPF = 89;

function headerOf(protocol: number, from = PEER, to = US): PacketHeader {
  // An echo request, where it is ICMP.
  const data = Buffer.concat([Buffer.of(8), Buffer.alloc(7)]);
  const packet = encodeProtocol({ from, to, protocol, data });
  const header = new PacketHeader();
  expect(decodePacket(packet, 0, packet.length, header)).toBe("other-protocol");
  return header;
}

function modelOf(texts: Readonly<Record<string, string>> = {}, isTrusted = () => false) {
  const values = loadConfigurationTexts({ SENSE_OTHER: "1", ...texts });
  return new OtherModel(planTable(values, false, DEFAULT_EPHEMERAL), isTrusted);
}

describe("OtherModel", () => {
  it.each([
    { what: "GRE", protocol: GRE, isTold: true },
    { what: "a ping", protocol: ICMP, isTold: true },
    { what: "OSPF, which is left out", protocol: OSPF, isTold: false },
  ])("tells of $what: $isTold", ({ protocol, isTold }) => {
    expect(modelOf().tells(headerOf(protocol), 0)).toBe(isTold);
    expect(modelOf({ SENSE_OTHER: "0" }).tells(headerOf(protocol), 0)).toBe(false);
    expect(modelOf({}, () => true).tells(headerOf(protocol), 0)).toBe(false);
    expect(modelOf({ OTHER_EXCLUDE: String(protocol) }).tells(headerOf(protocol), 0)).toBe(false);
  });

  it.each([
    { atMs: 599_999, isTold: false },
    { atMs: 600_000, isTold: true },
  ])("tells of a protocol $atMs ms after we have spoken it: $isTold", ({ atMs, isTold }) => {
    const model = modelOf();
    model.observeOurs(headerOf(GRE, US, PEER), 0);
    expect(model.tells(headerOf(GRE), atMs)).toBe(isTold);
    // Whoever it is that speaks it; but not another protocol, or to another address.
    expect(model.tells(headerOf(GRE, "192.0.2.8"), atMs)).toBe(isTold);
    expect(model.tells(headerOf(ESP), atMs)).toBe(true);
    expect(model.tells(headerOf(GRE, PEER, OUR_OTHER), atMs)).toBe(true);
  });

  it("serves no ping by pinging others", () => {
    const model = modelOf();
    model.observeOurs(headerOf(ICMP, US, PEER), 0);
    expect(model.tells(headerOf(ICMP), 1)).toBe(true);
  });

  it.each([
    { atMs: 59_999, isTold: false },
    { atMs: 60_000, isTold: true },
  ])("tells of two addresses again after $atMs ms: $isTold", ({ atMs, isTold }) => {
    const model = modelOf();
    expect(model.tells(headerOf(GRE), 0)).toBe(true);
    expect(model.tells(headerOf(GRE), atMs)).toBe(isTold);
    // Another protocol, source or address of ours is another question.
    expect(model.tells(headerOf(ESP), atMs)).toBe(true);
    expect(model.tells(headerOf(GRE, "192.0.2.8"), atMs)).toBe(true);
    expect(model.tells(headerOf(GRE, PEER, OUR_OTHER), atMs)).toBe(true);
  });
});
