/**
 * A campaign as text in the journal.
 *
 * The file is the guard's, which is taken to be taken over, and root reads it: a text that this
 * program would not have written is none. Bounded: {@link MOST_RANGES} ranges of ports; how many
 * ports there are in all is kept beside them.
 */
import { z } from "zod";
import type { Campaign, TransportPorts } from "../model/campaign.ts";
import { PROBE_KINDS } from "../model/probe.ts";
import { TOOLS } from "../model/tool.ts";
import { type Prefix, parsePrefix } from "../net/prefix.ts";
import {
  count,
  decodeValue,
  encodeValue,
  epochMs,
  evidence,
  portNumber,
  sentence,
  transport,
} from "./stored-values.ts";

/** Ranges of ports of one campaign, over all transports: a scan of every second port has more. */
const MOST_RANGES = 512;

const boundedCount = z.object({ count, isAtLeast: z.boolean() });

const source = z.string().transform((text, context): Prefix => {
  const prefix = parsePrefix(text);
  if (prefix === text) return prefix as Prefix;
  context.addIssue({ code: "custom", message: "not a prefix" });
  return z.NEVER;
});

const ports = z.object({
  transport,
  ranges: z.array(z.tuple([portNumber, portNumber])),
});

const outcome = z.discriminatedUnion("status", [
  z.object({ status: z.literal("none") }),
  z.object({ status: z.literal("banned"), untilEpochMs: epochMs.optional() }),
  z.object({ status: z.literal("unbanned") }),
  z.object({ status: z.literal("spared"), reason: sentence, text: sentence }),
  z.object({ status: z.literal("failed"), text: sentence }),
]);

const emitter = z.object({
  sources: count,
  realCount: count,
  real: z.array(z.object({ source, evidence })).max(8),
  silent: z.array(source).max(8),
});

const campaignSchema = z.object({
  id: z.string().max(64),
  source,
  firstAtEpochMs: epochMs,
  lastAtEpochMs: epochMs,
  packets: count,
  ports: z.array(ports).max(4),
  portCount: boundedCount,
  kinds: z.array(z.enum(PROBE_KINDS)),
  tool: z.enum(TOOLS).optional(),
  evidence,
  destinations: boundedCount,
  verdict: z.enum(["scan", "undecided", "benign"]),
  score: z.number().optional(),
  reason: sentence.optional(),
  wasHeld: z.boolean(),
  outcome,
  emitter: emitter.optional(),
});

export function encodeCampaign(campaign: Campaign): string {
  return encodeValue({ ...campaign, ports: shortened(campaign.ports) });
}

/** Never throws. @returns undefined for what {@link encodeCampaign} does not make. */
export function decodeCampaign(text: string): Campaign | undefined {
  const decoded = decodeValue(campaignSchema, text);
  if (decoded === undefined) return undefined;
  const { tool, score, reason, emitter: behind, ...rest } = decoded;
  return {
    ...rest,
    ports: rest.ports.map(({ transport, ranges }) => ({
      transport,
      ranges: ranges.map(([first, last]) => ({ first, last })),
    })),
    outcome:
      rest.outcome.status === "banned"
        ? { status: "banned", untilEpochMs: rest.outcome.untilEpochMs }
        : rest.outcome,
    tool,
    score,
    reason,
    emitter: behind,
  };
}

function shortened(all: readonly TransportPorts[]): unknown[] {
  let left = MOST_RANGES;
  return all.map(({ transport, ranges }) => {
    const kept = ranges.slice(0, left);
    left -= kept.length;
    return { transport, ranges: kept.map(({ first, last }) => [first, last]) };
  });
}
