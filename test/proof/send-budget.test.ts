import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseWords } from "../../src/net/address-words.ts";
import { NETWORK_BURST, NETWORK_INTERVAL_MS, SendBudget } from "../../src/proof/send-budget.ts";

const KEY = Uint32Array.of(1, 2, 3, 4);
const words = (text: string) => parseWords(text) as Uint32Array;

/** How many of `count` packets to each of these addresses may leave at this time. */
function taken(budget: SendBudget, addresses: readonly string[], count: number, atMs: number) {
  let allowed = 0;
  for (let index = 0; index < count; index += 1) {
    for (const address of addresses) if (budget.take(words(address), atMs)) allowed += 1;
  }
  return allowed;
}

const budgetOf = (perSecond: number) => new SendBudget({ perSecond }, KEY);

describe("SendBudget", () => {
  it.each([
    { what: "one address", addresses: ["192.0.2.1"], networks: 1 },
    { what: "two of one /24", addresses: ["192.0.2.1", "192.0.2.254"], networks: 1 },
    { what: "two of two /24", addresses: ["192.0.2.255", "192.0.3.0"], networks: 2 },
    { what: "two of one /48", addresses: ["2001:db8:1::1", "2001:db8:1:ffff::1"], networks: 1 },
    { what: "two of two /48", addresses: ["2001:db8:1::1", "2001:db8:2::1"], networks: 2 },
  ])("gives $what the burst of $networks networks", ({ addresses, networks }) => {
    expect(taken(budgetOf(100_000), addresses, 100, 0)).toBe(networks * NETWORK_BURST);
  });

  it("gives a network one more when its time has come, and not a millisecond before", () => {
    const budget = budgetOf(100_000);
    taken(budget, ["192.0.2.1"], 100, 0);
    expect(taken(budget, ["192.0.2.1"], 5, NETWORK_INTERVAL_MS - 1)).toBe(0);
    expect(taken(budget, ["192.0.2.1"], 5, NETWORK_INTERVAL_MS)).toBe(1);
  });

  it("gives a network no more than the burst after a long pause", () => {
    const budget = budgetOf(100_000);
    taken(budget, ["192.0.2.1"], 100, 0);
    expect(taken(budget, ["192.0.2.1"], 100, 3_600_000)).toBe(NETWORK_BURST);
  });

  it("allows so many a second in all, to as many networks as may be", () => {
    const budget = budgetOf(50);
    const many = Array.from({ length: 500 }, (_, index) => `198.51.${index % 256}.${index >> 8}`);
    expect(taken(budget, many, 1, 0)).toBe(50);
    expect(taken(budget, many, 1, 500)).toBe(25);
    expect(taken(budget, many, 1, 60_000)).toBe(50);
  });

  it("gives a network what it is told to", () => {
    const perNetwork = { burst: 500, intervalMs: 2 };
    const budget = new SendBudget({ perSecond: 100_000, perNetwork }, KEY);
    expect(taken(budget, ["192.0.2.1"], 1000, 0)).toBe(500);
    expect(taken(budget, ["192.0.2.1"], 1000, 100)).toBe(50);
    budget.reconfigure({ perSecond: 100_000 });
    expect(taken(budget, ["192.0.3.1"], 1000, 100)).toBe(NETWORK_BURST);
  });

  it("takes nothing from a network for what the limit in all did not allow", () => {
    const budget = budgetOf(1);
    expect(taken(budget, ["192.0.2.1"], 100, 0)).toBe(1);
    budget.reconfigure({ perSecond: 100_000 });
    expect(taken(budget, ["192.0.2.1"], 100, 1000)).toBe(NETWORK_BURST);
  });

  it("allows nothing at 0", () => {
    expect(taken(budgetOf(0), ["192.0.2.1"], 10, 0)).toBe(0);
  });

  it("never gives more than the limits, whatever is asked when", () => {
    const steps = fc.array(
      fc.record({ network: fc.nat(3), waitMs: fc.nat(400), packets: fc.nat(30) }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 40 }), (asked, perSecond) => {
        const budget = budgetOf(perSecond);
        const byNetwork = [0, 0, 0, 0];
        let nowMs = 0;
        for (const { network, waitMs, packets } of asked) {
          nowMs += waitMs;
          const sent = taken(budget, [`10.0.${network}.1`], packets, nowMs);
          byNetwork[network] = (byNetwork[network] as number) + sent;
        }
        const all = byNetwork.reduce((total, sent) => total + sent, 0);
        expect(all).toBeLessThanOrEqual(perSecond * (1 + nowMs / 1000) + 1);
        const most = NETWORK_BURST + nowMs / NETWORK_INTERVAL_MS;
        for (const sent of byNetwork) expect(sent).toBeLessThanOrEqual(most);
      }),
    );
  });
});
