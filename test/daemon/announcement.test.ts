import { describe, expect, it } from "vitest";
import { requireConfiguration } from "../../src/config/load.ts";
import {
  type AnnouncementFacts,
  announce,
  announceBriefly,
} from "../../src/daemon/announcement.ts";
import { type Prefix, parsePrefix } from "../../src/net/prefix.ts";

const prefix = (text: string) => parsePrefix(text) as Prefix;

function factsOf(
  changes: Partial<AnnouncementFacts> = {},
  overrides: Record<string, string> = {},
): AnnouncementFacts {
  return {
    configuration: requireConfiguration({ overrides }),
    watchOnly: undefined,
    trusted: [],
    blindness: undefined,
    sessions: [],
    served: [],
    listened: [],
    neighbours: [],
    confirmWithinMs: undefined,
    onStop: "remove",
    stateDirectory: "/var/lib/vedette",
    isKernelSensing: true,
    ephemeral: { first: 32_768, last: 60_999 },
    command: "vedette",
    ...changes,
  };
}

function linesOf(changes: Partial<AnnouncementFacts> = {}, overrides: Record<string, string> = {}) {
  return announce(factsOf(changes, overrides)).join("\n");
}

describe("announce", () => {
  it("says from where one is logged in, and the line that keeps it trusted", () => {
    const text = linesOf({ sessions: [{ prefix: prefix("198.51.100.7"), why: "logged in" }] });
    expect(text).toContain("logged in from 198.51.100.7");
    expect(text).toContain("vedette trust 198.51.100.7");
  });

  it("promises no hold and no ban while it is not known who is trusted", () => {
    const text = linesOf({ blindness: "nobody is banned until it can be read: /x is a directory" });
    expect(text).toContain("Nobody is held, and nobody is banned until it can be read:");
    expect(text).toContain("/x is a directory");
    expect(text).not.toContain("Whoever scans is held");
  });

  it("names the command as it is called here", () => {
    const command = "/srv/vedette/bin/vedette";
    expect(linesOf({ command, confirmWithinMs: 60_000 })).toContain(`${command} confirm`);
  });

  it("names an address once that is logged in twice", () => {
    const session = { prefix: prefix("198.51.100.7"), why: "logged in" };
    const text = linesOf({ sessions: [session, session] });
    expect(text.match(/vedette trust 198/g)).toHaveLength(1);
  });

  it("says that nobody is logged in from elsewhere", () => {
    expect(linesOf()).toContain("Nobody is logged in from elsewhere.");
  });

  it.each([
    { set: { SENSE_OTHER: "1" }, ending: "; pings and other protocols but 2,46,88-89,103,112,124" },
    { set: { SENSE_OTHER: "1", OTHER_EXCLUDE: "" }, ending: "; pings and other protocols" },
    { set: {}, ending: ",32768-60999" },
  ])("ends what is watched with $ending for $set", ({ set, ending }) => {
    const [, watched] = /Watched: (.*)/.exec(linesOf({}, set)) ?? [];
    expect(watched?.endsWith(ending)).toBe(true);
    expect(linesOf({ isKernelSensing: false }, set)).not.toContain("pings");
  });

  it.each([
    {
      set: { PHANTOM: "traps", TRAP_PORTS: "23,445" },
      line: "Look open: tcp 23,445, where nothing serves them (PHANTOM)",
    },
    { set: { PHANTOM: "all" }, line: "Look open: every unused tcp port that is watched (PHANTOM)" },
  ])("says what looks open for $set, where anything does", ({ set, line }) => {
    expect(linesOf({}, set)).toContain(line);
    for (const text of [
      linesOf({}, { ...set, PHANTOM: "off" }),
      linesOf({}, { ...set, BLOCK_TCP: "0" }),
      linesOf({ watchOnly: "of a neighbour" }, set),
      linesOf({ isKernelSensing: false }, set),
    ]) {
      expect(text).not.toContain("Look open");
    }
  });

  it("says what is served and what is watched", () => {
    const text = linesOf({
      served: [
        { transport: "tcp", port: 80 },
        { transport: "tcp", port: 80 },
        { transport: "tcp", port: 22 },
        { transport: "udp", port: 53 },
      ],
    });
    expect(text).toContain("Served:   tcp 22,80; udp 53");
    expect(text).toContain("tcp: every unused port but 113; udp: every unused port but 67-68,");
    expect(text).toContain(",32768-60999");
  });

  it("does not call ports unused that are told of although they are served", () => {
    const listed = { TCP_MODE: "stcp", TCP_PORTS: "80,443" };
    expect(linesOf({}, listed)).toContain("tcp: 80,443 where unused;");
    const text = linesOf({}, { ...listed, SENSE_SERVED: "1" });
    expect(text).toContain("tcp: 80,443, served or not;");
    expect(text).toContain("10 min (alive) after 4 ports (");
  });

  it("says what becomes of a scanner, in the configuration's numbers", () => {
    const trigger = { DETECTOR: "trigger", SCAN_TRIGGER: "5" };
    const text = linesOf({}, { ...trigger, HOLD_TIME: "30s", BAN_TIME_ALIVE: "2h" });
    expect(text).toContain("held for 30 s after 2 unused ports or one trap port");
    expect(text).toContain("banned for 1 min (claimed) or 2 h (alive) after 5 unused ports");
  });

  it("says that a ban is for good, and that hits are counted", () => {
    const hits = { DETECTOR: "trigger", TRIGGER_COUNTS: "hits", SCAN_TRIGGER: "0" };
    const forever = { BAN_TIME_CLAIMED: "forever", BAN_TIME_ALIVE: "forever" };
    const overrides = { PROOF: "none", ...forever, BAN_TIME_PROVEN: "forever", ...hits };
    expect(linesOf({}, overrides)).toContain("banned for good on a claim alone after 1 hit.");
  });

  it.each([
    { keys: {}, words: "4 unused ports (a trap port counts twice, UDP half)." },
    { keys: { STRICT: "1" }, words: "3 unused ports (a trap port counts twice, UDP half)." },
    { keys: { TRAP_PORTS: "" }, words: "4 unused ports (UDP half)." },
    { keys: { DETECTOR: "trigger" }, words: "3 unused ports." },
    { keys: { DETECTOR: "trigger", SCAN_TRIGGER: "1" }, words: "1 unused port." },
  ])("says with $keys that one is banned after $words", ({ keys, words }) => {
    expect(linesOf({}, keys)).toContain(`or 10 min (alive) after ${words}`);
  });

  it("says why nothing is held when it only watches", () => {
    expect(linesOf({ watchOnly: "--watch-only" })).toContain(
      "Nothing is held or banned: --watch-only.",
    );
  });

  it("claims no ban without nftables", () => {
    const text = linesOf({ isKernelSensing: false });
    expect(text).toContain("nobody is banned");
    expect(text).not.toContain("banned for");
  });

  it("promises no hold and no ban where the configuration makes none", () => {
    expect(linesOf({}, { BLOCK_TCP: "0", BLOCK_UDP: "0" })).toContain(
      "Nothing is held or banned: BLOCK_TCP and BLOCK_UDP are 0.",
    );
    const hooks = { BLOCK_TCP: "2", BLOCK_UDP: "0", KILL_RUN_CMD: "/bin/tell $TARGET$" };
    expect(linesOf({}, hooks)).toContain(
      "Nothing is held or banned: BLOCK_TCP is 2 and BLOCK_UDP is 0.",
    );
    expect(linesOf({}, { BLOCK_UDP: "0" })).toContain("Whoever scans more than udp is held");
  });

  it("promises no ban where PROOF asks for a handshake that nobody can complete", () => {
    const overrides = { PROOF: "handshake", KILL_HOSTS_DENY: "ALL: $TARGET$" };
    expect(linesOf({}, overrides)).toContain(
      "and not banned (PROOF is handshake, and there is nothing to connect to).",
    );
  });

  it("leaves nothing behind that it has not done", () => {
    const text = linesOf({ watchOnly: "--watch-only", onStop: "keep-bans" });
    expect(text).not.toContain("leaves the bans in force");
  });

  it("says how long there is to confirm", () => {
    expect(linesOf({ confirmWithinMs: 600_000 })).toContain(
      "taken away in 10 min unless you say: vedette confirm",
    );
  });

  it.each([
    { onStop: "remove" as const, text: "removes every trace of it from the kernel" },
    { onStop: "keep-bans" as const, text: "leaves the bans in force" },
  ])("says what a stop leaves with $onStop", ({ onStop, text }) => {
    expect(linesOf({ onStop })).toContain(text);
  });

  it("names what was found beside it", () => {
    const neighbours = [{ what: "knockd (pid 7)", why: "it waits for packets" }];
    expect(linesOf({ neighbours })).toContain("Found knockd (pid 7): it waits for packets.");
  });

  it("says in profile portsentry alone what is to be gained without it", () => {
    const configuration = requireConfiguration({
      profile: "portsentry",
      path: new URL("../config/samples/2.x/portsentry.conf", import.meta.url).pathname,
    });
    const gain = /To be gained in profile vedette: .* vedette config import/;
    expect(linesOf({ configuration })).toMatch(gain);
    expect(linesOf()).not.toMatch(gain);
  });
});

describe("announceBriefly", () => {
  it("says what is done to scanners, and how to keep it", () => {
    expect(announceBriefly(factsOf())).toEqual([
      expect.stringMatching(
        /^Whoever scans is held for .* and banned for 1 min \(claimed\) or 10 min \(alive\) after 4 unused ports \(.*\)\.$/,
      ),
    ]);
    expect(announceBriefly(factsOf({ confirmWithinMs: 60_000 }))).toEqual([
      expect.stringMatching(/^Whoever/),
      "All of this is taken away in 1 min unless you say: vedette confirm",
    ]);
  });
});
