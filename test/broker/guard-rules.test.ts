/**
 * The rules that hold for a guard whatever it asks for, one by one and at both sides of each bound:
 * what is allowed when, what a ban may be by its evidence, and how much of everything in a minute.
 */
import { describe, expect, it } from "vitest";
import type { Outcome } from "../../src/model/order.ts";
import {
  CLAIMED_BANS_PER_MINUTE,
  GuardedBroker,
  RESTORABLE,
  TRUSTED,
} from "../fuzz/guarded-broker.ts";
import type { Json } from "../fuzz/mutated-json.ts";
import { REQUEST_NAMES } from "../fuzz/targets/broker-requests.ts";
import { RULES } from "./fakes.ts";
import { shapeOf } from "./request-shapes.ts";
import { rowsOf } from "./rows-of.ts";

const READY = { id: 0, request: "ready" };

type Overrides = Readonly<Record<string, Json>>;

const ban = (prefix: string, overrides: Overrides = {}): Json => ({
  prefix,
  timeoutMs: 60_000,
  evidence: "claimed",
  origin: "detector",
  ...overrides,
});

const response = (source: string, overrides: Overrides = {}): Json => ({
  id: 1,
  request: "respond",
  source,
  port: 23,
  transport: "tcp",
  timeoutMs: 60_000,
  evidence: "claimed",
  isLonger: false,
  ...overrides,
});

async function guarding(limits?: Parameters<typeof GuardedBroker.open>[0]): Promise<GuardedBroker> {
  const broker = await GuardedBroker.open(limits);
  await broker.ask(READY);
  return broker;
}

/** What became of each, whatever kind of answer came. */
async function outcomesOf(broker: GuardedBroker, request: Json): Promise<Outcome["status"][]> {
  const answer = await broker.ask(request);
  if (answer.reply === "restored") return Array.from({ length: answer.bans }, () => "applied");
  if (answer.reply === "outcomes") return answer.outcomes.map(({ status }) => status);
  if (answer.reply === "responded") return answer.responded.map(({ outcome }) => outcome.status);
  throw new Error(JSON.stringify(answer));
}

const banned = async (broker: GuardedBroker, ...bans: Json[]) =>
  await outcomesOf(broker, { id: 1, request: "ban", bans });

const restored = async (broker: GuardedBroker, ...bans: Json[]) =>
  await outcomesOf(broker, { id: 1, request: "restore", bans: rowsOf(bans) });

const many = (count: number, make: (index: number) => Json) =>
  Array.from({ length: count }, (_, index) => make(index));

const hostOf = (index: number) => `10.7.${index >> 8}.${index & 255}`;

const count = (outcomes: readonly string[], status: string) =>
  outcomes.filter((each) => each === status).length;

const ALLOWED_BEFORE = ["ready", "measure", "count", "restore", "standing", "blocklists"];

describe("a guard that is not ready yet", () => {
  it.each(REQUEST_NAMES.filter((name) => !ALLOWED_BEFORE.includes(name)))(
    "cannot ask for %s",
    async (name) => {
      await using broker = await GuardedBroker.open();
      const before = broker.deeds;
      const { valid } = shapeOf(name);
      const answer = await broker.ask(valid);
      if (answer.reply === "outcomes") {
        expect(answer.outcomes).toMatchObject([{ status: "refused" }]);
      } else expect(answer.reply).toBe("malformed");
      expect(answer.id).toBe((valid as { id: number }).id);
      expect(JSON.stringify(answer)).toContain(`${name} is not allowed while restoring`);
      expect(broker.deeds).toBe(before);
    },
  );

  it("may measure, and be ready once", async () => {
    await using broker = await GuardedBroker.open();
    expect(await broker.ask({ id: 1, request: "measure" })).toMatchObject({ reply: "measurement" });
    expect(await broker.ask(READY)).toEqual({ id: 0, reply: "done" });
    expect(await broker.ask(READY)).toMatchObject({ reply: "malformed" });
    expect(await broker.ask({ id: 1, request: "measure" })).toMatchObject({ reply: "measurement" });
  });

  it("restores as many as stood, of them as many wide ones, and none when it is ready", async () => {
    await using broker = await GuardedBroker.open();
    const wide = many(RESTORABLE.wide + 1, (index) =>
      ban(`${20 + index}.0.0.0/16`, { origin: "operator" }),
    );
    expect(count(await restored(broker, ...wide), "applied")).toBe(RESTORABLE.wide);
    const left = RESTORABLE.bans - RESTORABLE.wide;
    const hosts = many(left + 1, (index) => ban(hostOf(index), { timeoutMs: null }));
    const outcomes = await restored(broker, ...hosts);
    expect([count(outcomes, "applied"), outcomes.at(-1)]).toEqual([left, "refused"]);
    await using other = await guarding();
    expect(await restored(other, ban("10.7.0.1"))).toEqual(["refused"]);
    expect(other.shutOut).toEqual([]);
  });

  it("restores nobody who is trusted, and no more than one source of a detector's", async () => {
    await using broker = await GuardedBroker.open();
    const trusted = TRUSTED.map((each) => ban(each, { origin: "operator" }));
    expect(count(await restored(broker, ...trusted), "refused")).toBe(TRUSTED.length);
    expect(await restored(broker, ban("10.7.0.0/31"))).toEqual(["refused"]);
    expect(await restored(broker, ban("10.7.0.0/31", { origin: "operator" }))).toEqual(["applied"]);
    // Refused ones cost nothing.
    const hosts = many(RESTORABLE.bans - 1, (index) => ban(hostOf(index + 256)));
    expect(count(await restored(broker, ...hosts), "applied")).toBe(hosts.length);
  });
});

describe("a ban by its evidence", () => {
  it.each([
    { prefix: "10.7.0.1", overrides: {}, is: "applied" },
    { prefix: "10.7.0.1", overrides: { timeoutMs: 60_001 }, is: "refused" },
    { prefix: "10.7.0.1", overrides: { timeoutMs: null }, is: "refused" },
    { prefix: "10.7.0.1", overrides: { evidence: "alive", timeoutMs: 14_400_000 }, is: "applied" },
    { prefix: "10.7.0.1", overrides: { evidence: "alive", timeoutMs: 14_400_001 }, is: "refused" },
    { prefix: "10.7.0.1", overrides: { evidence: "alive", timeoutMs: null }, is: "refused" },
    { prefix: "10.7.0.1", overrides: { evidence: "proven", timeoutMs: null }, is: "applied" },
    { prefix: "10.7.0.0/31", overrides: { evidence: "proven" }, is: "refused" },
    { prefix: "2001:db8:7::/64", overrides: {}, is: "applied" },
    { prefix: "2001:db8:7::/63", overrides: { evidence: "proven" }, is: "refused" },
  ])("is $is for $prefix with $overrides", async ({ prefix, overrides, is }) => {
    await using broker = await guarding();
    expect(await banned(broker, ban(prefix, overrides))).toEqual([is]);
    expect(broker.shutOut).toHaveLength(is === "applied" ? 1 : 0);
    const { timeoutMs, evidence } = { timeoutMs: 60_000, evidence: "claimed", ...overrides };
    const request = response(prefix, { timeoutMs, evidence });
    const isRefused = (await outcomesOf(broker, request))[0] === "refused";
    expect({ isRefused, lines: broker.machine.lines.length > 0 }).toEqual({
      isRefused: is === "refused",
      lines: is === "applied",
    });
  });

  it.each([
    { prefix: "10.7.0.1", overrides: { timeoutMs: null } },
    { prefix: "10.7.0.0/31", overrides: {} },
    { prefix: "2001:db8:7::/63", overrides: { timeoutMs: null } },
  ])("is a person's word for $prefix with $overrides", async ({ prefix, overrides }) => {
    await using broker = await guarding();
    expect(await banned(broker, ban(prefix, { origin: "operator", ...overrides }))).toEqual([
      "applied",
    ]);
  });

  it("is refused by a PROOF that bans nobody on it", async () => {
    await using broker = await guarding({ ...RULES.limits, claimed: "none" });
    expect(await banned(broker, ban("10.7.0.1", { timeoutMs: 1000 }))).toEqual(["refused"]);
    expect(await outcomesOf(broker, response("10.7.0.1", { timeoutMs: 1000 }))).toEqual([
      "refused",
    ]);
    expect(await banned(broker, ban("10.7.0.1", { origin: "operator" }))).toEqual(["applied"]);
  });
});

describe("in any minute a guard", () => {
  it("bans so many on a claim alone, which others are not counted with", async () => {
    await using broker = await guarding();
    const claimed = many(CLAIMED_BANS_PER_MINUTE + 1, (index) => ban(hostOf(index)));
    expect(count(await banned(broker, ...claimed), "applied")).toBe(CLAIMED_BANS_PER_MINUTE);
    expect(await banned(broker, ban("10.8.0.1", { evidence: "alive" }))).toEqual(["applied"]);
    expect(await banned(broker, ban("10.8.0.2", { origin: "operator" }))).toEqual(["applied"]);
    broker.clock.advance(59_999);
    expect(await banned(broker, ban("10.8.0.3"))).toEqual(["refused"]);
    broker.clock.advance(1);
    expect(await banned(broker, ban("10.8.0.3"))).toEqual(["applied"]);
  });

  it("gets no second budget by a reload or a trial", async () => {
    await using broker = await guarding();
    await banned(broker, ...many(CLAIMED_BANS_PER_MINUTE, (index) => ban(hostOf(index))));
    const applied = await broker.ask({ id: 1, request: "apply", confirmWithinMs: 60_000 });
    expect(applied).toMatchObject({ outcome: { status: "reloaded", changed: ["HOLD_TIME"] } });
    expect(await broker.ask({ id: 1, request: "reload" })).toMatchObject({ reply: "reload" });
    expect(await banned(broker, ban("10.8.0.3"))).toEqual(["refused"]);
    expect(broker.foreignWord).toBeUndefined();
  });

  it("has as many responses on a claim alone, in a budget that bans do not use up", async () => {
    await using broker = await guarding();
    await banned(broker, ...many(CLAIMED_BANS_PER_MINUTE, (index) => ban(hostOf(index))));
    const outcomes: string[] = [];
    for (let index = 0; index <= CLAIMED_BANS_PER_MINUTE; index += 1) {
      outcomes.push(...(await outcomesOf(broker, response(hostOf(index)))));
    }
    expect([count(outcomes, "refused"), outcomes.at(-1)]).toEqual([1, "refused"]);
  });

  it("bans 8 wide prefixes, the first wide ones being /23 and /47", async () => {
    await using broker = await guarding();
    const operators = (prefix: string) => ban(prefix, { origin: "operator" });
    const wide = ["20.0.0.0/23", "2001:db8:7000::/47"].map(operators);
    wide.push(...many(7, (index) => operators(`${30 + index}.0.0.0/8`)));
    expect(count(await banned(broker, ...wide), "applied")).toBe(8);
    const narrow = ["20.7.0.0/24", "2001:db8:8000::/48"].map(operators);
    expect(await banned(broker, ...narrow)).toEqual(["applied", "applied"]);
  });

  it("pays nothing for a ban or a response that cannot be made", async () => {
    await using broker = await guarding();
    for (let round = 0; round < 16; round += 1) {
      await banned(broker, ...many(40, () => ban("192.0.2.1", { evidence: "proven" })));
      await outcomesOf(broker, response("192.0.2.1"));
      for (let ask = 0; ask < 4; ask += 1) await outcomesOf(broker, response("127.0.0.1"));
    }
    expect(await banned(broker, ban("10.7.0.1"))).toEqual(["applied"]);
    expect(await outcomesOf(broker, response("10.7.0.1"))).not.toEqual(["refused"]);
  });

  it.each(["192.0.2.1", "203.0.113.5", "2001:db8::10", "127.0.0.1", "224.0.0.1", "0.0.0.0"])(
    "has nothing run against %s",
    async (source) => {
      await using broker = await guarding();
      for (const evidence of ["claimed", "proven"]) {
        expect(await outcomesOf(broker, response(source, { evidence }))).toEqual(["refused"]);
      }
      expect(broker.machine.lines).toEqual([]);
      expect(broker.textOf("hostsDeny")).not.toContain(source);
    },
  );

  it("trusts 60, none wider than /8 or /32", async () => {
    await using broker = await guarding();
    const trust = async (prefix: string) =>
      await outcomesOf(broker, { id: 1, request: "trust", prefix, timeoutMs: 60_000 });
    const wide = ["10.0.0.0/7", "2001:db8::/31"];
    for (const prefix of wide) expect(await trust(prefix)).toEqual(["refused"]);
    for (const prefix of ["11.0.0.0/8", "2001:db8::/32"]) {
      expect(await trust(prefix)).toEqual(["applied"]);
    }
    expect(broker.textOf("trust")).toContain("\n11.0.0.0/8 until ");
    for (let index = 2; index < 60; index += 1) await trust(hostOf(index));
    expect(await trust("10.8.0.1")).toEqual(["refused"]);
    broker.clock.advance(60_000);
    expect(await trust("10.8.0.1")).toEqual(["applied"]);
  });

  it("has the configuration read 60 times, by reload and apply together", async () => {
    await using broker = await guarding();
    const apply = { id: 1, request: "apply", confirmWithinMs: 60_000 };
    for (let ask = 0; ask < 60; ask += 1) {
      const answer = await broker.ask(ask % 2 === 0 ? { id: 1, request: "reload" } : apply);
      expect(answer.reply).toBe("reload");
    }
    for (const over of [{ id: 1, request: "reload" }, apply]) {
      expect(await broker.ask(over)).toMatchObject({ reply: "malformed" });
    }
  });

  it("looks for leftovers 60 times", async () => {
    await using broker = await guarding();
    for (let ask = 0; ask < 60; ask += 1) {
      expect(await broker.ask({ id: 1, request: "leftovers" })).toMatchObject({
        reply: "leftovers",
      });
    }
    expect(await broker.ask({ id: 1, request: "leftovers" })).toMatchObject({ reply: "malformed" });
  });

  it("looks for an address in the blocklists 60 times, and asks how much they name at will", async () => {
    await using broker = await guarding();
    const look = { id: 1, request: "listed", address: "10.7.0.1" };
    for (let ask = 0; ask < 60; ask += 1) {
      expect(await broker.ask(look)).toMatchObject({ reply: "listed" });
    }
    expect(await broker.ask(look)).toMatchObject({ reply: "malformed" });
    const summary = { id: 1, request: "blocklists" };
    expect(await broker.ask(summary)).toMatchObject({ reply: "blocklists" });
    broker.clock.advance(60_000);
    expect(await broker.ask(look)).toMatchObject({ reply: "listed" });
  });

  it("has the alert program run 60 times, one after the other, and never by another name", async () => {
    await using broker = await guarding();
    const alert = (source: string | null): Json => ({
      id: 1,
      request: "alert",
      kind: "convicted",
      severity: "notice",
      source,
      body: '{"title":"$(reboot)"}',
    });
    for (let ask = 0; ask < 60; ask += 1) {
      expect(await outcomesOf(broker, alert("10.7.0.1"))).toEqual(["applied"]);
    }
    expect(await outcomesOf(broker, alert("10.7.0.1"))).toEqual(["refused"]);
    expect(new Set(broker.alerts)).toEqual(
      new Set([
        '/usr/local/sbin/alert {"id":1,"request":"alert","kind":"convicted","severity":"notice",' +
          '"source":"10.7.0.1/32","body":"{\\"title\\":\\"$(reboot)\\"}"}',
      ]),
    );
    broker.clock.advance(60_000);
    expect(await outcomesOf(broker, alert("10.7.0.1"))).toEqual(["applied"]);
  });

  it("names nobody to the alert program who is trusted, and no block in which somebody is", async () => {
    await using broker = await guarding();
    for (const source of [...TRUSTED, "192.0.2.0/24", "0.0.0.0/0"]) {
      const alert = { kind: "convicted", severity: "notice", source, body: "{}" };
      expect(await outcomesOf(broker, { id: 1, request: "alert", ...alert })).toEqual(["applied"]);
    }
    expect(broker.alerts).toHaveLength(TRUSTED.length + 2);
    for (const each of broker.alerts) expect(each).toContain('"source":null');
  });

  it("asks for lines of the history 20 times a second, and of no source that is none", async () => {
    await using broker = await guarding();
    const record = (source: string) => recordOf(source, "blocked");
    expect(await outcomesOf(broker, record("127.0.0.1"))).toEqual(["refused"]);
    for (let ask = 1; ask < 20; ask += 1) {
      expect(await outcomesOf(broker, record(hostOf(ask)))).toEqual(["applied"]);
    }
    expect(await outcomesOf(broker, record("10.8.0.1"))).toEqual(["refused"]);
    broker.clock.advance(1000);
    expect(await outcomesOf(broker, record("10.8.0.1"))).toEqual(["applied"]);
  });
});

describe("a source that was let in again", () => {
  it("has a line in the history when it comes back", async () => {
    await using broker = await guarding();
    const watched = recordOf("10.7.0.1", "watched");
    expect(await outcomesOf(broker, watched)).toEqual(["applied"]);
    expect(await outcomesOf(broker, watched)).toEqual(["already-applied"]);
    await broker.ask({ id: 1, request: "unban", prefixes: ["10.7.0.1"] });
    expect(await outcomesOf(broker, watched)).toEqual(["applied"]);
  });
});

function recordOf(source: string, result: string): Json {
  const request = shapeOf("record").valid as { records: [object] };
  return { ...request, records: [{ ...request.records[0], source, host: source, result }] };
}
