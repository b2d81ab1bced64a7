import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { LegacyResponse } from "../../src/broker/executors/deed.ts";
import { DeedLedger } from "../../src/broker/executors/deed-ledger.ts";
import { LegacyResponses } from "../../src/broker/executors/responses.ts";
import { RETRY_AFTER_MS } from "../../src/broker/legacy/blocked-file.ts";
import { BlockedFiles } from "../../src/broker/legacy/blocked-files.ts";
import { type BanCause, LegacyBans, type LegacyBansOptions } from "../../src/broker/legacy-bans.ts";
import type { Prefix } from "../../src/net/prefix.ts";
import { FakeMachine, SEED_ROUTE, SEED_RUN_CMD, seedSettings } from "./executors/fake-machine.ts";
import { FakeClock, prefix } from "./fakes.ts";
import { FakeFiles } from "./trust/fake-files.ts";

const SOURCE = prefix("192.0.2.7");
const OTHER = prefix("192.0.2.8");
const BY_HAND = { withLeftovers: true };
const cause: BanCause = {
  source: SOURCE,
  port: 445,
  transport: "tcp",
  timeoutMs: null,
  isLonger: false,
};

class Scene implements AsyncDisposable {
  readonly files = new FakeFiles();
  readonly clock = new FakeClock();
  readonly machine = new FakeMachine();
  readonly told: string[] = [];
  readonly faults: (string | undefined)[] = [];
  readonly inKernel = new Set<Prefix>();
  ledger!: DeedLedger;
  bans!: LegacyBans;

  /**
   * As after a start of the program: what is on the disk and the machine stays.
   * @param isReady whether the guard has brought its bans back.
   */
  async open(options: Partial<LegacyBansOptions> = {}, isReady = true): Promise<this> {
    await this.bans?.stop();
    const { run, readRoutes } = this.machine;
    this.ledger = await DeedLedger.open(this.files.path("deeds"));
    const responses = new LegacyResponses(seedSettings(this.files.path("hosts.deny")), {
      ledger: this.ledger,
      refusal: () => undefined,
      run,
      readRoutes,
    });
    const setting = this.files.path("portsentry.blocked");
    this.bans = new LegacyBans(
      { modes: { tcp: "atcp", udp: "audp" }, blocks: { tcp: 1, udp: 1 }, ...options },
      {
        responses,
        ledger: this.ledger,
        refusal: () => undefined,
        blocked: new BlockedFiles({ setting, forms: { tcp: "atcp", udp: "audp" } }, this.clock),
        isBannedInKernel: (each) => this.inKernel.has(each),
        clock: this.clock,
        onResponses: (target, responses) => this.told.push(wordsOf(target, responses)),
        onBlockedFile: (failure) => this.faults.push(failure),
      },
    );
    if (isReady) await this.bans.adoptBlocked();
    return this;
  }

  /** The blocked file after its second: addresses and ports. */
  async blocked(form: "atcp" | "audp" = "atcp"): Promise<string[]> {
    this.clock.advance(1000);
    await this.bans.tick();
    const path = this.files.path(`portsentry.blocked.${form}`);
    if (!existsSync(path)) return [];
    const lines = readFileSync(path, "utf8").matchAll(/\/(\S+) Port: (\d+) (?:TCP|UDP) Blocked$/gm);
    return [...lines].map(([, address, port]) => `${address} ${port}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bans.stop();
    this.files[Symbol.dispose]();
  }
}

function wordsOf(target: Prefix, responses: readonly LegacyResponse[]): string {
  return `${target} ${responses.map(({ name, status }) => `${name} ${status}`).join(", ")}`;
}

describe("LegacyBans", () => {
  it("does the seed's three, lists the source as blocked, and undoes all of it", async () => {
    await using scene = await new Scene().open();
    expect((await scene.bans.respond(cause)).outcome).toEqual({ status: "applied" });
    expect(await scene.blocked()).toEqual(["192.0.2.7 445"]);
    const [undone] = await scene.bans.undo([SOURCE], BY_HAND);
    expect(undone?.outcome).toEqual({ status: "applied" });
    expect(await scene.blocked()).toEqual([]);
    expect(scene.machine).toMatchObject({ routes: [], rules: [] });
    expect(scene.told).toEqual([
      "192.0.2.7/32 hosts-deny applied, route applied, command applied",
      "192.0.2.7/32 command applied, route applied, hosts-deny applied",
    ]);
  });

  it("writes each transport's bans into the file of its mode", async () => {
    await using scene = await new Scene().open();
    await scene.bans.respond(cause);
    await scene.bans.respond({ ...cause, source: OTHER, transport: "udp", port: 161 });
    expect(await scene.blocked("atcp")).toEqual(["192.0.2.7 445"]);
    expect(await scene.blocked("audp")).toEqual(["192.0.2.8 161"]);
  });

  it.each([
    { why: "is not watched", options: { modes: { tcp: undefined, udp: "audp" as const } } },
    { why: "bans nobody", options: { blocks: { tcp: 0 as const, udp: 1 as const } } },
  ])("refuses a transport that $why, whatever the guard says", async ({ options }) => {
    await using scene = await new Scene().open(options);
    expect((await scene.bans.respond(cause)).outcome).toMatchObject({ status: "refused" });
    expect(scene.machine.acts).toEqual([]);
  });

  it.each([86_400_000, -86_400_000])(
    "undoes and lists a ban until its time is up, though the clock is set by %i ms",
    async (byMs) => {
      await using scene = await new Scene().open();
      await scene.bans.respond({ ...cause, timeoutMs: 60_000 });
      await scene.ledger.moveEnds(byMs);
      scene.bans.clockWasSet(byMs);
      scene.clock.epochOffsetMs += byMs;
      scene.clock.advance(58_000);
      expect(await scene.blocked()).toEqual(["192.0.2.7 445"]);
      expect(scene.ledger.prefixes).toEqual([SOURCE]);
      scene.clock.advance(1000);
      expect(await scene.blocked()).toEqual([]);
      expect(scene.ledger.prefixes).toEqual([]);
    },
  );

  it("lists nobody as blocked whose transport bans nobody", async () => {
    await using scene = await new Scene().open({ blocks: { tcp: 0, udp: 1 } });
    await scene.bans.respond(cause);
    await scene.bans.respond({ ...cause, source: OTHER, transport: "udp", port: 161 });
    expect(await scene.blocked("atcp")).toEqual([]);
    expect(await scene.blocked("audp")).toEqual(["192.0.2.8 161"]);
  });

  it("blocks a source though one whose address ends with its own is blocked already", async () => {
    await using scene = await new Scene().open();
    const shorter = prefix("92.0.2.7");
    await scene.bans.respond(cause);
    const { outcome } = await scene.bans.respond({ ...cause, source: shorter });
    expect(outcome).toEqual({ status: "applied" });
    expect(scene.machine.routes.toSorted()).toEqual(["192.0.2.7", "92.0.2.7"]);
    expect(await scene.blocked()).toEqual(["192.0.2.7 445", "92.0.2.7 445"]);
  });

  it("does not claim a block when every response failed", async () => {
    await using scene = await new Scene().open();
    for (const line of [SEED_ROUTE, SEED_RUN_CMD]) {
      scene.machine.slow.add(line.replaceAll("$TARGET$", "192.0.2.7"));
    }
    writeFileSync(scene.files.path("hosts.deny"), "", { mode: 0o644 });
    const responded = await scene.bans.respond(cause);
    expect(responded.responses.map(({ status }) => status)).toEqual([
      "applied",
      "failed",
      "failed",
    ]);
    await scene.bans.undo([SOURCE], BY_HAND);
    await using other = await new Scene().open({ blocks: { tcp: 2, udp: 0 } });
    other.machine.slow.add(SEED_RUN_CMD.replaceAll("$TARGET$", "192.0.2.7"));
    expect((await other.bans.respond(cause)).outcome).toMatchObject({ status: "failed" });
    expect(await other.blocked()).toEqual([]);
  });

  it("takes back by itself what was for a time, and not a moment before", async () => {
    await using scene = await new Scene().open();
    await scene.bans.respond({ ...cause, timeoutMs: 60_000 });
    scene.clock.advance(59_999);
    await scene.bans.tick();
    expect(scene.machine.routes).toEqual(["192.0.2.7"]);
    scene.clock.advance(1);
    await scene.bans.tick();
    expect(scene.machine).toMatchObject({ routes: [], rules: [] });
    expect(await scene.blocked()).toEqual([]);
  });

  it("takes back after a restart what ran out meanwhile", async () => {
    await using scene = await new Scene().open();
    await scene.bans.respond({ ...cause, timeoutMs: 60_000 });
    scene.clock.advance(60_000);
    await scene.open();
    await scene.bans.tick();
    expect(scene.machine.routes).toEqual([]);
    expect(scene.ledger.prefixes).toEqual([]);
  });

  it("tries an undo that fails again after a minute, not every second", async () => {
    await using scene = await new Scene().open({ blocks: { tcp: 2, udp: 0 } });
    await scene.bans.respond({ ...cause, timeoutMs: 1000 });
    const tries = () => scene.machine.acts.filter((line) => line.includes(" -D ")).length;
    const undo = scene.ledger.deedsOf(SOURCE)[0]?.undo as string;
    scene.machine.slow.add(undo);
    for (let second = 0; second < 60; second += 1) {
      scene.clock.advance(1000);
      await scene.bans.tick();
    }
    expect(tries()).toBe(1);
    scene.machine.slow.delete(undo);
    scene.clock.advance(1000);
    await scene.bans.tick();
    expect(tries()).toBe(2);
    expect(scene.machine.rules).toEqual([]);
  });

  it("names what an earlier PortSentry has left, since when, and lets it in on request", async () => {
    await using scene = new Scene();
    const line = "1795354999 - 11/22/2026 13:43:19 Host: 192.0.2.7/192.0.2.7 Port: 11 TCP Blocked";
    const path = scene.files.path("portsentry.blocked.tcp");
    writeFileSync(path, `${line}\n`, { mode: 0o600 });
    writeFileSync(scene.files.path("hosts.deny"), "ALL: 192.0.2.7 : DENY\n", { mode: 0o644 });
    scene.machine.routes.push("192.0.2.7", "192.0.2.8");
    await scene.open();
    expect(await scene.bans.leftovers()).toEqual([
      {
        prefix: SOURCE,
        means: ["hosts-deny", "route"],
        sinceEpochMs: 1_795_354_999_000,
        isOurs: false,
      },
      { prefix: OTHER, means: ["route"], sinceEpochMs: undefined, isOurs: false },
    ]);
    await scene.bans.adoptBlocked();
    expect(await scene.blocked()).toEqual(["192.0.2.8 0"]);
    // What stands in the file of another mode stays there, until it is undone.
    expect(readFileSync(path, "utf8")).toBe(`${line}\n`);
    await scene.bans.undo([SOURCE, OTHER], BY_HAND);
    expect(await scene.bans.leftovers()).toEqual([]);
    expect(await scene.blocked()).toEqual([]);
    expect(readFileSync(path, "utf8")).toBe("");
  });

  it("says that a source is still shut out when any of what was done still stands", async () => {
    await using scene = await new Scene().open();
    await scene.bans.respond(cause);
    const undo = scene.ledger.deedsOf(SOURCE).find(({ kind }) => kind === "command")?.undo;
    scene.machine.slow.add(undo as string);
    const [undone] = await scene.bans.undo([SOURCE], BY_HAND);
    expect(undone?.outcome).toMatchObject({ status: "failed" });
    expect(await scene.blocked()).toEqual(["192.0.2.7 445"]);
    expect(await scene.bans.leftovers()).toMatchObject([
      { prefix: SOURCE, means: ["command"], isOurs: true },
    ]);
    expect(await scene.bans.undoAll()).toEqual([expect.stringContaining("192.0.2.7: command:")]);
    scene.machine.slow.clear();
    expect(await scene.bans.undoAll()).toEqual([]);
    expect(await scene.bans.leftovers()).toEqual([]);
  });

  it("gives no response that waits when everything is taken back, and leaves nothing", async () => {
    await using scene = await new Scene().open();
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    scene.machine.before = () => held;
    const asked = Array.from({ length: 12 }, (_, index) =>
      scene.bans.respond({ ...cause, source: prefix(`192.0.2.${10 + index}`) }),
    );
    const undone = scene.bans.undoAll();
    letGo();
    expect(await undone).toEqual([]);
    const outcomes = await Promise.all(asked);
    expect(outcomes.filter(({ outcome }) => outcome.status === "applied")).toHaveLength(4);
    expect(scene.machine).toMatchObject({ routes: [], rules: [] });
    expect((await scene.bans.respond(cause)).outcome).toMatchObject({ status: "refused" });
  });

  it("leaves the blocked file alone until it is known what of it stands", async () => {
    await using scene = new Scene();
    const line = "1795354999 - 11/22/2026 13:43:19 Host: 192.0.2.7/192.0.2.7 Port: 11 TCP Blocked";
    const path = scene.files.path("portsentry.blocked.atcp");
    writeFileSync(path, `${line}\n`, { mode: 0o600 });
    await scene.open({}, false);
    scene.clock.advance(1000);
    await scene.bans.tick();
    await scene.open({}, false);
    expect(readFileSync(path, "utf8")).toBe(`${line}\n`);
    await scene.bans.adoptBlocked();
    expect(await scene.blocked()).toEqual([]);
  });

  it("lists nobody, nor as an earlier one's, whose response still runs", async () => {
    await using scene = await new Scene().open({}, false);
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let began = () => {};
    const hasBegun = new Promise<void>((resolve) => {
      began = resolve;
    });
    scene.machine.before = async (line) => {
      if (!line.includes("route add")) return;
      began();
      await held;
    };
    const asked = scene.bans.respond(cause);
    await hasBegun;
    await scene.bans.adoptBlocked();
    const meanwhile = await scene.blocked();
    letGo();
    await asked;
    expect(meanwhile).toEqual([]);
    expect(await scene.blocked()).toEqual(["192.0.2.7 445"]);
  });

  it("lets go of a ban of the kernel's that has run out there, within a minute", async () => {
    await using scene = new Scene();
    const line = "1795354999 - 11/22/2026 13:43:19 Host: 192.0.2.7/192.0.2.7 Port: 11 TCP Blocked";
    writeFileSync(scene.files.path("portsentry.blocked.atcp"), `${line}\n`, { mode: 0o600 });
    scene.inKernel.add(SOURCE);
    await scene.open();
    expect(await scene.blocked()).toEqual(["192.0.2.7 11"]);
    scene.inKernel.delete(SOURCE);
    for (let second = 0; second < 60; second += 1) {
      scene.clock.advance(1000);
      await scene.bans.tick();
    }
    expect(await scene.blocked()).toEqual([]);
  });

  it("tells that the blocked file cannot be written for as long as it cannot", async () => {
    await using scene = await new Scene().open();
    const path = scene.files.path("portsentry.blocked.atcp");
    mkdirSync(path);
    for (let second = 0; second < 12; second += 1) {
      scene.clock.advance(1000);
      await scene.bans.tick();
    }
    expect(new Set(scene.faults)).toEqual(new Set([expect.stringContaining("cannot be written")]));
    rmdirSync(path);
    scene.clock.advance(RETRY_AFTER_MS);
    await scene.bans.tick();
    expect(scene.faults.at(-1)).toBeUndefined();
  });

  it("keeps of the blocked file what still stands, with its port, and drops the rest", async () => {
    await using scene = await new Scene().open();
    await scene.bans.respond(cause);
    scene.inKernel.add(OTHER);
    await scene.bans.respond({ ...cause, source: OTHER, port: 22 });
    await scene.blocked();
    await scene.bans.undo([OTHER], BY_HAND);
    scene.inKernel.add(OTHER);
    await scene.open();
    await scene.bans.adoptBlocked();
    expect(await scene.blocked()).toEqual(["192.0.2.7 445"]);
  });
});
