/**
 * What a forger can do to an innocent whom he names: the short form, with holds of 1 s.
 * test/long has the three minutes with the defaults.
 */
import { expect, it } from "vitest";
import { sendCanary } from "../support/canary.ts";
import { forge } from "../support/forge.ts";
import { frameAnInnocent } from "../support/forger-scenario.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork } from "../support/networks.ts";

/** Holds that one source may get at once, then one in 100 s. */
const HOLDS_AT_ONCE = 5;

describeLive("a forger who names an innocent", [], () => {
  it("shuts it out for as many holds as the budget has, and then no more", async () => {
    await using lab = await Lab.open();

    const framed = await frameAnInnocent(lab, {
      config: { HOLD_TIME: "1s" },
      everyMs: 200,
      forMs: 12_000,
    });

    expect(framed.forged).toBe(60);
    expect(framed.holds).toBe(HOLDS_AT_ONCE);
    // An attempt at each edge of a hold may fail although the hold lasts for a part of it only.
    expect(framed.shutOutMs).toBeLessThanOrEqual(HOLDS_AT_ONCE * (1000 + 2 * 300));
    expect(framed.lateFailures).toBe(0);
    expect(framed.isBanned).toBe(false);
  });

  it("cannot have the gateway or the machine itself held or banned", async () => {
    await using lab = await Lab.open();
    const { hosts, router, target } = await buildNetwork(lab, ["canary"]);
    const guard = await Guard.start(lab, target.namespace);
    const ports = [23, 445, 1001, 1002, 1003, 1004];

    await forge(router, { from: "198.51.100.1", to: target.ipv4, ports });
    await forge(router, { from: "2001:db8:100::1", to: target.ipv6, ports });
    await forge(router, { from: target.ipv4, to: target.ipv4, ports });
    await forge(router, { from: target.ipv6, to: target.ipv6, ports });
    await forge(router, { from: "127.0.0.1", to: target.ipv4, ports });

    const noticed = await sendCanary(guard, hosts.canary, target);
    const sources = [hosts.canary.ipv4];
    expect(noticed).toEqual({ probes: 1, holds: 0, banned: 0, sources });
    expect((await guard.status()).trusted_saves).toBeGreaterThanOrEqual(2 * ports.length);
  });
});
