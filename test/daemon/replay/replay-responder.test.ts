import { describe, expect, it } from "vitest";
import { ReplayResponder } from "../../../src/daemon/replay/replay-responder.ts";
import { VirtualClock } from "../../../src/daemon/replay/virtual-clock.ts";
import type { Ban } from "../../../src/model/ban.ts";
import { type Prefix, parsePrefix } from "../../../src/net/prefix.ts";
import { SourceKeys } from "../../../src/net/source-keys.ts";
import { GateModel } from "../../../src/replay/gate-model.ts";

const SOURCE = parsePrefix("192.0.2.66") as Prefix;

/** As many bans of one source as are listed. */
const LISTED = 32;

function setUp() {
  const clock = new VirtualClock(0);
  const responder = new ReplayResponder(
    new GateModel(new SourceKeys({ ipv6PrefixBits: 64 })),
    clock,
  );
  return {
    ban: (sinceEpochMs: number, lifeMs: number | undefined) => {
      clock.advanceTo(sinceEpochMs);
      const untilEpochMs = lifeMs === undefined ? undefined : sinceEpochMs + lifeMs;
      const ban: Ban = {
        ...{ prefix: SOURCE, sinceEpochMs, untilEpochMs, evidence: "claimed", origin: "detector" },
        ...{ reason: "", ruleId: undefined, campaignId: undefined, means: [], configRevision: "" },
      };
      responder.apply({ act: "ban", ban, cause: undefined });
    },
    unban: (atEpochMs: number) => {
      clock.advanceTo(atEpochMs);
      responder.apply({ act: "unban", prefix: SOURCE, by: "guard" });
    },
    lifted: () => responder.bansOf(SOURCE).map(({ liftedAtEpochMs }) => liftedAtEpochMs),
  };
}

describe("ReplayResponder", () => {
  it.each([
    { what: "before its end", lifeMs: 1000, atMs: 999, lifted: 999 },
    { what: "at its end", lifeMs: 1000, atMs: 1000, lifted: undefined },
    { what: "whose ban has none", lifeMs: undefined, atMs: 1000, lifted: 1000 },
  ])("says that a source was let in $what: $lifted", ({ lifeMs, atMs, lifted }) => {
    const { ban, unban, lifted: found } = setUp();
    ban(0, lifeMs);
    unban(atMs);
    expect(found()).toEqual([lifted]);
  });

  it("says of the last ban that it lists nothing that became of a later one", () => {
    const { ban, unban, lifted } = setUp();
    for (let index = 0; index <= LISTED; index += 1) ban(index * 1000, 1000);
    unban(LISTED * 1000 + 500);
    expect(lifted()).toEqual(Array.from({ length: LISTED }, () => undefined));
  });

  it("says when a source was first let in, not when it was again", () => {
    const { ban, unban, lifted } = setUp();
    for (let index = 0; index < LISTED; index += 1) ban(index, undefined);
    unban(100);
    ban(200, undefined);
    unban(300);
    expect(lifted().at(-1)).toBe(100);
  });
});
