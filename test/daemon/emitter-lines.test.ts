import { describe, expect, it } from "vitest";
import { formatEmitter, formatSubject } from "../../src/daemon/emitter-lines.ts";
import type { CampaignEmitter } from "../../src/model/campaign.ts";
import type { Evidence } from "../../src/model/evidence.ts";
import type { Prefix } from "../../src/net/prefix.ts";

const address = (host: number) => `192.0.2.${host}/32` as Prefix;

/** Of addresses 192.0.2.1 on, those without evidence are silent. */
function emitter(...evidence: readonly (Evidence | undefined)[]): CampaignEmitter {
  const all = evidence.map((level, index) => ({ source: address(index + 1), evidence: level }));
  const real = all.flatMap((each) =>
    each.evidence === undefined ? [] : [{ ...each, evidence: each.evidence }],
  );
  const silent = all.filter((each) => each.evidence === undefined).map(({ source }) => source);
  return {
    sources: all.length,
    realCount: real.length,
    real: real.slice(0, 8),
    silent: silent.slice(0, 8),
  };
}

describe("formatSubject", () => {
  it.each<{ what: string; of: CampaignEmitter | undefined; source?: number; who: string }>([
    { what: "one that is alone", of: undefined, who: "192.0.2.1" },
    { what: "the only one that answers", of: emitter("alive", undefined), who: "192.0.2.1" },
    { what: "the only one that is proven", of: emitter("proven", "alive"), who: "192.0.2.1" },
    {
      what: "one of two that answer",
      of: emitter("alive", "alive", undefined),
      who: "192.0.2.1 or another of 3 addresses",
    },
    {
      what: "one that never answered",
      of: emitter("alive", undefined),
      source: 2,
      who: "192.0.2.2 or another of 2 addresses",
    },
    {
      what: "one of those that never answered",
      of: emitter(undefined, undefined),
      who: "192.0.2.1 or another of 2 addresses",
    },
  ])("calls nobody the scanner who may be another: $what", ({ of, source = 1, who }) => {
    expect(formatSubject(address(source), of)).toBe(who);
  });
});

describe("formatEmitter", () => {
  it.each<{ of: CampaignEmitter; isOver?: boolean; line: string }>([
    {
      of: emitter("alive", undefined, undefined),
      line: "3 addresses: 192.0.2.1 answers (it may be the real one), 192.0.2.2, 192.0.2.3 never answered (likely decoys)",
    },
    {
      of: emitter("alive", "alive", undefined),
      line: "3 addresses: 192.0.2.1, 192.0.2.2 answer (any of them may be the real one), 192.0.2.3 never answered (likely a decoy)",
    },
    {
      of: emitter("proven", "alive", undefined),
      line: "3 addresses: 192.0.2.1 completed handshakes, 192.0.2.2 answered, 192.0.2.3 never answered (likely a decoy)",
    },
    {
      of: emitter("alive", "alive"),
      line: "2 addresses: 192.0.2.1, 192.0.2.2 answer (any of them may be the real one)",
    },
    {
      of: emitter(undefined, undefined),
      line: "2 addresses, of which none has answered: 192.0.2.1, 192.0.2.2",
    },
    {
      of: emitter(undefined, undefined),
      isOver: false,
      line: "2 addresses, of which none has answered yet: 192.0.2.1, 192.0.2.2",
    },
  ])("says who of them answered, and who did not: $line", ({ of, isOver = true, line }) => {
    expect(formatEmitter(of, isOver)).toBe(`one sender uses ${line}`);
  });

  it("names eight of each, and counts the others", () => {
    const many = emitter(
      ...Array.from({ length: 20 }, (_, index) => (index < 9 ? "alive" : undefined)),
    );
    expect(formatEmitter(many, true)).toMatch(
      /192\.0\.2\.8 and 1 more answer .* 192\.0\.2\.17 and 3 more never/,
    );
  });
});
