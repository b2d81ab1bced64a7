/**
 * What a running guard has behind its API: the real operator, pipeline, responders, journal and
 * client, over the broker of guarded-broker.ts. Only the kernel and the sensors are not there.
 */
import { Duplex } from "node:stream";
import { BrokerClient } from "../../src/broker/client.ts";
import { blocklistedIfKnown } from "../../src/daemon/blocklisted.ts";
import { Pipeline } from "../../src/daemon/pipeline.ts";
import { RunningOperator } from "../../src/daemon/running-operator.ts";
import { NOTHING_LIVE, StoryDesk } from "../../src/daemon/story-desk.ts";
import type { VedetteEvents } from "../../src/daemon/vedette-events.ts";
import type { Journal } from "../../src/journal/journal.ts";
import { openHistory } from "../../src/journal/open-history.ts";
import { openJournal } from "../../src/journal/open-journal.ts";
import { SourceKeys } from "../../src/net/source-keys.ts";
import { LegacyResponder } from "../../src/responders/legacy.ts";
import { NftablesResponder } from "../../src/responders/nftables.ts";
import { prefix } from "../broker/fakes.ts";
import { makeStages } from "../daemon/stages.ts";
import { GuardedBroker, TRUSTED } from "./guarded-broker.ts";

/** Shut out by an earlier PortSentry's route. */
export const LEFT_OVER = "10.7.0.8";

export class RunningGuard implements AsyncDisposable {
  readonly broker: GuardedBroker;
  readonly operator: RunningOperator;
  readonly journal: Journal;
  readonly #client: BrokerClient;

  static async open(): Promise<RunningGuard> {
    const guard = new RunningGuard(await GuardedBroker.open());
    guard.broker.machine.routes.push(LEFT_OVER);
    await guard.#client.ready();
    return guard;
  }

  private constructor(broker: GuardedBroker) {
    this.broker = broker;
    const { clock } = broker;
    this.#client = new BrokerClient(channelTo(broker), {
      onEvent: () => {},
      onClose: () => {},
    });
    const client = this.#client;
    const epochMs = () => clock.epochMs();
    this.journal = openJournal({ path: ":memory:", clock }).journal;
    const { journal } = this;
    const bench = makeStages(() => ({ status: "applied" }));
    const stages = {
      ...bench,
      clock,
      journal,
      responders: [
        new NftablesResponder(client, { bansVerdicts: true }, epochMs),
        new LegacyResponder(client, epochMs),
      ],
    };
    const trusted = TRUSTED.map((text) => ({ prefix: prefix(text), why: "a test" }));
    const keys = new SourceKeys({ ipv6PrefixBits: 64 });
    const { stories } = openHistory({ path: ":memory:", clock });
    this.operator = new RunningOperator({
      placeOf: () => ({}),
      ...stages,
      history: stories,
      stories: new StoryDesk({
        journal,
        stories,
        live: {
          ...NOTHING_LIVE,
          campaignOf: (source) => bench.campaigns.of(source),
          blocklistedBy: (asked) => blocklistedIfKnown(client, asked),
        },
        keys,
        trusted: bench.trusted,
        ignoreFile: () => undefined,
        clock,
      }),
      broker: client,
      pipeline: new Pipeline(stages),
      challenge: undefined,
      phantom: undefined,
      keys,
      settings: () => ({ settings: { TCP_MODE: "atcp" }, configRevision: "0123456789ab" }),
      problems: () => stages.health.list(),
      facts: () => ({ trusted, sharedIpv6: [] }),
      confirmByEpochMs: () => broker.confirmByEpochMs,
      watchOnly: undefined,
      hasTable: true,
      events: bench.events as VedetteEvents,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.close();
    this.journal.close();
    await this.broker[Symbol.asyncDispose]();
  }
}

/** The guard's end of the broker's stream. */
function channelTo(broker: GuardedBroker): Duplex {
  const stream = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      void broker.send(chunk).then(() => done());
    },
  });
  broker.onAnswer = (text) => stream.push(text);
  return stream;
}
