/** A hearsay that is told things one after the other, on a clock that a test sets. */
import { Hearsay, type HearsayOptions, type Outcome } from "../../src/fleet/hearsay.ts";
import type { FleetBody, FleetRecord } from "../../src/fleet/record.ts";
import type { Evidence } from "../../src/model/evidence.ts";
import { prefix, recordOf, START_EPOCH_MS } from "./records.ts";

export const SELF = "here";
export const HALF_LIFE_MS = 21_600_000;
/** Of whom all speak. */
export const S = prefix("192.0.2.1");
/** Trusted by this machine. */
export const TRUSTED = prefix("192.0.2.2");

/** A hearsay with a clock, and members that say one thing after the other. */
export class ToldHearsay {
  readonly hearsay: Hearsay;
  nowMs = 0;
  #sequence = 1;

  constructor(options: Partial<HearsayOptions> = {}) {
    this.hearsay = new Hearsay({
      ...{ self: SELF, halfLifeMs: HALF_LIFE_MS, isTrusted: (source) => source === TRUSTED },
      ...options,
    });
  }

  get hearing() {
    return { nowMs: this.nowMs, nowEpochMs: START_EPOCH_MS + this.nowMs };
  }

  says(member: string, body: FleetBody, rest: Partial<FleetRecord> = {}): readonly Outcome[] {
    const at = START_EPOCH_MS + this.nowMs;
    this.#sequence += 1;
    const record = recordOf(body, {
      ...{ member, sequence: this.#sequence, issuedAtEpochMs: at },
      ...rest,
    });
    return this.hearsay.hear(record, at, this.hearing).outcomes;
  }

  waits(ms: number): readonly Outcome[] {
    this.nowMs += ms;
    return this.hearsay.release(this.hearing);
  }
}

export const ban = (evidence: Evidence, source = S): FleetBody => ({
  kind: "ban",
  source,
  evidence,
});
export const verdict = (evidence: Evidence, source = S): FleetBody => ({
  ...{ kind: "verdict", source, evidence },
  ...{ ruleId: "sequential", campaignId: "c-1" },
});
export const contacts = (evidence: Evidence, source = S): FleetBody => ({
  kind: "contacts",
  contacts: [{ source, evidence, transport: "tcp", port: 23, atEpochMs: Number.MAX_SAFE_INTEGER }],
});
export const unban = (isTombstone = false, source = S): FleetBody => ({
  kind: "unban",
  source,
  isTombstone,
});
