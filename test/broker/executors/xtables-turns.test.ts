import { describe, expect, it } from "vitest";
import type { CommandOutcome } from "../../../src/broker/executors/command-runner.ts";
import { withXtablesTurns } from "../../../src/broker/executors/xtables-turns.ts";
import { settled } from "../fakes.ts";

const DONE: CommandOutcome = {
  status: "ended",
  exitStatus: 0,
  output: { stdout: "", stderr: "" },
};

/** Commands that end one by one, when the test says so. */
function open() {
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const run = withXtablesTurns((text) => {
    begun.push(text);
    return new Promise((resolve) => ends.push(() => resolve(DONE)));
  });
  const endNext = async () => {
    ends.shift()?.();
    await settled();
  };
  return { begun, run, endNext };
}

describe("withXtablesTurns", () => {
  it.each([
    ["iptables -I INPUT -s 192.0.2.7 -j DROP", "/sbin/ip6tables -S"],
    ["iptables -D INPUT -j LOG; iptables -D INPUT -j DROP", "iptables-legacy -C INPUT -j DROP"],
  ])("lets `%s` and `%s` run one after the other", async (first, second) => {
    const { begun, run, endNext } = open();
    const both = Promise.all([run(first), run(second)]);
    await settled();
    expect(begun).toEqual([first]);
    await endNext();
    expect(begun).toEqual([first, second]);
    await endNext();
    expect(await both).toEqual([DONE, DONE]);
  });

  it.each([
    ["iptables -I INPUT -j DROP", "/sbin/route add -host 192.0.2.7 reject"],
    ["iptables -I INPUT -j DROP", "iptables -I INPUT -j DROP && sleep 3"],
    ["sleep 3", "sleep 3"],
    ["iptables -I INPUT -j DROP", "iptables -S | grep DROP"],
  ])("lets `%s` and `%s` run at once", async (first, second) => {
    const { begun, run } = open();
    void run(first);
    void run(second);
    await settled();
    expect(begun).toHaveLength(2);
  });
});
