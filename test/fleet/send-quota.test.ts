import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MemberLimits } from "../../src/fleet/member-limits.ts";
import type { FleetBody } from "../../src/fleet/record.ts";
import { SENT_A_WINDOW, SendQuota, TRANSIT_MS } from "../../src/fleet/send-quota.ts";
import { prefix, recordOf, START_EPOCH_MS } from "./records.ts";

const source = prefix("192.0.2.7");
const BAN: FleetBody = { kind: "ban", source, evidence: "proven" };
const TOMBSTONE: FleetBody = { kind: "unban", source, isTombstone: true };
const UNBAN: FleetBody = { kind: "unban", source, isTombstone: false };

describe("SendQuota", () => {
  it.each([
    { what: "a ban", body: BAN },
    { what: "a tombstone", body: TOMBSTONE },
  ])(`has $what wait after ${SENT_A_WINDOW} of them, and nothing else`, ({ body }) => {
    const quota = new SendQuota();
    for (let each = 0; each < SENT_A_WINDOW; each += 1) expect(quota.take(body, 0)).toBe(true);
    expect([quota.take(body, 64_999), quota.waitMs(body, 64_999)]).toEqual([false, 1]);
    const other = body === BAN ? TOMBSTONE : BAN;
    expect([quota.take(other, 0), quota.take(UNBAN, 0), quota.waitMs(UNBAN, 0)]).toEqual([
      ...[true, true, 0],
    ]);
    expect(quota.take(body, 65_000)).toBe(true);
  });

  it("stays within what other members take, however the network delays it", () => {
    const tried = fc.array(fc.tuple(fc.nat({ max: 1500 }), fc.nat({ max: TRANSIT_MS })), {
      minLength: 150,
      maxLength: 400,
    });
    fc.assert(
      fc.property(tried, (all) => {
        const quota = new SendQuota();
        const storedMs: number[] = [];
        let nowMs = 0;
        for (const [pauseMs, delayMs] of all) {
          nowMs += pauseMs;
          if (quota.take(BAN, nowMs)) storedMs.push(nowMs + delayMs);
        }
        const limits = new MemberLimits();
        for (const atMs of storedMs.sort((one, other) => one - other)) {
          expect(limits.take(recordOf(BAN), START_EPOCH_MS + atMs)).toBe("within");
        }
      }),
    );
  });
});
