import { beforeEach, describe, expect, it } from "vitest";
import { timedResponder } from "../../src/daemon/timed-responder.ts";
import type { Order, Outcome } from "../../src/model/order.ts";
import { type Prefix, parsePrefix } from "../../src/net/prefix.ts";
import type { Applied } from "../../src/responders/responder.ts";
import { FakeClock } from "../support/fake-clock.ts";

const prefix = parsePrefix("192.0.2.7") as Prefix;
const cause = { transport: "tcp", port: 22, block: 1 } as const;
const ban = (by: typeof cause | undefined) => ({ act: "ban", ban: { prefix }, cause: by }) as Order;

let clock: FakeClock;
let took: number[];

beforeEach(() => {
  clock = new FakeClock();
  took = [];
});

/** A responder that answers after 7 ms. */
function responder(outcome: Outcome) {
  const applied: Applied = { outcome, means: [], responses: [] };
  const inner = {
    name: "nftables",
    apply: async () => {
      clock.advance(7);
      return applied;
    },
  };
  return { applied, timed: timedResponder(inner, clock, (tookMs) => took.push(tookMs)) };
}

describe("timedResponder", () => {
  it("takes the time of a ban that a verdict asked for, and passes its answer on", async () => {
    const { applied, timed } = responder({ status: "applied" });
    expect(timed.name).toBe("nftables");
    expect(await timed.apply(ban(cause))).toBe(applied);
    expect(took).toEqual([7]);
  });

  it.each<{ what: string; order: Order; outcome: Outcome }>([
    { what: "a ban by command", order: ban(undefined), outcome: { status: "applied" } },
    { what: "a refusal", order: ban(cause), outcome: { status: "refused", reason: "trusted" } },
    { what: "a failure", order: ban(cause), outcome: { status: "failed", reason: "no" } },
    { what: "a ban that stood", order: ban(cause), outcome: { status: "already-applied" } },
    {
      what: "an unban",
      order: { act: "unban", prefix, by: "guard" },
      outcome: { status: "applied" },
    },
  ])("takes no time of $what", async ({ order, outcome }) => {
    const { applied, timed } = responder(outcome);
    expect(await timed.apply(order)).toBe(applied);
    expect(took).toEqual([]);
  });

  it("waits for nobody where the answer is there at once", () => {
    const timed = timedResponder({ name: "none", apply: () => undefined }, clock, () => {});
    expect(timed.apply(ban(cause))).toBeUndefined();
  });
});
