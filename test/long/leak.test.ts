/** The bar of the leak test at its full length: twenty runs, each in a machine of its own. */
import { expect, it } from "vitest";
import { Guard } from "../support/guard.ts";
import { FULL_SCAN, LeakScenario } from "../support/leak-scenario.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";

const RUNS = Array.from({ length: 20 }, (_, index) => ({ run: index + 1 }));

describeLive("leak of served ports, twenty runs", ["nmap", "tcpdump"], () => {
  it.each(RUNS)(
    "a full scan gets no answer once it has shown itself (run $run of 20)",
    { timeout: 120_000 },
    async () => {
      await using lab = await Lab.open();
      const scenario = await LeakScenario.build(lab);
      await Guard.start(lab, scenario.network.target.namespace);

      const { leaked, syns } = await scenario.scan(FULL_SCAN);

      expect(syns).toBeGreaterThanOrEqual(65_535);
      expect(leaked).toEqual([]);
    },
  );
});
