/**
 * Who is found alive by a challenge: scanners by the real tools, and nobody whose address is unused.
 * "Alive" is not "guilty": an innocent host in whose name somebody forges is alive, too.
 */
import { expect, it } from "vitest";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork } from "../support/networks.ts";

describeLive("the challenge", ["nmap"], () => {
  it("finds a scanner alive, and bans it on that evidence", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["scanner"]);
    const guard = await Guard.start(lab, target.namespace);

    const scan = ["-n", "-Pn", "-sS", "-p1-100", "--max-retries", "0", target.ipv4];
    await hosts.scanner.namespace.exec("nmap", scan);

    await guard.event("ban", ({ evidence }) => evidence === "alive");
    expect((await guard.banned(hosts.scanner.ipv4)).evidence).toBe("alive");
    expect((await guard.status()).challenges).toMatchObject({ unsent: 0, wrong: 0 });
  });
});
