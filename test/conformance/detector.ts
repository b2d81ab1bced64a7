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
    { source = SCANNER, port = 22 }: { source?: string; port?: number } = {},
  ): Verdict | undefined => sut.raise({ source: sourceOf(source), evidence, port, seenAtMs });
  const connect = (step: string) =>
    probe(SCANNER, step, { evidence: "proven", kind: "tcp-connect" });

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
      expect(raise(sut, "proven", 30)).toBeUndefined();
      expect(raise(sut, "proven", 31, { port: 25 })).toMatchObject({
        evidence: "proven",
        raisedFrom: "alive",
        campaignId: first.campaignId,
        ports: first.ports,
      });
    });

    it.each<[Proof["evidence"], Proof["evidence"]]>([
      ["alive", "alive"],
      ["proven", "alive"],
      ["alive", "proven"],
      ["proven", "proven"],
    ])("says nothing when one port shows that it is %s and then %s", (before, after) => {
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

    it("says nothing more of a source that is proven", () => {
      const sut = open();
      verdictOf(sut, SCAN);
      raise(sut, "proven", 20);
      expect(raise(sut, "proven", 21, { port: 80 })).toMatchObject({ raisedFrom: "alive" });
      expect(raise(sut, "proven", 22, { port: 81 })).toBeUndefined();
    });

    it("takes probes that come with their proof for two", () => {
      const sut = open();
      verdictOf(sut, SCAN);
      expect(sut.observe(connect("22@100"))).toMatchObject({
        evidence: "alive",
        ruleId: expect.any(String),
      });
      expect(sut.observe(connect("22@101"))).toBeUndefined();
      expect(sut.observe(connect("80@102"))).toMatchObject({ evidence: "proven" });
      expect(sut.observe(connect("80@103"))).toBeUndefined();
    });

    it("takes them for proof after the pause, too, when they convict nobody", () => {
      const sut = open();
      const { campaignId } = verdictOf(sut, SCAN);
      expect(sut.observe(connect("4444@90000"))).toMatchObject({ evidence: "alive", campaignId });
      expect(sut.observe(connect("4446@90001"))).toMatchObject({ evidence: "proven", campaignId });
    });

    it.each([
      { what: "one connection", steps: ["9000@0"], evidence: "alive" },
      {
        what: "one port again and again",
        steps: ["9000@0", "9000@1", "9000@2"],
        evidence: "alive",
      },
      { what: "one family of ports", steps: ["993@0", "143@1", "995@2"], evidence: "alive" },
      { what: "two ports", steps: ["9000@0", "9002@1"], evidence: "proven" },
    ])("calls what is forged hours after $what of its victim $evidence", ({ steps, evidence }) => {
      const sut = open();
      for (const step of steps) expect(sut.observe(connect(step))).toBeUndefined();
      expect(verdictOf(sut, "22@7200000 80@7200001 25@7200002 81@7200003")).toMatchObject({
        evidence,
      });
    });

    it("adds the port that was proven before a conviction to the one behind it", () => {
      const sut = open();
      sut.observe(connect("9000@0"));
      expect(verdictOf(sut, "22@1 80@2 25@3 81@4").evidence).toBe<Evidence>("alive");
      expect(sut.observe(connect("9000@100"))).toBeUndefined();
      expect(sut.observe(connect("9002@101"))).toMatchObject({
        evidence: "proven",
        raisedFrom: "alive",
      });
    });

    it("carries no proven port of an earlier count over a conviction", () => {
      const sut = open();
      sut.observe(connect("9000@0"));
      verdictOf(sut, "22@1 80@2 25@3 81@4");
      sut.observe(connect("9002@7200000"));
      const again = verdictOf(sut, "1022@7200001 1080@7200002 1025@7200003");
      expect(again.evidence).toBe<Evidence>("alive");
    });

    it("leaves no proven port to the next source of a record's place", () => {
      const sut = open();
      sut.observe(connect("9000@0"));
      sut.forget(parsePrefix(SCANNER) as Prefix);
      sut.observe(connect("9002@1"));
      expect(verdictOf(sut, "22@2 80@3 25@4 81@5").evidence).toBe<Evidence>("alive");
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
      expect(raise(sut, "alive", 2000)).toMatchObject({ evidence: "alive" });
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
      expect(raise(sut, "alive", 20, { source: "192.0.2.8" })).toBeUndefined();
    });

    it("raises an IPv6 source by any of its addresses", () => {
      const sut = open();
      verdictOf(sut, SCAN, "2001:db8::1");
      expect(raise(sut, "alive", 20, { source: "2001:db8::2" })).toMatchObject({
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
