/** Stages that a test can look into: real where they are pure, hand-written where they act. */

import type { Stages } from "../../src/daemon/pipeline.ts";
import { VedetteEvents } from "../../src/daemon/vedette-events.ts";
import { Campaigns } from "../../src/detectors/campaigns.ts";
import { TriggerDetector } from "../../src/detectors/trigger.ts";
import { HealthTracker } from "../../src/health/tracker.ts";
import { MemoryJournal } from "../../src/journal/memory-journal.ts";
import { createLogger } from "../../src/logger.ts";
import type { Proof } from "../../src/model/evidence.ts";
import type { Order, Outcome } from "../../src/model/order.ts";
import type { Probe } from "../../src/model/probe.ts";
import { wordsOf } from "../../src/net/address-words.ts";
import { type IpAddress, parseIpAddress } from "../../src/net/ip-address.ts";
import type { Prefix } from "../../src/net/prefix.ts";
import { SourceKeys } from "../../src/net/source-keys.ts";
import { Policy, type PolicyOptions } from "../../src/policy/policy.ts";
import { TrustedPrefixes } from "../../src/policy/trusted-prefixes.ts";
import type { Sensor } from "../../src/sensors/sensor.ts";
import { FakeClock } from "../support/fake-clock.ts";

/** A sensor whose probes and proofs the test makes. */
class FakeSensor implements Sensor {
  readonly name = "nflog";
  deliver: (probe: Probe) => void = () => {};
  prove: (proof: Proof) => void = () => {};

  start(onProbe: (probe: Probe) => void, onProof: (proof: Proof) => void): void {
    this.deliver = onProbe;
    this.prove = onProof;
  }

  counts() {
    return { probes: 0, lost: 0, malformed: 0 };
  }

  async stop(): Promise<void> {
    this.deliver = () => {};
  }
}

export function probe(source: string, port: number, seenAtMs = 0): Probe {
  return {
    source: wordsOf(parseIpAddress(source) as IpAddress),
    destination: wordsOf(parseIpAddress("192.0.2.1") as IpAddress),
    transport: "tcp",
    port,
    sourcePort: 40_000,
    kind: "tcp-syn",
    tcpFlags: 2,
    evidence: "claimed",
    sensor: "nflog",
    startedHold: false,
    hasIpOptions: false,
    isFragment: false,
    header: undefined,
    seenAtMs,
  };
}

export const POLICY_OPTIONS: PolicyOptions = {
  banSteps: { claimed: [60_000], alive: [600_000], proven: [3_600_000] },
  sparesSessions: true,
  repeatWithinMs: 86_400_000,
  claimedBansPerMinute: 60,
  watchOnly: undefined,
  blockTcp: 1,
  blockUdp: 1,
  configRevision: "test",
};

export interface Bench extends Omit<Stages, "sensors"> {
  readonly sensor: FakeSensor;
  readonly sensors: readonly FakeSensor[];
  readonly orders: Order[];
  readonly lines: string[];
  readonly clock: FakeClock;
  readonly trusted: TrustedPrefixes;
  readonly campaigns: Campaigns;
  /** Who has a connection to a service. */
  readonly connected: Set<Prefix>;
}

/** @param answer what becomes of each order. */
export function makeStages(answer: (order: Order) => Outcome | Promise<Outcome>): Bench {
  const clock = new FakeClock();
  const lines: string[] = [];
  const orders: Order[] = [];
  const sensor = new FakeSensor();
  const journal = new MemoryJournal();
  const trusted = new TrustedPrefixes();
  const connected = new Set<Prefix>();
  const events = new VedetteEvents({
    logger: createLogger("text", clock, (line) => lines.push(line)),
    clock,
    tells: "everything",
  });
  const keys = new SourceKeys({ ipv6PrefixBits: 64 });
  return {
    sensor,
    sensors: [sensor],
    campaigns: new Campaigns(
      { quietMs: 1_800_000, maxCampaigns: 64, provesAlone: () => false },
      clock,
      keys,
      (change, story, isStory) => events.campaign(change, story, isStory),
    ),
    detector: new TriggerDetector(
      {
        trigger: 3,
        counts: "distinct-ports",
        areUnused: true,
        recordMs: 86_400_000,
        maxSources: 64,
      },
      clock,
      keys,
    ),
    provers: [],
    policy: new Policy(POLICY_OPTIONS, clock, trusted, journal, {
      portsOf: (source) => (connected.has(source) ? [443] : []),
    }),
    responders: [
      {
        name: "fake",
        apply: async (order) => {
          orders.push(order);
          return { outcome: await answer(order), means: ["nftables"], responses: [] };
        },
      },
    ],
    journal,
    events,
    health: new HealthTracker(() => clock.epochMs()),
    clock,
    maxWaitingOrders: 10,
    orders,
    lines,
    trusted,
    connected,
  };
}
