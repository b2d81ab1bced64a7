/** What a forger can do to an innocent whom he names, in ten minutes and with the defaults. */
import { expect, it } from "vitest";
import { frameAnInnocent } from "../support/forger-scenario.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";

/** A minute, and what the innocent's attempts at the edges of six holds add to it. */
const A_MINUTE_MS = 60_000 + 6 * 300;

describeLive("a forger who names an innocent every 2 s for 10 minutes", [], () => {
  it("shuts it out for a minute at most", { timeout: 900_000 }, async () => {
    await using lab = await Lab.open();

    const framed = await frameAnInnocent(lab, { everyMs: 2000, forMs: 600_000 });

    expect(framed.forged).toBe(300);
    expect(framed.holds).toBeGreaterThan(0);
    expect(framed.shutOutMs).toBeLessThanOrEqual(A_MINUTE_MS);
    expect(framed.isBanned).toBe(false);
  });
});
