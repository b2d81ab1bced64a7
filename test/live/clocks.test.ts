/** The machine is suspended, and its clock is set: as the guard's readings of the clocks say. */
import { expect, it } from "vitest";
import { ClockSteps } from "../support/clock-steps.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork } from "../support/networks.ts";
import { waitFor } from "../support/wait-for.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const SHORT = "192.0.2.77";
const LONG = "192.0.2.78";
const FRIEND = "192.0.2.9";

describeLive("clocks", [], () => {
  it("bans and trust last as long as they were to, whatever the clocks do", async () => {
    await using lab = await Lab.open();
    const { target } = await buildNetwork(lab, []);
    const clocks = await ClockSteps.open(lab);
    const guard = await Guard.start(lab, target.namespace, { prefix: clocks.prefix });
    await guard.ask("ban", SHORT, "--for", "1h");
    await guard.ask("ban", LONG, "--for", "1d");
    await guard.ask("trust", FRIEND, "--for", "1h");
    const restOf = async (address: string): Promise<number> =>
      (await guard.bans()).find((ban) => ban.address === address)?.remaining_seconds ?? 0;
    const told = (words: string) =>
      waitFor(`"${words}" in status`, 30_000, async () => {
        return (await guard.status()).health.some(({ text }) => text.includes(words));
      });

    for (const [setByMs, words] of [
      [DAY_MS, "set forward by 1 d"],
      [-DAY_MS, "set back by 2 d"],
    ] as const) {
      await clocks.set(0, setByMs);
      await told(words);

      await waitFor("both bans with about the time that they had", 30_000, async () => {
        const [short, long] = await Promise.all([restOf(SHORT), restOf(LONG)]);
        return short > 3000 && short <= 3600 && long > 80_000 && long <= 86_400;
      });
      expect(await guard.elementsOf("banned4")).toEqual([SHORT, LONG]);
      expect(await guard.elementsOf("trusted4")).toContain(FRIEND);
    }

    await clocks.set(2 * HOUR_MS, -DAY_MS);
    await told("suspended for 2 h");

    expect(await guard.elementsOf("banned4")).toEqual([LONG]);
    await waitFor("the journal to let go of who has served his time", 30_000, async () => {
      return (await guard.bans()).length === 1;
    });
    expect(await restOf(LONG)).toBeLessThanOrEqual(86_400 - 7200);
    await waitFor("the end of the trust", 30_000, async () => {
      return !(await guard.elementsOf("trusted4")).includes(FRIEND);
    });
    expect((await guard.status()).health.map(({ code }) => code)).not.toContain("table-restored");
  });

  it.each([
    { way: "forward", setByMs: DAY_MS },
    { way: "back", setByMs: -DAY_MS },
  ])(
    "a ban in the kernel lasts as long as it was to, set $way by a day while no guard runs",
    async ({ setByMs }) => {
      await using lab = await Lab.open();
      const { target } = await buildNetwork(lab, []);
      const clocks = await ClockSteps.open(lab);
      const { prefix } = clocks;
      const before = await Guard.start(lab, target.namespace, { prefix });
      await before.ask("ban", SHORT, "--for", "1h");
      await before.stop();
      await clocks.set(0, setByMs);

      const after = await Guard.start(lab, target.namespace, { prefix, after: before });

      expect(await after.elementsOf("banned4")).toEqual([SHORT]);
      const listed = await target.namespace.run("nft", [
        "-j",
        "list",
        "set",
        "inet",
        "vedette",
        "banned4",
      ]);
      const [, restSeconds] = /"expires": (\d+)/.exec(listed) ?? [];
      expect(Number(restSeconds)).toBeGreaterThan(3000);
      expect(Number(restSeconds)).toBeLessThanOrEqual(3600);
      // By a clock that is ahead the journal takes it for over; what the kernel has is listed.
      expect((await after.bans()).map(({ address }) => address)).toEqual([SHORT]);
      await after.ask("unban", SHORT);
      expect(await after.elementsOf("banned4")).toEqual([]);
    },
  );
});
