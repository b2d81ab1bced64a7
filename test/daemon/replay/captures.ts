/** Captures in memory, and what a replay makes of them. */
import { loadConfigurationTexts } from "../../../src/config/load.ts";
import type { ReplayReport } from "../../../src/daemon/replay/report.ts";
import { Replay, type ReplaySettings } from "../../../src/daemon/replay/run-replay.ts";
import type { Verdict } from "../../../src/model/verdict.ts";
import { type Prefix, parsePrefix } from "../../../src/net/prefix.ts";
import { PrefixSet } from "../../../src/net/prefix-set.ts";
import { CaptureSurvey } from "../../../src/replay/capture-survey.ts";
import { ACK, encodePacket, type PacketSpec, SYN } from "../../support/packets.ts";

/** 2026-01-01T00:00:00Z. */
const START_EPOCH_MS = 1_767_225_600_000;

export interface Captured {
  readonly packet: Uint8Array;
  readonly atMs: number;
}

export interface Replayed extends ReplayReport {
  readonly verdicts: readonly Verdict[];
}

/** The default settings of profile vedette, with these texts of keys. */
export function settingsOf(
  texts: Readonly<Record<string, string>> = {},
  changes: Partial<ReplaySettings> = {},
): ReplaySettings {
  // A small table, because every replay makes its own.
  const values = loadConfigurationTexts({ MAX_SOURCES: "64", ...texts });
  return { values, configRevision: "test", ours: undefined, open: undefined, ...changes };
}

/** Replays raw IP packets. @param isInOrder whether it is known that their times never go back. */
export async function replayPackets(
  captured: readonly Captured[],
  settings: ReplaySettings = settingsOf(),
  isInOrder = false,
): Promise<Replayed> {
  const survey = new CaptureSurvey();
  const each = (take: (packet: Uint8Array, place: Place) => void) => {
    for (const { packet, atMs } of captured) {
      const seenAtEpochMs = START_EPOCH_MS + atMs;
      take(packet, { start: 0, end: packet.length, seenAtEpochMs, linkType: 101 });
    }
  };
  each((packet, place) => survey.observe(packet, place));
  const verdicts: Verdict[] = [];
  const replay = new Replay(
    {
      startEpochMs: survey.firstAtEpochMs ?? 0,
      own: survey.roles.own(),
      ports: survey.ports,
      isInOrder,
      notes: [],
    },
    settings,
    (verdict) => verdicts.push(verdict),
  );
  each((packet, place) => replay.take(packet, place));
  return { ...(await replay.finish([])), verdicts };
}

interface Place {
  readonly start: number;
  readonly end: number;
  readonly seenAtEpochMs: number;
  readonly linkType: number;
}

export const US = "198.51.100.10";

/** A packet to us. */
export function from(source: string, port: number, spec: Partial<PacketSpec> = {}): Uint8Array {
  return encodePacket({ from: source, to: US, port, ...spec });
}

/** Our answer to a packet of that source from port 40000. */
export function answer(
  source: string,
  port: number,
  flags: number,
  spec: Partial<PacketSpec> = {},
): Uint8Array {
  return encodePacket({
    ...{ from: US, to: source, sourcePort: port, port: 40_000, flags },
    ...{ sequence: 0, acknowledgement: 2, ...spec },
  });
}

/** A connection to a real service of ours: SYN, SYN+ACK, ACK. */
export function handshake(source: string, port: number): Uint8Array[] {
  return [
    from(source, port, { sequence: 1 }),
    answer(source, port, SYN | ACK, { sequence: 7000, acknowledgement: 2 }),
    from(source, port, { flags: ACK, sequence: 2, acknowledgement: 7001 }),
  ];
}

/** One packet after another, a gap apart. */
export function timeline(packets: readonly Uint8Array[], gapMs = 10, startMs = 0): Captured[] {
  return packets.map((packet, index) => ({ packet, atMs: startMs + index * gapMs }));
}

/** A set of our prefixes. */
export function oursOf(...texts: string[]): PrefixSet<undefined> {
  const set = new PrefixSet<undefined>();
  for (const text of texts) set.add(parsePrefix(text) as Prefix, undefined);
  return set;
}
