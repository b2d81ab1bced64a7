import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BrokerClient } from "../../src/broker/client.ts";
import { WatchOnlyExecutor } from "../../src/broker/executors/watch-only.ts";
import type { BrokerEvent } from "../../src/broker/protocol.ts";
import { type Configuration, loadConfiguration } from "../../src/config/load.ts";
import type { GuardChildOptions, GuardEnd } from "../../src/daemon/guard-child.ts";
import { GuardLink, type GuardLinkParts } from "../../src/daemon/guard-link.ts";
import { VedetteEvents } from "../../src/daemon/vedette-events.ts";
import { HealthTracker } from "../../src/health/tracker.ts";
import { createLogger } from "../../src/logger.ts";
import { settled, streamPair } from "../broker/fakes.ts";
import { FakeClock } from "../support/fake-clock.ts";

/** A guard process: its end of the channel, and what it was told. */
interface FakeGuard {
  readonly client: BrokerClient;
  readonly say: (text: string) => void;
  readonly told: BrokerEvent[];
  isKilled: boolean;
}

function configurationWith(overrides: Record<string, string>): Configuration {
  const loaded = loadConfiguration({ overrides });
  if (loaded.status === "invalid") throw new Error("the defaults do not load");
  return loaded.configuration;
}

/** A link whose guards leave when they are told to by the test. */
function scene() {
  const clock = new FakeClock();
  const guards: FakeGuard[] = [];
  const waits: number[] = [];
  const failedStarts: number[] = [];
  const deaths: string[] = [];
  let die: (end: GuardEnd) => void = () => {};
  let leaves = Promise.withResolvers<void>();
  const health = new HealthTracker(() => 0);
  const parts = {
    configuration: configurationWith({}),
    stateDirectory: "/",
    watchOnly: undefined,
    hasTable: false,
    privileged: {
      executor: new WatchOnlyExecutor("a test"),
      trust: { facts: { trusted: [], sharedIpv6: [] } },
    } as unknown as GuardLinkParts["privileged"],
    sockets: [],
    startGuard: () => {
      throw new Error("the child is made by the test");
    },
    operatorGid: undefined,
    logOutputs: ["stdout"],
    verbosity: "normal",
    health,
    events: new VedetteEvents({
      logger: createLogger("text", clock, () => {}),
      clock,
      tells: "everything",
    }),
    write: () => {},
    confirmByEpochMs: () => undefined,
    onConfirm: () => ({ status: "already-applied" }),
    onReload: () => Promise.reject(new Error("nobody asks for it")),
    onApply: () => Promise.reject(new Error("nobody asks for it")),
    onReady: () => {},
    onCount: () => {},
    onFailedStart: (exitStatus: number) => void failedStarts.push(exitStatus),
    onDeath: (how: string) => void deaths.push(how),
  } satisfies GuardLinkParts;
  const start = ({ onStart }: GuardChildOptions) => {
    const [near, far] = streamPair();
    const told: BrokerEvent[] = [];
    const client = new BrokerClient(far, {
      onEvent: (event) => told.push(event),
      onClose: () => {},
    });
    const guard = { client, told, say: (text: string) => void far.write(text), isKilled: false };
    guards.push(guard);
    onStart(near as never, [], () => {
      guard.isKilled = true;
    });
  };
  const link = new GuardLink(parts, (options) => ({
    start: () => {
      die = (end) => options.onDeath(end, 100);
      start(options);
    },
    replace: async (_sockets, withinMs) => {
      waits.push(withinMs);
      await leaves.promise;
      leaves = Promise.withResolvers();
      start(options);
    },
    stop: async () => {},
  }));
  link.start();
  const stops = (guard: FakeGuard | undefined) =>
    guard?.told
      .filter(({ event }) => event === "stop")
      .map((event) => "endBans" in event && event.endBans);
  return {
    link,
    guards,
    health,
    waits,
    stops,
    failedStarts,
    deaths,
    die: (end: GuardEnd) => die(end),
    leave: () => leaves.resolve(),
  };
}

/** What of the broker's problems this guard was told to pass on. */
function newsOf(guard: FakeGuard | undefined): string[] {
  const told = guard?.told.flatMap((event) => (event.event === "health" ? event.changes : []));
  return told?.map(({ change, problem }) => `${change} ${problem.code}`) ?? [];
}

describe("GuardLink", () => {
  describe("problems of this side", () => {
    beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] }));
    afterEach(() => void vi.useRealTimers());

    const look = async () => {
      vi.advanceTimersByTime(1000);
      await settled();
    };

    it("are news once when they begin and once when they are over", async () => {
      const { link, guards, health } = scene();
      await guards[0]?.client.ready();
      health.raise("hook-failed", "warning", "A hook failed.", "Look at it.");
      await look();
      health.raise("hook-failed", "warning", "Another hook failed.", "Look at it.");
      await look();
      expect(newsOf(guards[0])).toEqual(["raised hook-failed"]);
      health.clear("hook-failed");
      await look();
      await look();
      expect(newsOf(guards[0])).toEqual(["raised hook-failed", "cleared hook-failed"]);
      await link.stop(false);
    });

    it("are news of a guard that listens, and not again of the one after it", async () => {
      const { link, guards, health, leave } = scene();
      health.raise("trust-unreadable", "warning", "It cannot be read.", "Look at it.");
      await look();
      expect(newsOf(guards[0])).toEqual([]);
      await guards[0]?.client.ready();
      await settled();
      expect(newsOf(guards[0])).toEqual(["raised trust-unreadable"]);

      const replaced = link.replace(configurationWith({}), []);
      health.raise("hook-failed", "warning", "A hook failed.", "Look at it.");
      await look();
      leave();
      await replaced;
      await guards[1]?.client.ready();
      health.clear("trust-unreadable");
      await look();
      expect(newsOf(guards[0])).toEqual(["raised trust-unreadable"]);
      expect(newsOf(guards[1])).toEqual(["raised hook-failed", "cleared trust-unreadable"]);
      await link.stop(false);
    });

    it("that begin while no guard runs are news of the next one", async () => {
      const { link, guards, health, leave } = scene();
      await guards[0]?.client.ready();
      guards[0]?.client.close();
      await settled();
      health.raise("guard-restarted", "error", "The guard ended.", "Look at the log.");
      await look();
      leave();
      await link.replace(configurationWith({}), []);
      await guards[1]?.client.ready();
      await settled();
      expect([newsOf(guards[0]), newsOf(guards[1])]).toEqual([[], ["raised guard-restarted"]]);
      await link.stop(false);
    });
  });

  it("has whoever waits for a guard that is replaced wait for the next one", async () => {
    const { link, guards, leave } = scene();
    let isReady = false;
    const waiting = link.whenReady().then(() => {
      isReady = true;
    });
    const replaced = link.replace(configurationWith({}), []);
    await guards[0]?.client.ready();
    await settled();
    expect(isReady).toBe(false);
    leave();
    await replaced;
    await guards[1]?.client.ready();
    await waiting;
    await link.stop(false);
  });

  it.each([
    { how: "exit 74", exitStatus: 74 },
    { how: "exit 77", exitStatus: 77 },
    { how: "exit 78", exitStatus: 78 },
    { how: "exit 64", exitStatus: 64 },
  ])("gives up when the first guard says that no start will do: $how", async (end) => {
    const { link, failedStarts, deaths, die } = scene();
    die(end);
    expect({ failedStarts, deaths }).toEqual({ failedStarts: [end.exitStatus], deaths: [] });
    await link.stop(false);
  });

  it.each([
    { how: "exit 1", exitStatus: 1 },
    { how: "exit 70", exitStatus: 70 },
    { how: "SIGKILL", exitStatus: undefined },
  ])("goes on after a first guard that ended otherwise: $how", async (end) => {
    const { link, failedStarts, deaths, die } = scene();
    die(end);
    expect({ failedStarts, deaths }).toEqual({ failedStarts: [], deaths: [end.how] });
    await link.stop(false);
  });

  it("goes on, whatever a guard ends with, when one was ready before", async () => {
    const { link, guards, failedStarts, deaths, die } = scene();
    await guards[0]?.client.ready();
    die({ how: "exit 74", exitStatus: 74 });
    expect({ failedStarts, deaths }).toEqual({ failedStarts: [], deaths: ["exit 74"] });
    await link.stop(false);
  });

  it("kills the guard that broke the protocol, and not the one that came after it", async () => {
    const { link, guards, leave } = scene();
    leave();
    await link.replace(configurationWith({}), []);
    guards[0]?.say("x".repeat(2_000_000));
    await settled();
    expect(guards.map(({ isKilled }) => isKilled)).toEqual([true, false]);
    await link.stop(false);
  });

  it("ends the bans by the next guard when it is stopped while one makes room", async () => {
    const { link, guards, stops, leave } = scene();
    const replaced = link.replace(configurationWith({}), []);
    const stopped = link.stop(true);
    leave();
    await Promise.all([replaced, stopped]);
    await settled();
    expect(stops(guards[0])).toEqual([false]);
    expect(stops(guards[1])).toEqual([true]);
  });

  it("tells a guard once to stop, and starts no other during the stop", async () => {
    const { link, guards, stops, leave } = scene();
    leave();
    await link.stop(false);
    await link.replace(configurationWith({}), []);
    await settled();
    expect(stops(guards[0])).toEqual([false]);
    expect(guards).toHaveLength(1);
  });

  it("lets a guard that makes room finish a hook, by the longer of both bounds", async () => {
    const { link, waits, leave } = scene();
    leave();
    await link.replace(configurationWith({ HOOK_TIMEOUT: "90s" }), []);
    leave();
    await link.replace(configurationWith({ HOOK_TIMEOUT: "20s" }), []);
    expect(waits).toEqual([95_000, 95_000]);
    await link.stop(false);
  });
});
