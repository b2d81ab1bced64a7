import { describe, expect, it } from "vitest";
import { type BanItem, MAX_TIMEOUT_MS } from "../../src/broker/ban-schema.ts";
import { OperationalError } from "../../src/errors.ts";
import type { Ban } from "../../src/model/ban.ts";
import { type Prefix, parsePrefix } from "../../src/net/prefix.ts";
import { NftablesResponder, remainingMs } from "../../src/responders/nftables.ts";

const source = parsePrefix("192.0.2.7") as Prefix;
const ban: Ban = {
  prefix: source,
  sinceEpochMs: 0,
  untilEpochMs: 60_000,
  evidence: "claimed",
  origin: "detector",
  reason: "a test",
  ruleId: "trigger",
  campaignId: "c1",
  means: [],
  configRevision: "test",
};

const cause = { transport: "tcp", port: 22, block: 1 } as const;

function makeResponder({
  fails,
  bansVerdicts = true,
}: {
  fails?: Error;
  bansVerdicts?: boolean;
} = {}) {
  const asked: unknown[] = [];
  const answer = async (what: unknown) => {
    asked.push(what);
    if (fails !== undefined) throw fails;
    return [{ status: "applied" as const }];
  };
  const broker = {
    ban: (bans: readonly BanItem[]) => answer({ bans }),
    unban: (prefixes: readonly Prefix[]) => answer({ prefixes }),
  };
  const options = { bansVerdicts };
  return { asked, responder: new NftablesResponder(broker, options, () => 20_000) };
}

describe("NftablesResponder", () => {
  it("asks the broker for a ban with the time that is left", async () => {
    const { asked, responder } = makeResponder();
    expect(await responder.apply({ act: "ban", ban, cause })).toEqual({
      outcome: { status: "applied" },
      means: ["nftables"],
      responses: [],
    });
    expect(asked).toEqual([
      {
        bans: [{ prefix: source, timeoutMs: 40_000, evidence: "claimed", origin: "detector" }],
      },
    ]);
  });

  it.each([
    { what: "verdicts where NFT_BAN is 0", bansVerdicts: false, cause },
    { what: "verdicts that only run a command", bansVerdicts: true, cause: { ...cause, block: 2 } },
  ] as const)("leaves $what to others", async ({ bansVerdicts, cause }) => {
    const { asked, responder } = makeResponder({ bansVerdicts });
    expect(await responder.apply({ act: "ban", ban, cause })).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it("makes every ban by command, whatever NFT_BAN says", async () => {
    const { asked, responder } = makeResponder({ bansVerdicts: false });
    await responder.apply({ act: "ban", ban, cause: undefined });
    expect(asked).toHaveLength(1);
  });

  it("asks for an unban", async () => {
    const { asked, responder } = makeResponder();
    await responder.apply({ act: "unban", prefix: source, by: "operator" });
    expect(asked).toEqual([{ prefixes: [source] }]);
  });

  it("makes an outcome of a broker that is gone", async () => {
    const gone = new OperationalError("ERR_BROKER", "the broker is gone");
    const { responder } = makeResponder({ fails: gone });
    expect(await responder.apply({ act: "ban", ban, cause })).toEqual({
      outcome: { status: "failed", reason: "the broker is gone" },
      means: [],
      responses: [],
    });
  });

  it("hides no bug behind an outcome", async () => {
    const { responder } = makeResponder({ fails: new TypeError("a bug") });
    await expect(responder.apply({ act: "ban", ban, cause })).rejects.toThrow("a bug");
  });
});

describe("remainingMs", () => {
  it.each([
    { what: "for good", until: undefined, now: 5, left: null },
    { what: "the time that is left", until: 60_000, now: 20_000, left: 40_000 },
    { what: "a second at least", until: 60_000, now: 59_500, left: 1000 },
    { what: "a second when it has run out", until: 60_000, now: 90_000, left: 1000 },
    {
      what: "no more than the broker takes, when the clock is at 1970",
      until: Date.parse("2026-11-22T12:00:00Z"),
      now: 0,
      left: MAX_TIMEOUT_MS,
    },
  ])("is $what", ({ until, now, left }) => {
    expect(remainingMs(until, now)).toBe(left);
  });
});
