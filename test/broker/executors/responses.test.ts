import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { runCommand } from "../../../src/broker/executors/command-runner.ts";
import { DeedLedger } from "../../../src/broker/executors/deed-ledger.ts";
import type { ResponseRequest } from "../../../src/broker/executors/response-plan.ts";
import {
  type LegacyParts,
  LegacyResponses,
  type LegacySettings,
} from "../../../src/broker/executors/responses.ts";
import { type Prefix, prefixOf } from "../../../src/net/prefix.ts";
import { address, prefix, settled } from "../fakes.ts";
import { FakeFiles } from "../trust/fake-files.ts";
import { FakeMachine, SEED_RUN_CMD, seedSettings } from "./fake-machine.ts";

const SOURCE = prefix("192.0.2.7");
const LINE = "ALL: 192.0.2.7 : DENY";
const ROUTE = "/sbin/route add -host 192.0.2.7 reject";
const UNROUTE = "/sbin/route del -host 192.0.2.7 reject";
const COMMAND = SEED_RUN_CMD.replaceAll("$TARGET$", "192.0.2.7");
const DROP = "-s 192.0.2.7 -j DROP";
const LOG = COMMAND.slice(COMMAND.lastIndexOf("-s 192"));
const UNCOMMAND = `/sbin/iptables -D INPUT ${LOG}; /sbin/iptables -D INPUT ${DROP}`;

const EXPIRY = { withLeftovers: false };
const BY_HAND = { withLeftovers: true };

class Scene implements AsyncDisposable {
  readonly files: FakeFiles;
  readonly ledger: DeedLedger;
  readonly settings: LegacySettings;
  readonly machine = new FakeMachine();
  responses: LegacyResponses;

  constructor(files: FakeFiles, ledger: DeedLedger, settings: Partial<LegacySettings>) {
    this.files = files;
    this.ledger = ledger;
    this.settings = { ...seedSettings(this.hostsDenyPath), ...settings };
    this.responses = this.another();
  }

  get hostsDenyPath(): string {
    return this.files.path("hosts.deny");
  }

  /** The same machine and ledger after a restart, or with other settings. */
  another(settings: Partial<LegacySettings> = {}, parts: Partial<LegacyParts> = {}) {
    const { run, readRoutes } = this.machine;
    const defaults = { ledger: this.ledger, refusal: () => undefined, run, readRoutes };
    return new LegacyResponses({ ...this.settings, ...settings }, { ...defaults, ...parts });
  }

  respond(request: Partial<ResponseRequest> = {}) {
    return this.responses.respond({
      source: SOURCE,
      port: 445,
      transport: "tcp",
      mode: "atcp",
      block: 1,
      ...request,
    });
  }

  get hostsDeny(): string {
    return readFileSync(this.hostsDenyPath, "utf8");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.ledger.close();
    this.files[Symbol.dispose]();
  }
}

async function open(settings: Partial<LegacySettings> = {}): Promise<Scene> {
  const files = new FakeFiles();
  return new Scene(files, await DeedLedger.open(files.path("deeds")), settings);
}

function statusesOf(responses: readonly { name: string; status: string }[]): string[] {
  return responses.map(({ name, status }) => `${name} ${status}`);
}

describe("LegacyResponses.reconfigure", () => {
  it("goes by other texts, undoes what the old ones did, and keeps the order of what waits", async () => {
    await using scene = await open();
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    scene.machine.before = () => held;
    const first = scene.respond();
    const { hostsDenyPath: _, ...settings } = scene.settings;
    scene.responses.reconfigure({ ...settings, killRoute: undefined, killRunCmd: undefined });
    const undone = scene.responses.undo(SOURCE, EXPIRY);
    letGo();
    expect(statusesOf(await first)).toEqual([
      "hosts-deny applied",
      "route applied",
      "command applied",
    ]);
    expect(statusesOf(await undone)).toEqual([
      "command applied",
      "route applied",
      "hosts-deny applied",
    ]);
    expect(scene.machine).toMatchObject({ routes: [], rules: [] });
    expect(statusesOf(await scene.respond())).toEqual(["hosts-deny applied"]);
  });
});

describe("LegacyResponses.respond", () => {
  it("does the seed's three in 1.2's order, and tells what was done", async () => {
    await using scene = await open();
    expect(await scene.respond()).toEqual([
      { name: "hosts-deny", status: "applied", text: LINE },
      { name: "route", status: "applied", text: ROUTE },
      { name: "command", status: "applied", text: COMMAND },
    ]);
    expect(scene.hostsDeny).toBe(`${LINE}\n`);
    expect(scene.machine.routes).toEqual(["192.0.2.7"]);
    expect(scene.machine.rules).toEqual([LOG, DROP]);
    expect(scene.machine.acts).toEqual([ROUTE, COMMAND]);
    expect(scene.ledger.deedsOf(SOURCE)).toEqual([
      { kind: "hosts-deny", text: LINE, undo: LINE },
      { kind: "route", text: ROUTE, undo: UNROUTE },
      { kind: "command", text: COMMAND, undo: UNCOMMAND },
    ]);
  });

  it("does the command first, or alone, when told so", async () => {
    await using scene = await open({ killRunCmdFirst: true });
    expect(statusesOf(await scene.respond())).toEqual([
      "command applied",
      "hosts-deny applied",
      "route applied",
    ]);
    const other = prefix("192.0.2.8");
    expect(statusesOf(await scene.respond({ source: other, block: 2 }))).toEqual([
      "command applied",
    ]);
    expect(scene.ledger.deedsOf(other)).toHaveLength(1);
  });

  it("lengthens what was done for a ban that is to be longer, and runs nothing twice", async () => {
    await using scene = await open({ killRunCmd: "/usr/bin/tell $TARGET$" });
    scene.machine.idle.add("/usr/bin/tell 192.0.2.7");
    await scene.respond({ untilEpochMs: 60_000 });
    const { length } = scene.machine.lines;
    const longer = await scene.respond({ untilEpochMs: 600_000, isLonger: true });
    expect(statusesOf(longer)).toEqual([
      "hosts-deny already-applied",
      "route already-applied",
      "command already-applied",
    ]);
    expect(scene.machine.lines).toHaveLength(length);
    expect(scene.ledger.untilOf(SOURCE)).toBe(600_000);
  });

  it("does for a longer ban what was not done for the shorter one", async () => {
    await using scene = await open();
    await scene.respond({ block: 2, untilEpochMs: 60_000 });
    const longer = await scene.respond({ untilEpochMs: 600_000, isLonger: true });
    expect(statusesOf(longer)).toEqual([
      "hosts-deny applied",
      "route applied",
      "command already-applied",
    ]);
  });

  it("does nothing twice that stands", async () => {
    await using scene = await open();
    await scene.respond();
    expect(statusesOf(await scene.respond({ port: 23 }))).toEqual([
      "hosts-deny already-applied",
      "route already-applied",
      "command already-applied",
    ]);
    expect(scene.machine.rules).toHaveLength(2);
    expect(scene.ledger.deedsOf(SOURCE)).toHaveLength(3);
  });

  it.each([
    { status: 1, reason: "exit status 1" },
    { status: 127, reason: "exit status 127 (not found)" },
  ])("tells a command that ends with $status as failed, and records nothing", async (each) => {
    await using scene = await open({ killRunCmd: "mail $TARGET$" });
    scene.machine.statusOf.set("mail 192.0.2.7", each.status);
    const [, , command] = await scene.respond();
    expect(command).toEqual({
      name: "command",
      status: "failed",
      text: "mail 192.0.2.7",
      reason: each.reason,
    });
    expect(scene.ledger.deedsOf(SOURCE).map(({ kind }) => kind)).toEqual(["hosts-deny", "route"]);
  });

  it("tells a command as failed that says that all is well and has done nothing", async () => {
    await using scene = await open();
    scene.machine.idle.add(ROUTE);
    const [hostsDeny, route, command] = await scene.respond();
    expect([hostsDeny?.status, command?.status]).toEqual(["applied", "applied"]);
    expect(route).toMatchObject({
      status: "failed",
      reason: "it ended well, and what it should have made is not there",
    });
  });

  it("tells a time-out as failed and goes on", async () => {
    await using scene = await open();
    scene.machine.slow.add(ROUTE);
    const responses = await scene.respond();
    expect(responses[1]).toMatchObject({
      status: "failed",
      reason: "did not end within 10000 ms and was killed",
    });
    expect(responses[2]).toMatchObject({ status: "applied" });
  });

  it("keeps the deed of a chain that failed half-way, so that unban ends its first half", async () => {
    await using scene = await open();
    scene.machine.statusOf.set(`/sbin/iptables -I INPUT ${LOG}`, 1);
    const responses = await scene.respond();
    expect(responses[2]).toMatchObject({ status: "failed", reason: "exit status 1" });
    expect(scene.machine.rules).toEqual([DROP]);
    expect(statusesOf(await scene.responses.undo(SOURCE, EXPIRY))[0]).toBe("command applied");
    expect(scene.machine.rules).toEqual([]);
  });

  it("fails the line of hosts.deny alone when others can write its folder", async () => {
    await using scene = await open();
    chmodSync(scene.files.folder, 0o777);
    const responses = await scene.respond();
    expect(statusesOf(responses)).toEqual([
      "hosts-deny failed",
      "route applied",
      "command applied",
    ]);
    expect(responses[0]?.reason).toContain("can be written by others");
  });

  it("skips everything for whom nothing may be done to, and says why", async () => {
    await using scene = await open();
    scene.responses = scene.another({}, { refusal: () => "trusted: default gateway" });
    const responses = await scene.respond();
    expect(responses).toHaveLength(3);
    for (const each of responses) {
      expect(each).toMatchObject({ status: "skipped", reason: "trusted: default gateway" });
    }
    expect(scene.machine.lines).toEqual([]);
    expect(scene.ledger.prefixes).toEqual([]);
  });

  it("says of a deed that could not be recorded that it was done and not recorded", async () => {
    await using scene = await open();
    const lost = await DeedLedger.open(scene.files.path("no/folder/deeds"));
    scene.responses = scene.another({}, { ledger: lost });
    const [hostsDeny] = await scene.respond();
    expect(hostsDeny).toMatchObject({
      status: "applied",
      reason: expect.stringMatching(/^not recorded: .* cannot be written: ENOENT$/),
    });
  });

  it("fails what finds the queue full, and counts it", async () => {
    await using scene = await open({ hookQueue: 2 });
    const { promise, resolve } = Promise.withResolvers<void>();
    scene.machine.before = () => promise;
    const sources = Array.from({ length: 7 }, (_each, index) => prefix(`192.0.2.${index}`));
    const under = sources.map((source) => scene.respond({ source }));
    await settled();
    expect(scene.responses.load).toEqual({ running: 4, waiting: 2, refused: 1 });
    resolve();
    const outcomes = await Promise.all(under);
    expect(outcomes.map(([first]) => first?.status)).toEqual([
      ...Array(6).fill("applied"),
      "failed",
    ]);
    for (const each of outcomes[6] ?? []) {
      expect(each).toMatchObject({ status: "failed", reason: "the queue of hooks is full" });
    }
  });

  it("lets four hosts with a command of a second take about one second", async () => {
    await using scene = await open({ killRoute: undefined, killRunCmd: "sleep 1" });
    scene.responses = scene.another({}, { run: (text) => runCommand(text, 10_000) });
    const startedAtMs = performance.now();
    const hosts = [1, 2, 3, 4].map((host) => prefix(`192.0.2.${host}`));
    const all = await Promise.all(hosts.map((source) => scene.respond({ source })));
    expect(all.flat().map(({ status }) => status)).toEqual(Array(8).fill("applied"));
    expect(performance.now() - startedAtMs).toBeLessThan(3000);
  });
});

describe("LegacyResponses.undo", () => {
  it("takes everything back, the last first, and knows nothing of it afterwards", async () => {
    await using scene = await open();
    writeFileSync(scene.hostsDenyPath, "# mine\n");
    await scene.respond();
    scene.machine.lines.length = 0;
    expect(await scene.responses.undo(SOURCE, EXPIRY)).toEqual([
      { name: "command", status: "applied", text: UNCOMMAND },
      { name: "route", status: "applied", text: UNROUTE },
      { name: "hosts-deny", status: "applied", text: LINE },
    ]);
    expect(scene.machine.acts).toEqual([UNCOMMAND, UNROUTE]);
    expect(scene.machine).toMatchObject({ routes: [], rules: [] });
    expect(scene.hostsDeny).toBe("# mine\n");
    expect(scene.responses.prefixes).toEqual([]);
    expect(await scene.responses.undo(SOURCE, BY_HAND)).toEqual([]);
  });

  it("works after a restart", async () => {
    await using scene = await open();
    await scene.respond();
    scene.responses = scene.another({ killRoute: undefined, killRunCmd: undefined });
    expect(scene.responses.prefixes).toEqual([SOURCE]);
    expect(await scene.responses.undo(SOURCE, EXPIRY)).toHaveLength(3);
    expect(scene.machine).toMatchObject({ routes: [], rules: [] });
  });

  it("takes nothing of anybody else", async () => {
    await using scene = await open();
    await scene.respond();
    const wider = prefix("192.0.2.0/24");
    for (const other of [prefix("192.0.2.77"), wider]) {
      await scene.respond({ source: other });
      await scene.responses.undo(other, BY_HAND);
    }
    expect(scene.hostsDeny).toBe(`${LINE}\n`);
    expect(scene.machine.routes).toContain("192.0.2.7");
    expect(scene.machine.rules).toEqual([LOG, DROP]);
    expect(scene.responses.prefixes).toEqual([SOURCE]);
  });

  it("takes away rules that an earlier PortSentry has made again after each restart", async () => {
    await using scene = await open();
    await scene.respond();
    scene.machine.rules.push(LOG, DROP, LOG, DROP, "-s 192.0.2.8 -j DROP");
    await scene.responses.undo(SOURCE, EXPIRY);
    expect(scene.machine.rules).toEqual(["-s 192.0.2.8 -j DROP"]);
  });

  it("finds gone what somebody else has taken away", async () => {
    await using scene = await open();
    await scene.respond();
    scene.machine.rules.length = 0;
    scene.machine.routes.length = 0;
    writeFileSync(scene.hostsDenyPath, "");
    expect(statusesOf(await scene.responses.undo(SOURCE, EXPIRY))).toEqual([
      "command already-applied",
      "route already-applied",
      "hosts-deny already-applied",
    ]);
    expect(scene.responses.prefixes).toEqual([]);
  });

  it("says what cannot be undone, and what would help", async () => {
    await using scene = await open({ killRunCmd: "mail $TARGET$", killRoute: "blockit $TARGET$" });
    scene.machine.statusOf.set("mail 192.0.2.7", 0).set("blockit 192.0.2.7", 0);
    await scene.respond();
    const responses = await scene.responses.undo(SOURCE, EXPIRY);
    expect(statusesOf(responses)).toEqual([
      "command skipped",
      "route skipped",
      "hosts-deny applied",
    ]);
    expect(responses[0]?.reason).toContain("UNKILL_RUN_CMD");
    expect(responses[1]?.reason).toContain("UNKILL_ROUTE");
    expect(scene.responses.prefixes).toEqual([]);
  });

  it("runs the undo that the operator has named", async () => {
    await using scene = await open({
      killRunCmd: "block $TARGET$ $PORT$",
      unkillRunCmd: "unblock $TARGET$ $PORT$ $MODE$",
    });
    scene.machine.statusOf.set("block 192.0.2.7 445", 0).set("unblock 192.0.2.7 445 atcp", 0);
    await scene.respond();
    const [command] = await scene.responses.undo(SOURCE, EXPIRY);
    expect(command).toMatchObject({ status: "applied", text: "unblock 192.0.2.7 445 atcp" });
  });

  it("keeps what could not be undone, and tries it again", async () => {
    await using scene = await open();
    await scene.respond();
    scene.machine.statusOf.set(UNROUTE, 7);
    const failed = await scene.responses.undo(SOURCE, EXPIRY);
    expect(failed[1]).toMatchObject({ name: "route", status: "failed", reason: "exit status 7" });
    expect(scene.ledger.deedsOf(SOURCE).map(({ kind }) => kind)).toEqual(["route"]);
    scene.machine.statusOf.delete(UNROUTE);
    expect(statusesOf(await scene.responses.undo(SOURCE, EXPIRY))).toEqual(["route applied"]);
    expect(scene.responses.prefixes).toEqual([]);
  });

  it("waits for a response that is under way", async () => {
    await using scene = await open();
    const { promise, resolve } = Promise.withResolvers<void>();
    scene.machine.before = () => promise;
    const under = scene.respond();
    const undone = scene.responses.undo(SOURCE, EXPIRY);
    const again = scene.responses.undo(SOURCE, EXPIRY);
    await settled();
    expect(scene.responses.load).toMatchObject({ running: 1, waiting: 1 });
    resolve();
    expect(await under).toHaveLength(3);
    expect(await undone).toHaveLength(3);
    expect(await again).toEqual(await undone);
    expect(scene.machine).toMatchObject({ routes: [], rules: [] });
  });

  it("waits for a response that has not begun", async () => {
    await using scene = await open();
    const { promise, resolve } = Promise.withResolvers<void>();
    scene.machine.before = () => promise;
    const hosts = [1, 2, 3, 4].map((host) => prefix(`198.51.100.${host}`));
    const under = hosts.map((source) => scene.respond({ source }));
    const waiting = scene.respond();
    const undone = scene.responses.undo(SOURCE, EXPIRY);
    resolve();
    await Promise.all([...under, waiting]);
    expect(await undone).toHaveLength(3);
    expect(scene.ledger.deedsOf(SOURCE)).toEqual([]);
    expect(scene.machine.routes).not.toContain("192.0.2.7");
  });

  it("runs an undo whose effect cannot be looked up once, and goes by its status", async () => {
    await using scene = await open({ killRunCmd: "block $TARGET$", unkillRunCmd: "x $TARGET$" });
    scene.machine.statusOf.set("block 192.0.2.7", 0).set("x 192.0.2.7", 3);
    await scene.respond({ block: 2 });
    const failed = { name: "command", status: "failed", text: "x 192.0.2.7" };
    expect(await scene.responses.undo(SOURCE, EXPIRY)).toEqual([
      { ...failed, reason: "exit status 3" },
    ]);
    expect(scene.machine.lines).toEqual(["block 192.0.2.7", "x 192.0.2.7"]);
    expect(scene.responses.prefixes).toEqual([SOURCE]);
  });

  it("undoes again what was done behind an undo", async () => {
    await using scene = await open();
    const { promise, resolve } = Promise.withResolvers<void>();
    scene.machine.before = () => promise;
    const under = [
      scene.respond(),
      scene.responses.undo(SOURCE, EXPIRY),
      scene.respond(),
      scene.responses.undo(SOURCE, EXPIRY),
    ];
    resolve();
    await Promise.all(under);
    expect(scene.machine).toMatchObject({ routes: [], rules: [] });
    expect(scene.responses.prefixes).toEqual([]);
  });
});

describe("LegacyResponses.adoptable", () => {
  async function leftByAnother(): Promise<Scene> {
    const scene = await open();
    writeFileSync(scene.hostsDenyPath, `${LINE}\n${LINE}\nALL: 192.0.2.9 : DENY\nsshd: ALL\n`);
    scene.machine.routes.push("192.0.2.7", "192.0.2.10");
    scene.machine.rules.push(LOG, DROP, LOG, DROP, "-s 192.0.2.11 -j ACCEPT", "-j LOG");
    scene.machine.rules.push("-s 192.0.2.12 -j DROP");
    return scene;
  }

  it("finds for an address what an earlier PortSentry left", async () => {
    await using scene = await leftByAnother();
    expect(await scene.responses.adoptable(SOURCE)).toEqual([
      { prefix: SOURCE, kind: "hosts-deny", text: LINE, undo: LINE },
      { prefix: SOURCE, kind: "route", text: ROUTE, undo: UNROUTE },
      { prefix: SOURCE, kind: "command", text: COMMAND, undo: UNCOMMAND },
    ]);
    expect(await scene.responses.adoptable(prefix("192.0.2.11"))).toEqual([]);
    expect(scene.machine.acts).toEqual([]);
  });

  it("lists it for everybody, and asks once for all who have the same rules", async () => {
    await using scene = await leftByAnother();
    const many = Array.from({ length: 200 }, (_each, index) => `203.0.113.${index}`);
    for (const each of many) {
      scene.machine.rules.push(...[LOG, DROP].map((rule) => rule.replace("192.0.2.7", each)));
    }
    const found = await scene.responses.adoptable();
    const kindsOf = (host: string) =>
      found.filter((each) => each.prefix === `${host}/32`).map(({ kind }) => kind);
    expect(kindsOf("192.0.2.7")).toEqual(["hosts-deny", "route", "command"]);
    expect(kindsOf("192.0.2.9")).toEqual(["hosts-deny"]);
    expect(kindsOf("192.0.2.10")).toEqual(["route"]);
    expect(kindsOf("192.0.2.11")).toEqual([]);
    // Half of what the command makes is somebody else's.
    expect(kindsOf("192.0.2.12")).toEqual([]);
    for (const each of many) expect(kindsOf(each)).toEqual(["command"]);
    expect(scene.machine.lines.length).toBeLessThan(12);
  });

  it("does not find what is ours", async () => {
    await using scene = await open();
    await scene.respond();
    expect(await scene.responses.adoptable(SOURCE)).toEqual([]);
    expect(await scene.responses.adoptable()).toEqual([]);
  });

  it("finds nothing by texts that differ by port, or whose inverse is not known", async () => {
    await using scene = await leftByAnother();
    scene.responses = scene.another({
      killHostsDeny: undefined,
      killRoute: "block $TARGET$",
      killRunCmd: "/sbin/iptables -I INPUT -s $TARGET$ -p tcp --dport $PORT$ -j DROP",
    });
    expect(await scene.responses.adoptable(SOURCE)).toEqual([]);
    expect(await scene.responses.adoptable()).toEqual([]);
  });

  it("finds no route, and goes on, when the tables cannot be read", async () => {
    await using scene = await leftByAnother();
    const readRoutes = () => Promise.reject(new Error("EMFILE"));
    scene.responses = scene.another({}, { readRoutes });
    const kinds = (await scene.responses.adoptable(SOURCE)).map(({ kind }) => kind);
    expect(kinds).toEqual(["hosts-deny", "command"]);
    const all = await scene.responses.adoptable();
    expect(all.some(({ kind }) => kind === "route")).toBe(false);
    expect(all.some(({ kind }) => kind === "command")).toBe(true);
  });

  it("an unban by hand removes it, a ban that runs out does not", async () => {
    await using scene = await leftByAnother();
    expect(await scene.responses.undo(SOURCE, EXPIRY)).toEqual([]);
    expect(statusesOf(await scene.responses.undo(SOURCE, BY_HAND))).toEqual([
      "command applied",
      "route applied",
      "hosts-deny applied",
    ]);
    expect(scene.hostsDeny).toBe("ALL: 192.0.2.9 : DENY\nsshd: ALL\n");
    expect(scene.machine.routes).toEqual(["192.0.2.10"]);
    expect(scene.machine.rules).toEqual([
      "-s 192.0.2.11 -j ACCEPT",
      "-j LOG",
      "-s 192.0.2.12 -j DROP",
    ]);
  });

  it("is taken over by a ban, so that its end removes it", async () => {
    await using scene = await leftByAnother();
    expect(statusesOf(await scene.respond())).toEqual([
      "hosts-deny already-applied",
      "route already-applied",
      "command already-applied",
    ]);
    expect(scene.machine.acts).toEqual([]);
    await scene.responses.undo(SOURCE, EXPIRY);
    expect(scene.machine.routes).toEqual(["192.0.2.10"]);
  });

  it("tells that it could not be looked for when the queue is full", async () => {
    await using scene = await open({ hookQueue: 0 });
    const { promise, resolve } = Promise.withResolvers<void>();
    scene.machine.before = () => promise;
    const hosts: Prefix[] = [1, 2, 3, 4].map((host) => prefixOf(address(`198.51.100.${host}`), 32));
    const under = hosts.map((source) => scene.respond({ source }));
    await settled();
    const responses = await scene.responses.undo(SOURCE, BY_HAND);
    expect(statusesOf(responses)).toEqual(["hosts-deny failed", "route failed", "command failed"]);
    resolve();
    await Promise.all(under);
  });
});

describe("LegacyResponses.restore", () => {
  it("brings back after a reboot the line and the route, and never the command", async () => {
    await using scene = await open();
    await scene.respond();
    scene.machine.routes.length = 0;
    scene.machine.rules.length = 0;
    writeFileSync(scene.hostsDenyPath, "");
    scene.machine.lines.length = 0;
    scene.responses = scene.another();

    const restored = await scene.responses.restore([SOURCE, prefix("192.0.2.8")]);

    expect([...restored.keys()]).toEqual([SOURCE, "192.0.2.8/32"]);
    expect(restored.get(SOURCE)).toEqual([
      { name: "hosts-deny", status: "applied", text: LINE },
      { name: "route", status: "applied", text: ROUTE },
      { name: "command", status: "skipped", text: COMMAND, reason: "a command is not run again" },
    ]);
    expect(restored.get(prefix("192.0.2.8"))).toEqual([]);
    expect(scene.hostsDeny).toBe(`${LINE}\n`);
    expect(scene.machine.acts).toEqual([ROUTE]);
    expect(scene.ledger.deedsOf(SOURCE)).toHaveLength(3);
  });

  it("leaves alone what stands", async () => {
    await using scene = await open();
    await scene.respond();
    scene.machine.lines.length = 0;
    const restored = await scene.responses.restore([SOURCE]);
    expect(statusesOf(restored.get(SOURCE) ?? [])).toEqual([
      "hosts-deny already-applied",
      "route already-applied",
      "command skipped",
    ]);
    expect(scene.machine.acts).toEqual([]);
  });

  it.each([
    { killRoute: "blockit $TARGET$", reason: "how to undo this is not known" },
    {
      killRoute: "/sbin/ip rule add from $TARGET$ blackhole",
      reason: "whether it stands cannot be looked up",
    },
  ])("does not run $killRoute again: $reason", async ({ killRoute, reason }) => {
    await using scene = await open({ killRoute });
    scene.machine.statusOf.set(killRoute.replace("$TARGET$", "192.0.2.7"), 0);
    await scene.respond();
    scene.machine.lines.length = 0;
    const restored = await scene.responses.restore([SOURCE]);
    expect(restored.get(SOURCE)?.[1]).toMatchObject({ status: "skipped", reason });
    expect(scene.machine.lines).toEqual([]);
  });

  it("restores nothing for whom is trusted by now", async () => {
    await using scene = await open();
    await scene.respond();
    scene.machine.routes.length = 0;
    scene.responses = scene.another({}, { refusal: () => "trusted: by hand" });
    const restored = await scene.responses.restore([SOURCE]);
    expect(restored.get(SOURCE)?.map(({ status }) => status)).toEqual(Array(3).fill("skipped"));
    expect(scene.machine.routes).toEqual([]);
  });
});
