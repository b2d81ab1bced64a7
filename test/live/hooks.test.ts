/**
 * The seed's KILL_ROUTE, KILL_HOSTS_DENY and KILL_RUN_CMD, word for word, with real net-tools and
 * iptables, and their undoing.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { LegacyResponse } from "../../src/broker/executors/deed.ts";
import type { Leftover } from "../../src/broker/executors/leftovers.ts";
import { describeLive } from "../support/live.ts";
import { Namespace } from "./kernel-namespace.ts";

interface Sight {
  readonly hostsDeny: string;
  readonly routes: readonly string[];
  readonly rules: readonly string[];
}

type Responses = readonly LegacyResponse[];

interface Observed {
  readonly done: Responses;
  readonly standing: Sight;
  readonly again: Responses;
  readonly undone: Responses;
  readonly left: Sight;
  readonly adoptable: readonly Leftover[];
  readonly adopted: Responses;
  readonly leftAfterAdoption: Sight;
  readonly restored: Responses;
  readonly standingAfterReboot: Sight;
  readonly failed6: Responses;
  readonly done6: Responses;
  readonly standing6: Sight;
  readonly undone6: Responses;
  readonly doneInSet: Responses;
  readonly isInSet: boolean;
  readonly undoneInSet: Responses;
  readonly many: Responses;
  readonly manyStanding: { readonly routes: number; readonly rules: number };
  readonly end: Sight;
  readonly forgotten: readonly string[];
}

const NOTHING: Sight = { hostsDeny: "# by hand\n", routes: [], rules: [] };

const statusesOf = (responses: Responses): string[] =>
  responses.map(({ name, status }) => `${name} ${status}`);

describeLive("legacy responses", ["iptables", "ip6tables", "route"], () => {
  let namespace: Namespace;
  let seen: Observed;

  beforeAll(() => {
    namespace = new Namespace("hooks");
    seen = namespace.runScript("hooks-scene.ts") as Observed;
  });

  afterAll(() => namespace.close());

  it("the seed's three are done in order and stand", () => {
    expect(seen.done).toEqual([
      { name: "hosts-deny", status: "applied", text: "ALL: 192.0.2.7 : DENY" },
      { name: "route", status: "applied", text: "/sbin/route add -host 192.0.2.7 reject" },
      {
        name: "command",
        status: "applied",
        text:
          "/sbin/iptables -I INPUT -s 192.0.2.7 -j DROP && /sbin/iptables -I INPUT -s 192.0.2.7 " +
          "-m limit --limit 3/minute --limit-burst 5 -j LOG --log-level debug " +
          "--log-prefix 'Portsentry: dropping: '",
      },
    ]);
    expect(seen.standing).toEqual({
      hostsDeny: "# by hand\nALL: 192.0.2.7 : DENY\n",
      routes: [expect.stringMatching(/^unreachable 192\.0\.2\.7/)],
      rules: [
        expect.stringMatching(/-s 192\.0\.2\.7\/32 .*-j LOG .*"Portsentry: dropping: "/),
        "-A INPUT -s 192.0.2.7/32 -j DROP",
      ],
    });
  });

  it("are not done twice", () => {
    expect(statusesOf(seen.again)).toEqual([
      "hosts-deny already-applied",
      "route already-applied",
      "command already-applied",
    ]);
  });

  it("undo leaves none of them", () => {
    expect(statusesOf(seen.undone)).toEqual([
      "command applied",
      "route applied",
      "hosts-deny applied",
    ]);
    expect(seen.left).toEqual(NOTHING);
  });

  it("what an earlier PortSentry left, twice over, is found and removed", () => {
    expect(seen.adoptable.map(({ prefix, kind }) => `${prefix} ${kind}`)).toEqual([
      "192.0.2.7/32 hosts-deny",
      "192.0.2.7/32 route",
      "192.0.2.7/32 command",
    ]);
    expect(statusesOf(seen.adopted)).toEqual([
      "command applied",
      "route applied",
      "hosts-deny applied",
    ]);
    expect(seen.leftAfterAdoption).toEqual(NOTHING);
  });

  it("after a reboot the route comes back, and the command does not", () => {
    expect(statusesOf(seen.restored)).toEqual([
      "hosts-deny already-applied",
      "route applied",
      "command skipped",
    ]);
    expect(seen.standingAfterReboot.routes).toHaveLength(1);
    expect(seen.standingAfterReboot.rules).toEqual([]);
  });

  it("commands that cannot do IPv6 are told as failed", () => {
    expect(statusesOf(seen.failed6)).toEqual([
      "hosts-deny applied",
      "route failed",
      "command failed",
    ]);
    expect(seen.failed6[0]?.text).toBe("ALL: [2001:db8::7] : DENY");
    expect(seen.failed6[1]?.reason).toMatch(/^exit status \d+: /);
  });

  it("commands that can do IPv6 stand and are undone", () => {
    expect(statusesOf(seen.done6)).toEqual([
      "hosts-deny applied",
      "route applied",
      "command applied",
    ]);
    expect(seen.standing6.routes).toEqual([expect.stringMatching(/^blackhole 2001:db8::7/)]);
    expect(seen.standing6.rules).toEqual([
      "-A INPUT -s 2001:db8::7/128 -p tcp -m tcp --dport 445 -j DROP",
    ]);
    expect(statusesOf(seen.undone6)).toEqual([
      "command applied",
      "route applied",
      "hosts-deny applied",
    ]);
  });

  it("an element of an nftables set stands and is undone", () => {
    expect(seen.doneInSet[1]).toMatchObject({ name: "route", status: "applied" });
    expect(seen.isInSet).toBe(true);
    expect(seen.undoneInSet[1]).toMatchObject({ name: "route", status: "applied" });
  });

  it("many hosts at once all get theirs, and lose them", () => {
    expect(seen.many).toEqual([]);
    expect(seen.manyStanding).toEqual({ routes: 24, rules: 48 });
    expect(seen.end).toEqual(NOTHING);
    expect(seen.forgotten).toEqual([]);
  });
});
