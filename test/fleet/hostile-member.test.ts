/** What a member with a stolen key can do to a guard that asks everything of this folder in turn. */
import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { admit } from "../../src/fleet/admission.ts";
import { Hearsay, type Outcome, WAIT_MS } from "../../src/fleet/hearsay.ts";
import { type FleetRefusal, MemberLimits, TAKEN_BACK_MS } from "../../src/fleet/member-limits.ts";
import type { FleetBody, FleetRecord } from "../../src/fleet/record.ts";
import { SequenceWindows } from "../../src/fleet/sequence-window.ts";
import { encodeRecord, verifyRecord } from "../../src/fleet/signed-record.ts";
import type { Prefix } from "../../src/net/prefix.ts";
import { anyBody, FLEET, prefix, recordOf, START_EPOCH_MS } from "./records.ts";

const THIEF = "web1";
const stolen = generateKeyPairSync("ed25519");
const GATEWAY = prefix("192.0.2.1");
const isTrusted = (source: Prefix) => source === GATEWAY;

/** A guard that hears one member; verification first, conclusions last. */
class Guard {
  readonly limits = new MemberLimits();
  readonly hearsay = new Hearsay({ self: "here", halfLifeMs: 21_600_000, isTrusted });
  readonly #windows = new SequenceWindows();
  readonly outcomes: Outcome[] = [];
  nowMs = 0;

  get hearing() {
    return { nowMs: this.nowMs, nowEpochMs: START_EPOCH_MS + this.nowMs };
  }

  hear(wire: Uint8Array, kind: string): void {
    const at = START_EPOCH_MS + this.nowMs;
    const refusal = this.#refusalOf(wire, kind, at);
    if (refusal === undefined) return;
    if (this.limits.refused(THIEF, refusal, at)) this.#takeBack(at);
  }

  waits(ms: number): void {
    this.nowMs += ms;
    this.outcomes.push(...this.hearsay.release(this.hearing));
  }

  /** Hears what is not refused. */
  #refusalOf(wire: Uint8Array, kind: string, at: number): FleetRefusal | undefined {
    const expected = { fleet: FLEET, member: THIEF, publicKey: stolen.publicKey };
    const verified = verifyRecord(wire, expected);
    if (verified.status === "refused") return verified.refusal;
    const order = this.#windows.take(THIEF, verified.record.sequence);
    if (order !== "taken") return order;
    const subject = { kind, member: THIEF };
    const arrival = { subject, storedAtEpochMs: at, nowEpochMs: at, isTrusted };
    const admission = admit(verified.record, arrival);
    if (admission.status === "refused") return admission.refusal;
    if (admission.status === "lapsed") return undefined;
    const verdict = this.limits.take(admission.record, at);
    if (verdict === "breaker-opened") this.#takeBack(at);
    if (verdict !== "within") return undefined;
    this.outcomes.push(...this.hearsay.hear(admission.record, at, this.hearing).outcomes);
    return undefined;
  }

  #takeBack(at: number): void {
    const since = at - TAKEN_BACK_MS;
    this.outcomes.push(...this.hearsay.takeBackSince(THIEF, since, this.hearing));
  }
}

const wireOf = (body: FleetBody, sequence: number, rest: Partial<FleetRecord> = {}) =>
  encodeRecord(recordOf(body, { member: THIEF, sequence, ...rest }), stolen.privateKey);

const ban = (number: number): FleetBody => ({
  ...{ kind: "ban", evidence: "proven" },
  source: prefix(`198.51.${number >> 8}.${number & 255}`),
});

describe("a member with a stolen key", () => {
  it.each([
    { bans: 60, banned: 60 },
    { bans: 120, banned: 60 },
    { bans: 121, banned: 0 },
    { bans: 2000, banned: 0 },
  ])("that bans $bans sources within 250 ms has $banned of them banned", ({ bans, banned }) => {
    const guard = new Guard();
    for (let each = 1; each <= bans; each += 1) {
      guard.nowMs = ((WAIT_MS - 1) * each) / bans;
      guard.hear(wireOf(ban(each), each), "ban");
    }
    guard.waits(WAIT_MS);
    expect(guard.outcomes.map(({ kind }) => kind)).toEqual(Array(banned).fill("convict"));
    expect(guard.hearsay.dueAtMs).toBeUndefined();
  });

  it("has what it said before taken back when its breaker opens", () => {
    const guard = new Guard();
    guard.hear(wireOf(ban(1), 1), "ban");
    guard.waits(WAIT_MS);
    for (let each = 0; each < 20; each += 1) guard.hear(Buffer.alloc(100), "ban");
    expect(guard.outcomes.map(({ kind }) => kind)).toEqual(["convict", "withdraw"]);
    expect(guard.hearsay.size.sources).toBe(0);
  });

  const anySaid = fc.array(
    fc.record({
      body: fc.oneof(anyBody, fc.nat({ max: 5 }).map(ban)),
      pauseMs: fc.nat({ max: 20_000 }),
    }),
    { maxLength: 40 },
  );

  it("changes nothing by saying everything twice", () => {
    const play = (said: { body: FleetBody; pauseMs: number }[], times: number) => {
      const guard = new Guard();
      said.forEach(({ body, pauseMs }, index) => {
        guard.waits(pauseMs);
        const wire = wireOf(body, index + 1);
        for (let time = 0; time < times; time += 1) guard.hear(wire, body.kind);
      });
      guard.waits(WAIT_MS);
      return guard;
    };
    fc.assert(
      fc.property(anySaid, (said) => {
        // So few refusals that they do not open the breaker, which replays alone would do.
        const few = said.slice(0, 9);
        expect(play(few, 2).outcomes).toEqual(play(few, 1).outcomes);
      }),
    );
  });

  it("shuts out neither who is trusted nor a prefix, whatever it says", () => {
    const sources = ["0.0.0.0/0", "192.0.2.1/32", "192.0.2.0/24", "2001:db8::/48", "192.0.2.7/32"];
    const thieves = fc.array(
      fc.record({
        source: fc.constantFrom(...sources.map(prefix)),
        evidence: fc.constantFrom("claimed" as const, "alive" as const, "proven" as const),
        kind: fc.constantFrom("ban" as const, "verdict" as const),
        agoMs: fc.integer({ min: -200_000, max: 90_000_000 }),
        lifeMs: fc.integer({ min: -1, max: 90_000_000 }),
      }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(thieves, (said) => {
        const guard = new Guard();
        said.forEach(({ source, evidence, kind, agoMs, lifeMs }, index) => {
          guard.waits(5000);
          const issuedAtEpochMs = START_EPOCH_MS + guard.nowMs - agoMs;
          const times = { issuedAtEpochMs: Math.max(0, issuedAtEpochMs) };
          const rest = { ...times, expiresAtEpochMs: times.issuedAtEpochMs + lifeMs };
          const ids = { ruleId: "sequential", campaignId: "c-1" };
          const body: FleetBody =
            kind === "ban" ? { kind, source, evidence } : { kind, source, evidence, ...ids };
          guard.hear(wireOf(body, index + 1, rest), kind);
        });
        guard.waits(WAIT_MS);
        for (const { source } of guard.outcomes) expect(source).toBe("192.0.2.7/32");
      }),
    );
  });
});
