import { describe, expect, it } from "vitest";
import { requireConfiguration } from "../../src/config/load.ts";
import { detectorOf, reconfigureDetector } from "../../src/daemon/guard-stages.ts";
import { SourceKeys } from "../../src/net/source-keys.ts";
import { convictions } from "../detectors/traces.ts";

const valuesOf = (overrides: Record<string, string>) => requireConfiguration({ overrides }).values;

/** @param ports of services to which every source has a connection; undefined: not known. */
const detector = (overrides: Record<string, string>, ports?: readonly number[]) =>
  detectorOf(valuesOf(overrides), new SourceKeys({ ipv6PrefixBits: 64 }), {
    portsOf: () => ports,
  });

const FIVE_PORTS = "1@0 2@0 3@0 4@0 5@0";

describe("detectorOf", () => {
  it.each([
    { keys: {}, trace: FIVE_PORTS, convicts: ["4@0"] },
    { keys: { STRICT: "1" }, trace: FIVE_PORTS, convicts: ["3@0"] },
    { keys: { DETECTOR: "trigger" }, trace: FIVE_PORTS, convicts: ["3@0"] },
    { keys: { DETECTOR: "trigger", SCAN_TRIGGER: "5" }, trace: FIVE_PORTS, convicts: ["5@0"] },
    { keys: {}, trace: "23@0 445@0", convicts: ["445@0"] },
    { keys: { TRAP_PORTS: "9" }, trace: "23@0 445@0", convicts: [] },
    { keys: { ADVANCED_EXCLUDE_TCP: "23" }, trace: "23@0 445@0", convicts: [] },
    { keys: {}, trace: "1@0 2@3600000 3@7200000 4@10800000", convicts: ["4@10800000"] },
    { keys: { SCORE_HALF_LIFE: "1h" }, trace: "1@0 2@3600000 3@7200000 4@10800000", convicts: [] },
  ])("with $keys judges $trace -> $convicts", ({ keys, trace, convicts }) => {
    expect(convictions(detector(keys), trace)).toEqual(convicts);
  });
});

describe("detectorOf, and a source with connections to services", () => {
  it.each([
    { ports: [], convicts: ["4@0"] },
    { ports: undefined, convicts: ["4@0"] },
    { ports: [443], convicts: ["5@0"] },
    { ports: [80, 443], convicts: ["6@0"] },
  ])("to tcp $ports convicts at $convicts", ({ ports, convicts }) => {
    expect(convictions(detector({}, ports), "1@0 2@0 3@0 4@0 5@0 6@0")).toEqual(convicts);
  });
});

describe("reconfigureDetector", () => {
  it.each([
    { before: {}, after: { STRICT: "1" }, convicts: ["3@0"] },
    {
      before: { DETECTOR: "trigger" },
      after: { DETECTOR: "trigger", SCAN_TRIGGER: "4" },
      convicts: ["4@0"],
    },
  ])("goes from $before to $after with what it remembers", ({ before, after, convicts }) => {
    const sut = detector(before);
    convictions(sut, "1@0 2@0");
    reconfigureDetector(sut, valuesOf(after));
    expect(convictions(sut, "3@0 4@0")).toEqual(convicts);
  });
});
