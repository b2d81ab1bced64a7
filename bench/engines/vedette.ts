/**
 * Vedette itself: the whole of its pipeline, as `vedette replay` runs it, in the default
 * configuration: the model of the kernel's table, detector, policy, and bans that shut out.
 *
 * It is told which addresses are its own. Which ports are open it learns from what answers and what
 * refuses, as a replay does; live, the kernel knows. It gets packets as the stack sees them, put
 * together from fragments.
 */
import { loadConfigurationTexts } from "../../src/config/load.ts";
import { Replay } from "../../src/daemon/replay/run-replay.ts";
import { firstAddressOf, type Prefix, parsePrefix } from "../../src/net/prefix.ts";
import { PrefixSet } from "../../src/net/prefix-set.ts";
import type { CapturedPacket } from "../../src/packet/capture-outlet.ts";
import { LINK_RAW } from "../../src/packet/spec.ts";
import { CaptureSurvey } from "../../src/replay/capture-survey.ts";
import type { Packet } from "../scenario.ts";
import type { Sight } from "../sight.ts";
import type { Engine, EngineEntry, EngineGround, OnConviction } from "./engine.ts";

/** Learned once for both columns. */
const surveys = new WeakMap<readonly Packet[], CaptureSurvey>();

class Vedette implements Engine {
  readonly #replay: Replay;
  #nowEpochMs = 0;

  constructor(
    onConviction: OnConviction,
    { ours, packets }: EngineGround,
    texts: Readonly<Record<string, string>>,
  ) {
    const own = new PrefixSet<undefined>();
    for (const address of ours) own.add(parsePrefix(address) as Prefix, undefined);
    const surveyed = {
      startEpochMs: packets[0]?.atEpochMs ?? 0,
      ...{ own: [], ports: surveyOf(packets).ports, isInOrder: true, notes: [] },
    };
    const settings = {
      values: loadConfigurationTexts(texts),
      ...{ configRevision: "bench", ours: own, open: undefined },
    };
    this.#replay = new Replay(surveyed, settings, ({ source, decoy }) => {
      // Whom the verdict itself excuses is not convicted.
      if (decoy === undefined) onConviction(firstAddressOf(source), this.#nowEpochMs);
    });
  }

  observe({ packet, bytes }: Sight): void {
    this.#nowEpochMs = packet.atEpochMs;
    this.#replay.take(bytes, capturedOf(packet, bytes));
  }

  end(): void {}
}

function surveyOf(packets: readonly Packet[]): CaptureSurvey {
  const known = surveys.get(packets);
  if (known !== undefined) return known;
  const survey = new CaptureSurvey();
  for (const packet of packets) survey.observe(packet.bytes, capturedOf(packet, packet.bytes));
  surveys.set(packets, survey);
  return survey;
}

function capturedOf({ atEpochMs }: Packet, bytes: Uint8Array): CapturedPacket {
  return { start: 0, end: bytes.length, seenAtEpochMs: atEpochMs, linkType: LINK_RAW };
}

/** With its defaults. */
export const VEDETTE: EngineEntry = {
  name: "Vedette",
  rule: "the default configuration",
  make: (onConviction, ground) => new Vedette(onConviction, ground, {}),
};

/** With three misses for a conviction, not four. */
export const VEDETTE_STRICT: EngineEntry = {
  name: "Vedette strict",
  rule: 'the default configuration with STRICT="1"',
  make: (onConviction, ground) => new Vedette(onConviction, ground, { STRICT: "1" }),
};
