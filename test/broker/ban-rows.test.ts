import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { banRows, encodeBanRows, MAX_ROWS } from "../../src/broker/ban-rows.ts";
import { type BanItem, MAX_TIMEOUT_MS, MIN_TIMEOUT_MS } from "../../src/broker/ban-schema.ts";
import { MAX_LINE_BYTES } from "../../src/broker/protocol.ts";
import { EVIDENCE_LEVELS } from "../../src/model/evidence.ts";
import { prefix } from "./fakes.ts";

const LONGEST: BanItem = {
  prefix: prefix("2001:db8:1111:2222:3333:4444:5555:6666/128"),
  timeoutMs: MAX_TIMEOUT_MS,
  evidence: "claimed",
  origin: "operator",
};

const items = fc.record({
  prefix: fc.constantFrom("192.0.2.7/32", "192.0.2.0/24", "2001:db8::/64", "::/0").map(prefix),
  timeoutMs: fc.option(fc.integer({ min: MIN_TIMEOUT_MS, max: MAX_TIMEOUT_MS }), { nil: null }),
  evidence: fc.constantFrom(...EVIDENCE_LEVELS),
  origin: fc.constantFrom("detector" as const, "operator" as const),
});

describe("banRows", () => {
  it("reads what was written", () => {
    fc.assert(
      fc.property(fc.array(items, { minLength: 1, maxLength: 20 }), (bans) => {
        expect(banRows.parse(encodeBanRows(bans))).toEqual(bans);
      }),
    );
  });

  it("takes as many of the longest as may come, in a line of the protocol", () => {
    const bans = Array.from({ length: MAX_ROWS }, () => LONGEST);
    const text = encodeBanRows(bans);
    const request = { id: Number.MAX_SAFE_INTEGER, request: "restore", bans: text };
    expect(JSON.stringify(request).length).toBeLessThan(MAX_LINE_BYTES);
    expect(banRows.parse(text)).toEqual(bans);
    expect(banRows.safeParse(`${text};${encodeBanRows([LONGEST])}`).success).toBe(false);
  });

  it("reads a prefix with host bits as the block that it is in", () => {
    expect(banRows.parse("192.0.2.7/24 1000 alive operator")).toMatchObject([
      { prefix: "192.0.2.0/24" },
    ]);
  });
});
