import { describe, expect, it } from "vitest";
import { acceptsUntracked, dropsInvalid } from "../../../src/daemon/doctor/connection-state.ts";
import type { Chain, Ruleset } from "../../../src/daemon/doctor/ruleset.ts";

/** A chain at prerouting beside chains that rules may jump to. */
function judge(policy: "accept" | "drop", rules: readonly string[]): boolean {
  const base = { hook: "prerouting", priority: -150, drops: policy === "drop" };
  const table = "inet filter";
  const chain: Chain = { table, name: "early", base, rules };
  const ruleset: Ruleset = {
    chains: [
      chain,
      { table, name: "bad", base: undefined, rules: ['log prefix "bad: "', "jump worse"] },
      { table, name: "worse", base: undefined, rules: ["limit rate 5/second return", "drop"] },
      { table, name: "fresh", base: undefined, rules: ["ct state 0x8 drop"] },
      { table, name: "counted", base: undefined, rules: ["counter"] },
      { table: "ip other", name: "elsewhere", base: undefined, rules: ["drop"] },
    ],
    offloading: [],
  };
  return dropsInvalid(chain, ruleset);
}

// As nft 1.0.6 lists them with -n -s; what it is given in another way stands behind.
describe("dropsInvalid", () => {
  it.each([
    "ct state 0x1 drop",
    "ct state invalid counter drop",
    "ct state 0x1,0x8 reject",
    "ct state { 0x1, 0x8 } drop",
    "ct state vmap { 0x1 : drop, 0x2 : accept }",
    "ct state vmap { established : accept, invalid : drop }",
    "ct state & 0x1 == 0x1 drop",
    // ct state & (invalid | untracked) != 0
    'iifname "eth0" ct state 0x1,0x40 log prefix "x " drop',
    'iifname "eth0" ct state & 0x1 == 0x1 log prefix "ct state new " level 4 counter drop',
    "ct state & (0x1 | 0x40) != 0x0 drop",
    "ct state & (0x2 | 0x4 | 0x8) == 0x0 drop",
    "ct state != { 0x2, 0x4, 0x8 } drop",
    // ct state != established,related,new
    'iifname "eth0" ct state != 0x2 | 0x4 | 0x8 log drop',
    // ct state & (established | related | new) == 0
    "ct state ! 0x2,0x4,0x8 drop",
    "ct state != 0x2 / 0x2,0x1 drop",
    // ct state & (invalid | new) == invalid
    "ct state 0x1 / 0x1,0x8 drop",
    "ct state 0x1 jump bad",
    "ct state != { 0x2, 0x4, 0x8 } goto bad",
    "ct state vmap { 0x1 : jump bad, 0x2 : accept }",
  ])("is true of: %s", (rule) => {
    expect(judge("accept", [rule])).toBe(true);
  });

  it.each([
    "ct state 0x2 drop",
    "ct state 0x1 accept",
    "ct state 0x10 drop",
    "ct state vmap { 0x1 : accept, 0x2 : drop }",
    "drop",
    'ct state 0x1 accept comment "do not drop"',
    'ct state 0x1 log prefix "now drop "',
    "ct state & 0x1 == 0x0 drop",
    "ct state & 0x1 != 0x1 drop",
    "ct state != { 0x1, 0x8 } drop",
    "ct state ! 0x1 drop",
    "ct state 0x8 / 0x1,0x8 drop",
    "ct state 0x2 jump bad",
    "ct state 0x1 jump fresh",
    "ct state 0x1 jump counted",
    "ct state 0x1 jump elsewhere",
    'tcp dport 80 drop comment "ct state 0x1 drop"',
  ])("is false of: %s", (rule) => {
    expect(judge("accept", [rule])).toBe(false);
  });

  it.each([
    { policy: "drop", rules: ["ct state { 0x2, 0x4, 0x8 } accept"], is: true },
    { policy: "drop", rules: ["ct state vmap { 0x2 : accept, 0x8 : accept }"], is: true },
    { policy: "drop", rules: ['iifname "lo" accept', "ct state ! 0x1 accept"], is: true },
    { policy: "drop", rules: ["ct state != 0x1 accept", "tcp dport 22 accept"], is: true },
    { policy: "accept", rules: ["ct state 0x2,0x8 accept", 'log prefix "x" drop'], is: true },
    { policy: "accept", rules: ["ct state { 0x2, 0x4, 0x8 } accept"], is: false },
    { policy: "drop", rules: ["ct state { 0x2, 0x8 } accept", "accept"], is: false },
    { policy: "drop", rules: ["ct state 0x8 accept", "ct state 0x1 counter accept"], is: false },
    { policy: "drop", rules: ["ct state 0x8 accept", 'iifname "eth0" accept'], is: false },
    // Probes do not come as far, so nobody is asked.
    { policy: "drop", rules: ["ct state 0x2,0x4 accept", "tcp dport 22 accept"], is: false },
    { policy: "drop", rules: [], is: false },
  ] as const)("of policy $policy with $rules is $is", ({ policy, rules, is }) => {
    expect(judge(policy, rules)).toBe(is);
  });
});

describe("acceptsUntracked", () => {
  it.each([
    { rule: "ct state 0x40 accept", is: true },
    { rule: "ct state { 0x2, 0x4, 0x40 } counter accept", is: true },
    { rule: "ct state established,untracked accept", is: true },
    { rule: "ct state != 0x1 accept", is: true },
    { rule: "ct state 0x2,0x4 accept", is: false },
    { rule: "ct state 0x40 drop", is: false },
    { rule: "accept", is: false },
  ])("of $rule is $is", ({ rule, is }) => {
    expect(acceptsUntracked(rule)).toBe(is);
  });
});
