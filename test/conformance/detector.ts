/** What every detector must do, by whatever rule it convicts. */
import { describe, expect, it } from "vitest";
import type { Detector } from "../../src/detectors/detector.ts";
import type { Evidence, Proof } from "../../src/model/evidence.ts";
import type { Verdict } from "../../src/model/verdict.ts";
import { wordsOf } from "../../src/net/address-words.ts";
import type { IpAddress } from "../../src/net/ip-address.ts";
import { type Prefix, parsePrefix } from "../../src/net/prefix.ts";
import { probe, SCANNER, verdictOf } from "../detectors/traces.ts";

/** Four unused ports, which convict at 3 ms. */
const SCAN = "22@0 80@1 25@2 81@3";

const HOUR_MS = 3_600_000;

const sourceOf = (address: string) => wordsOf(address as IpAddress);

/** @param open gives a new detector to which four ports are a scan, that remembers for a day. */
export function describeDetector(name: string, open: () => Detector): void {
  const raise = (
    sut: Detector,
    evidence: Proof["evidence"],
    seenAtMs: number,
    source = SCANNER,
  ): Verdict | undefined => sut.raise({ source: sourceOf(source), evidence, port: 22, seenAtMs });

  describe(`${name}, as a detector`, () => {
    it("says the evidence that a source had when it was convicted", () => {
      expect(verdictOf(open(), SCAN).evidence).toBe<Evidence>("claimed");
      const sut = open();
      sut.observe(probe(SCANNER, "22@0"));
      expect(raise(sut, "alive", 0.5)).toBeUndefined();
      expect(verdictOf(sut, SCAN).evidence).toBe<Evidence>("alive");
    });

    it("gives the verdict again when its evidence rises, as the same campaign and reason", () => {
      const sut = open();
      const first = verdictOf(sut, SCAN);
      const alive = raise(sut, "alive", 20);
      expect(alive).toEqual({
        ...first,
        evidence: "alive",
        raisedFrom: "claimed",
        decidedAtEpochMs: first.decidedAtEpochMs + 17,
      });
      expect(raise(sut, "proven", 30)).toMatchObject({
        evidence: "proven",
        raisedFrom: "alive",
        campaignId: first.campaignId,
        ports: first.ports,
      });
    });

    it.each<[Proof["evidence"], Proof["evidence"]]>([
      ["alive", "alive"],
      ["proven", "alive"],
      ["proven", "proven"],
    ])("says nothing when it is %s and then %s", (before, after) => {
      const sut = open();
      verdictOf(sut, SCAN);
      expect(raise(sut, before, 20)).toBeDefined();
      expect(raise(sut, after, 21)).toBeUndefined();
    });

    it("counts the probes that came meanwhile", () => {
      const sut = open();
      const { probes } = verdictOf(sut, SCAN);
      sut.observe(probe(SCANNER, "99@4"));
      expect(raise(sut, "alive", 20)?.probes).toBe(probes + 1);
    });

    it("takes a probe that comes with its proof for one", () => {
      const sut = open();
      verdictOf(sut, SCAN);
      const proven = probe(SCANNER, "22@100", { evidence: "proven", kind: "tcp-connect" });
      expect(sut.observe(proven)).toMatchObject({ evidence: "proven", ruleId: expect.any(String) });
      expect(sut.observe(proven)).toBeUndefined();
    });

    it("takes it for one after the pause, too, when it convicts nobody by itself", () => {
      const sut = open();
      const first = verdictOf(sut, SCAN);
      const proven = probe(SCANNER, "4444@90000", { evidence: "proven", kind: "tcp-connect" });
      expect(sut.observe(proven)).toMatchObject({
        evidence: "proven",
        campaignId: first.campaignId,
      });
    });

    it("raises within an hour of the conviction, and not a millisecond later", () => {
      const inTime = open();
      verdictOf(inTime, SCAN);
      expect(raise(inTime, "alive", HOUR_MS + 3)).toBeDefined();
      const late = open();
      verdictOf(late, SCAN);
      expect(raise(late, "alive", HOUR_MS + 4)).toBeUndefined();
    });

    it("carries no proof of an earlier count over a conviction", () => {
      const sut = open();
      verdictOf(sut, SCAN);
      raise(sut, "alive", 20);
      expect(verdictOf(sut, "22@70000 80@70001 25@70002 81@70003").evidence).toBe("claimed");
    });

    it("counts again from a second after it was resumed, as the same campaign", () => {
      const sut = open();
      const first = verdictOf(sut, SCAN);
      sut.resume(first.source, 3);
      expect(sut.observe(probe(SCANNER, "4000@1003"))).toBeUndefined();
      const again = verdictOf(sut, "4001@1004 4002@1005 4003@1006 4004@1007");
      expect(again).toMatchObject({ campaignId: first.campaignId, evidence: "claimed" });
      expect(again.ports.map(({ port }) => port)).toEqual([4001, 4002, 4003, 4004]);
    });

    it("raises the evidence of a source that was resumed", () => {
      const sut = open();
      sut.resume(verdictOf(sut, SCAN).source, 3);
      expect(raise(sut, "proven", 2000)).toMatchObject({ evidence: "proven" });
    });

    it("resumes nobody who is not convicted, and makes no record of anybody", () => {
      const sut = open();
      sut.resume(parsePrefix(SCANNER) as Prefix, 0);
      expect(sut.tracked).toBe(0);
      sut.observe(probe(SCANNER, "22@0"));
      sut.resume(parsePrefix(SCANNER) as Prefix, 1);
      expect(sut.isConvicted(sourceOf(SCANNER))).toBe(false);
    });

    it("makes no record of a source that sent no probe", () => {
      const sut = open();
      expect(raise(sut, "proven", 1)).toBeUndefined();
      expect(sut.tracked).toBe(0);
    });

    it("raises one source and no other", () => {
      const sut = open();
      verdictOf(sut, SCAN);
      expect(raise(sut, "alive", 20, "192.0.2.8")).toBeUndefined();
    });

    it("raises an IPv6 source by any of its addresses", () => {
      const sut = open();
      verdictOf(sut, SCAN, "2001:db8::1");
      expect(raise(sut, "alive", 20, "2001:db8::2")).toMatchObject({
        source: "2001:db8::/64",
        address: "2001:db8::1",
      });
    });

    it.each(["192.0.2.7/32", "192.0.2.0/24"])("raises nobody who was forgotten in %s", (text) => {
      const sut = open();
      verdictOf(sut, SCAN);
      sut.forget(parsePrefix(text) as Prefix);
      sut.observe(probe(SCANNER, "22@10"));
      expect(raise(sut, "alive", 20)).toBeUndefined();
    });
  });
}
