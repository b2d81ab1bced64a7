import { describe, expect, it } from "vitest";
import { Pipeline } from "../../src/daemon/pipeline.ts";
import type { Ban } from "../../src/model/ban.ts";
import type { Outcome } from "../../src/model/order.ts";
import { type Prefix, parsePrefix } from "../../src/net/prefix.ts";
import { toolProbe } from "../detectors/tool-probes.ts";
import { makeStages, POLICY_OPTIONS, probe } from "./stages.ts";

const APPLIED: Outcome = { status: "applied" };
const scanner = parsePrefix("198.51.100.7") as Prefix;

/** Lets the promises of finished orders run. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

function scan(stages: ReturnType<typeof makeStages>, source = "198.51.100.7"): void {
  for (const port of [22, 25, 8081]) stages.sensor.deliver(probe(source, port));
}

describe("Pipeline", () => {
  it("carries a scan from its probes to a ban that the journal remembers", async () => {
    const stages = makeStages(() => APPLIED);
    new Pipeline(stages).start();
    scan(stages);
    await settled();
    expect(stages.orders).toHaveLength(1);
    expect(stages.journal.findActiveBan(scanner)).toMatchObject({
      prefix: "198.51.100.7/32",
      origin: "detector",
      evidence: "claimed",
      untilEpochMs: stages.clock.epochMs() + 60_000,
    });
  });

  it("tells once a verdict how long after its last probe it was given", async () => {
    const stages = makeStages(() => APPLIED);
    const took: number[] = [];
    new Pipeline({ ...stages, onVerdict: (tookMs) => took.push(tookMs) }).start();
    stages.clock.advance(1003);
    for (const port of [22, 25, 8081, 9000]) {
      stages.sensor.deliver(probe("198.51.100.7", port, 1000));
    }
    await settled();
    expect(took).toEqual([3]);
  });

  describe("when a sensor proves who a source is", () => {
    const { source } = probe("198.51.100.7", 22);
    const proof = { source, evidence: "proven", port: 22, seenAtMs: 10 } as const;
    const linesOf = (stages: ReturnType<typeof makeStages>, word: string) =>
      stages.lines.filter((line) => line.includes(` ${word} `));

    const raises = [
      { ban: { evidence: "alive" }, raisedFrom: "claimed" },
      { ban: { evidence: "proven" }, raisedFrom: "alive" },
    ];

    it("lengthens the ban with each rise, and tells the scan no second time", async () => {
      const stages = makeStages(() => APPLIED);
      new Pipeline(stages).start();
      scan(stages);
      await settled();
      stages.sensor.prove(proof);
      stages.sensor.prove({ ...proof, port: 80, seenAtMs: 11 });
      stages.sensor.prove({ ...proof, port: 81, seenAtMs: 12 });
      await settled();
      expect(stages.orders).toMatchObject([{ ban: { evidence: "claimed" } }, ...raises]);
      expect(stages.journal.findActiveBan(scanner)).toMatchObject({
        evidence: "proven",
        untilEpochMs: stages.clock.epochMs() + 3_600_000,
      });
      expect(linesOf(stages, "scan")).toHaveLength(1);
      // The line of the ban says why.
      expect(linesOf(stages, "evidence")).toEqual([]);
      expect(linesOf(stages, "ban").map((line) => line.slice(9))).toEqual([
        "ban      198.51.100.7 for 1 min (claimed: anybody could have sent it)\n",
        "ban      198.51.100.7 lengthened to 10 min (alive: it answers, and may not have sent it)\n",
        "ban      198.51.100.7 lengthened to 1 h (proven: it completed a handshake)\n",
      ]);
    });

    it("waits for the ban that is under way, so as to lengthen it", async () => {
      const first = Promise.withResolvers<Outcome>();
      const answers = [first.promise, APPLIED];
      const stages = makeStages(() => answers.shift() ?? APPLIED);
      new Pipeline(stages).start();
      scan(stages);
      stages.sensor.prove(proof);
      await settled();
      expect(stages.orders).toHaveLength(1);
      first.resolve(APPLIED);
      await settled();
      expect(stages.orders).toMatchObject([{}, { raisedFrom: "claimed" }]);
    });

    it.each([
      { when: "already", isBehindBan: false },
      { when: "behind a ban", isBehindBan: true },
    ])("does not ban again whom a person is letting in $when", async ({ isBehindBan }) => {
      const ban = Promise.withResolvers<Outcome>();
      const unban = Promise.withResolvers<Outcome>();
      const stages = makeStages(({ act }) => (act === "ban" ? ban.promise : unban.promise));
      const pipeline = new Pipeline(stages);
      pipeline.start();
      scan(stages);
      if (isBehindBan) stages.sensor.prove(proof);
      else ban.resolve(APPLIED);
      await settled();
      const letIn = pipeline.carryOut({ act: "unban", prefix: scanner, by: "operator" });
      if (isBehindBan) ban.resolve(APPLIED);
      else stages.sensor.prove(proof);
      await settled();
      unban.resolve(APPLIED);
      await letIn;
      await settled();
      expect(stages.orders).toMatchObject([{ act: "ban" }, { act: "unban" }]);
      expect(stages.journal.countActiveBans()).toBe(0);
      expect(stages.detector.tracked).toBe(0);
      expect(stages.campaigns.list()).toEqual([]);
      scan(stages);
      expect(stages.orders).toHaveLength(3);
    });

    it("bans whom it has spared, as for the first time, and tells the scan no second time", async () => {
      const stages = makeStages(() => APPLIED);
      stages.policy.reconfigure({
        ...POLICY_OPTIONS,
        banSteps: { claimed: undefined, alive: undefined, proven: [3_600_000] },
      });
      new Pipeline(stages).start();
      scan(stages);
      stages.sensor.prove({ ...proof, evidence: "alive" });
      await settled();
      expect(stages.orders).toEqual([]);
      expect(linesOf(stages, "evidence")).toHaveLength(1);
      stages.sensor.prove(proof);
      await settled();
      expect(stages.orders).toEqual([]);
      stages.sensor.prove({ ...proof, port: 80 });
      await settled();
      expect(stages.orders).toMatchObject([{ ban: { evidence: "proven" } }]);
      expect(stages.orders[0]).not.toHaveProperty("raisedFrom");
      expect(linesOf(stages, "scan")).toHaveLength(1);
    });

    it("lengthens no ban of a source that is trusted since", async () => {
      const stages = makeStages(() => APPLIED);
      new Pipeline(stages).start();
      scan(stages);
      await settled();
      stages.trusted.replace([{ prefix: scanner, why: "default gateway" }]);
      stages.sensor.prove(proof);
      await settled();
      expect(stages.orders).toHaveLength(1);
      expect(stages.lines.join("")).toContain("default gateway");
    });
  });

  describe("with decoys", () => {
    const decoy = parsePrefix("198.51.100.8") as Prefix;
    const real = probe("198.51.100.7", 22).source;

    /** Each packet under both addresses. */
    function scanBehind(stages: ReturnType<typeof makeStages>): void {
      for (const port of [22, 25, 8081]) {
        for (const source of ["198.51.100.8", "198.51.100.7"]) {
          const { header } = toolProbe({ port, id: port });
          stages.sensor.deliver({ ...probe(source, port), header });
        }
      }
    }

    const prove = (stages: ReturnType<typeof makeStages>) =>
      stages.sensor.prove({ source: real, evidence: "alive", port: 22, seenAtMs: 10 });

    it("spares them when another address of the sender is alive", async () => {
      const stages = makeStages(() => APPLIED);
      new Pipeline(stages).start();
      stages.sensor.deliver(probe("198.51.100.7", 9));
      prove(stages);
      scanBehind(stages);
      await settled();
      expect(stages.journal.findActiveBan(decoy)).toBeUndefined();
      expect(stages.journal.findActiveBan(scanner)).toMatchObject({ evidence: "alive" });
      expect(stages.lines.join("")).toContain("spared   198.51.100.8: ");
      // One that goes on alone is judged on all that it has done.
      for (const [index, port] of [8082, 8083, 8084].entries()) {
        stages.sensor.deliver({ ...probe("198.51.100.8", port), seenAtMs: 5000 + index });
      }
      await settled();
      expect(stages.journal.findActiveBan(decoy)).toBeDefined();
    });

    it.each([
      { when: "after its ban", isWaiting: false },
      { when: "while it is made", isWaiting: true },
    ])("lets them in again when that shows $when, and records nothing else", async (given) => {
      const waiting = Promise.withResolvers<Outcome>();
      const stages = makeStages(({ act }) =>
        act === "ban" && given.isWaiting ? waiting.promise : APPLIED,
      );
      new Pipeline(stages).start();
      scanBehind(stages);
      await settled();
      prove(stages);
      waiting.resolve(APPLIED);
      await settled();
      await settled();
      const unbans = stages.orders.filter(({ act }) => act === "unban");
      expect(unbans).toEqual([{ act: "unban", prefix: decoy, by: "guard" }]);
      expect(stages.journal.findActiveBan(decoy)).toBeUndefined();
      expect(stages.journal.findActiveBan(scanner)).toBeDefined();
      // First what was done, then why.
      expect(stages.lines.join("")).toMatch(
        /unban {4}198\.51\.100\.8\n.* decoy {4}198\.51\.100\.8 is let in again: .* alive\n/,
      );
    });

    it.each([
      { what: "one that a person has made in its place", isWaiting: false },
      { what: "one that a person is about to make in its place", isWaiting: true },
    ])("lifts no ban but the detector's own: not $what", async ({ isWaiting }) => {
      const waiting = Promise.withResolvers<Outcome>();
      const stages = makeStages((order) =>
        isWaiting && order.act === "ban" && order.ban.origin === "operator"
          ? waiting.promise
          : APPLIED,
      );
      const pipeline = new Pipeline(stages);
      pipeline.start();
      scanBehind(stages);
      await settled();
      const ban = stages.journal.findActiveBan(decoy) as Ban;
      const byHand = pipeline.carryOut({
        act: "ban",
        ban: { ...ban, origin: "operator", untilEpochMs: undefined },
        cause: undefined,
      });
      if (!isWaiting) await byHand;
      prove(stages);
      waiting.resolve(APPLIED);
      await byHand;
      await settled();
      expect(stages.orders.filter(({ act }) => act === "unban")).toEqual([]);
      expect(stages.journal.findActiveBan(decoy)).toMatchObject({ origin: "operator" });
      expect(stages.lines.join("")).not.toContain("is let in again");
    });

    it("says of none that it is let in whose ban could not be ended", async () => {
      const stages = makeStages(({ act }) =>
        act === "ban" ? APPLIED : { status: "failed", reason: "no such set" },
      );
      new Pipeline(stages).start();
      scanBehind(stages);
      await settled();
      prove(stages);
      await settled();
      expect(stages.lines.join("")).toContain("failed   unban 198.51.100.8: no such set");
      expect(stages.lines.join("")).not.toContain("is let in again");
      // Its story says so, too, and it may be tried again.
      expect(stages.campaigns.list()[0]?.outcome).toMatchObject({ status: "banned" });
    });

    it("says of no ban that has run out that it is lifted", async () => {
      const stages = makeStages(() => APPLIED);
      new Pipeline(stages).start();
      scanBehind(stages);
      await settled();
      stages.clock.advance(60_001);
      prove(stages);
      await settled();
      expect(stages.orders.filter(({ act }) => act === "unban")).toEqual([]);
      expect(stages.lines.join("")).not.toContain("is let in again");
    });
  });

  describe("when it stops", () => {
    const { source } = probe("198.51.100.7", 22);
    const proof = { source, evidence: "proven", port: 22, seenAtMs: 10 } as const;

    it("waits for what comes of the orders under way, too", async () => {
      const ban = Promise.withResolvers<Outcome>();
      const longerBan = Promise.withResolvers<Outcome>();
      const answers = [ban.promise, longerBan.promise];
      const stages = makeStages(() => answers.shift() ?? APPLIED);
      const pipeline = new Pipeline(stages);
      pipeline.start();
      scan(stages);
      stages.sensor.prove(proof);
      let hasStopped = false;
      const stopped = pipeline.stop().then(() => {
        hasStopped = true;
      });
      ban.resolve(APPLIED);
      await settled();
      expect(stages.orders).toHaveLength(2);
      expect(hasStopped).toBe(false);
      longerBan.resolve(APPLIED);
      await stopped;
      expect(stages.journal.findActiveBan(scanner)).toMatchObject({ evidence: "alive" });
    });

    it("judges nothing and carries nothing out once it has", async () => {
      const stages = makeStages(() => APPLIED);
      const pipeline = new Pipeline(stages);
      pipeline.start();
      const { deliver } = stages.sensor;
      scan(stages);
      await pipeline.stop();
      stages.sensor.prove(proof);
      for (const port of [22, 25, 8081]) deliver(probe("198.51.100.8", port));
      const order = { act: "unban", prefix: scanner, by: "operator" } as const;
      expect(await pipeline.carryOut(order)).toMatchObject({ status: "refused" });
      expect(stages.orders).toHaveLength(1);
      expect(pipeline.verdicts).toBe(1);
    });
  });

  it("judges a source again that was spared for its connection, and bans it without", async () => {
    const stages = makeStages(() => APPLIED);
    stages.connected.add(scanner);
    new Pipeline(stages).start();
    scan(stages);
    await settled();
    expect(stages.orders).toEqual([]);
    expect(stages.lines.join("")).toContain("a connection to a service here (tcp 443)");
    stages.connected.clear();
    for (const port of [1, 2, 3]) {
      stages.sensor.deliver(probe("198.51.100.7", port, stages.clock.monotonicMs() + 1001));
    }
    await settled();
    expect(stages.orders).toHaveLength(1);
  });

  it("makes no order before the third port", async () => {
    const stages = makeStages(() => APPLIED);
    new Pipeline(stages).start();
    for (const port of [22, 25, 25, 22]) stages.sensor.deliver(probe("198.51.100.7", port));
    await settled();
    expect(stages.orders).toEqual([]);
  });

  it.each<Outcome>([
    { status: "refused", reason: "trusted: default gateway" },
    { status: "failed", reason: "no such set" },
  ])("claims no ban that was not made ($status)", async (outcome) => {
    const stages = makeStages(() => outcome);
    new Pipeline(stages).start();
    scan(stages);
    await settled();
    expect(stages.journal.countActiveBans()).toBe(0);
    expect(stages.lines.join("")).toContain(outcome.status);
  });

  it("says a failed ban as a health problem, and takes it back when one is made again", async () => {
    let outcome: Outcome = { status: "failed", reason: "no such set" };
    const stages = makeStages(() => outcome);
    new Pipeline(stages).start();
    scan(stages);
    await settled();
    expect(stages.health.list().map(({ code }) => code)).toEqual(["ban-failed"]);
    outcome = APPLIED;
    scan(stages, "198.51.100.8");
    await settled();
    expect(stages.health.list()).toEqual([]);
  });

  it("lets a source whose ban failed convict itself anew", async () => {
    let outcome: Outcome = { status: "failed", reason: "no such set" };
    const stages = makeStages(() => outcome);
    new Pipeline(stages).start();
    scan(stages);
    await settled();
    outcome = APPLIED;
    scan(stages);
    await settled();
    expect(stages.orders).toHaveLength(2);
    expect(stages.journal.countActiveBans()).toBe(1);
  });

  it("orders nothing against a trusted source, and says who saved it", async () => {
    const stages = makeStages(() => APPLIED);
    stages.trusted.replace([{ prefix: scanner, why: "default gateway" }]);
    new Pipeline(stages).start();
    scan(stages);
    await settled();
    expect(stages.orders).toEqual([]);
    expect(stages.lines.join("")).toContain("default gateway");
  });

  it("judges a source anew when its trust has ended", async () => {
    const stages = makeStages(() => APPLIED);
    stages.trusted.replace([{ prefix: scanner, why: "trusted by hand" }]);
    new Pipeline(stages).start();
    scan(stages);
    stages.trusted.replace([]);
    scan(stages);
    await settled();
    expect(stages.orders).toHaveLength(1);
  });

  it("keeps at most so many orders waiting when the broker does not answer", async () => {
    const stages = makeStages(() => new Promise<Outcome>(() => {}));
    const pipeline = new Pipeline(stages);
    const orders = Array.from({ length: stages.maxWaitingOrders }, () =>
      pipeline.carryOut({ act: "unban", prefix: scanner, by: "operator" }),
    );
    pipeline.start();
    scan(stages);
    await settled();
    expect(stages.orders).toHaveLength(orders.length);
  });

  it("gives an unbanned source a clean record", async () => {
    const stages = makeStages(() => APPLIED);
    const pipeline = new Pipeline(stages);
    pipeline.start();
    scan(stages);
    await settled();
    await pipeline.carryOut({ act: "unban", prefix: scanner, by: "operator" });
    expect(stages.journal.countActiveBans()).toBe(0);
    expect(stages.detector.tracked).toBe(0);
  });
});
