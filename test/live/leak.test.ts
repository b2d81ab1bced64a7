/**
 * What a scanner learns about ten real services, counted on the wire.
 *
 * The bar is no SYN+ACK for any SYN that comes after the scan has shown itself. The test without a
 * hold is the control: it proves that the scene does give its services away.
 */
import { expect, it } from "vitest";
import { Guard } from "../support/guard.ts";
import { FULL_SCAN, LeakScenario, SERVED_PORTS, SLOW_SCAN } from "../support/leak-scenario.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { letPass, waitFor } from "../support/wait-for.ts";

/** Longer than a slow scan takes, also on a busy machine. */
const HOLD_TIME = "6s";
/** Between two passes: longer than HOLD_TIME, shorter than the memory of a suspect. */
const BETWEEN_PASSES_MS = 7000;

describeLive("leak of served ports", ["nmap", "tcpdump"], () => {
  it.each([
    { run: "over IPv4", options: [] },
    { run: "over IPv6", options: ["-6"] },
  ])(
    "a full scan at 5000 ports a second gets no answer once it has shown itself ($run)",
    async ({ options }) => {
      await using lab = await Lab.open();
      const scenario = await LeakScenario.build(lab);
      const guard = await Guard.start(lab, scenario.network.target.namespace);

      const { leaked, syns } = await scenario.scan([...FULL_SCAN, ...options]);

      expect(syns).toBeGreaterThanOrEqual(65_535);
      expect(leaked).toEqual([]);
      await waitFor("the ban", 30_000, async () => (await guard.bans()).length === 1);
    },
  );

  it("a slow scan in two passes 7 s apart gets no answer by the hold alone, without bans", async () => {
    await using lab = await Lab.open();
    const scenario = await LeakScenario.build(lab);
    const guard = await Guard.start(lab, scenario.network.target.namespace, {
      config: { NFT_BAN: "0", HOLD_TIME },
    });

    const first = await scenario.scan(SLOW_SCAN);
    await letPass(BETWEEN_PASSES_MS);
    const second = await scenario.scan(SLOW_SCAN);

    expect(first.syns).toBeGreaterThanOrEqual(200);
    expect(second.syns).toBeGreaterThanOrEqual(200);
    expect(first.leaked).toEqual([]);
    expect(second.leaked).toEqual([]);
    expect(await guard.bans()).toEqual([]);
  });

  it("without hold and bans the same scan finds all ten services", async () => {
    await using lab = await Lab.open();
    const scenario = await LeakScenario.build(lab);
    await Guard.start(lab, scenario.network.target.namespace, {
      config: { HOLD_AFTER: "off", NFT_BAN: "0" },
    });

    const { answered, leaked } = await scenario.scan(FULL_SCAN);

    expect(answered).toEqual(SERVED_PORTS);
    expect(leaked.length).toBeGreaterThan(0);
  });
});
