/**
 * What an event says as text in the journal, whole enough that a verdict can be made again from it.
 *
 * As for campaigns: a text that this program would not have written is none.
 */
import { z } from "zod";
import { BAN_MEANS } from "../model/ban.ts";
import { EVIDENCE_WAYS } from "../model/evidence.ts";
import { PROBE_KINDS } from "../model/probe.ts";
import { LONGEST_ASKED, type StoryEventDetail } from "../model/story-event.ts";
import { TOOLS } from "../model/tool.ts";
import type { Score } from "../model/verdict.ts";
import { decodeScore, encodeScore } from "./score-text.ts";
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

/** Ports of one verdict; those that it stands on are in its score, too. */
const MOST_PORTS = 2000;

const act = z.enum(["ban", "unban"]);
const word = z.string().max(64);

const score = z.string().transform((text, context): Score => {
  const decoded = decodeScore(text);
  if (decoded !== undefined) return decoded;
  context.addIssue({ code: "custom", message: "not a score" });
  return z.NEVER;
});

const port = z.tuple([transport, portNumber]);

const detailSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("verdict"),
    ruleId: word,
    reason: sentence,
    evidence,
    raisedFrom: evidence.exactOptional(),
    ports: z.array(port.transform(([transport, number]) => ({ transport, port: number }))),
    kinds: z.array(z.enum(PROBE_KINDS)),
    tool: z.enum(TOOLS).exactOptional(),
    probes: count,
    firstSeenAtEpochMs: epochMs,
    score: score.exactOptional(),
  }),
  z.object({
    kind: z.literal("evidence"),
    way: z.enum(EVIDENCE_WAYS),
    evidence: z.enum(["alive", "proven"]),
    port: portNumber.exactOptional(),
  }),
  z.object({ kind: z.literal("spared"), why: word, text: sentence }),
  z.object({
    kind: z.literal("ban"),
    evidence,
    origin: z.enum(["detector", "operator", "unknown"]),
    untilEpochMs: epochMs.exactOptional(),
    raisedFrom: evidence.exactOptional(),
    means: z.array(z.enum(BAN_MEANS)),
    reason: sentence,
  }),
  z.object({ kind: z.literal("unban"), by: z.enum(["operator", "guard"]) }),
  z.object({ kind: z.enum(["refused", "failed"]), act, text: sentence }),
  z.object({
    kind: z.literal("response"),
    act,
    name: word,
    status: word,
    command: sentence,
    reason: sentence.exactOptional(),
  }),
  z.object({ kind: z.literal("exonerated"), sources: count, evidence }),
  z.object({ kind: z.literal("trust") }),
  z.object({
    kind: z.literal("health"),
    code: word,
    severity: z.enum(["notice", "warning", "error"]),
    change: z.enum(["raised", "cleared"]),
    text: sentence,
  }),
  z.object({ kind: z.literal("trusted-saves"), packets: count }),
  z.object({
    kind: z.literal("request"),
    caller: word,
    request: z.string().max(200),
    status: count,
    asked: z.string().max(LONGEST_ASKED),
    outcome: word.exactOptional(),
    ended: z.object({ count, addresses: z.array(word) }).exactOptional(),
    leftOut: count.exactOptional(),
  }),
]);

export function encodeEvent(detail: StoryEventDetail): string {
  if (detail.kind !== "verdict") return encodeValue(detail);
  const { score: made, ports, ...rest } = detail;
  return encodeValue({
    ...rest,
    ports: ports.slice(0, MOST_PORTS).map((each) => [each.transport, each.port]),
    score: made === undefined ? undefined : encodeScore(made),
  });
}

/** Never throws. @returns undefined for what {@link encodeEvent} does not make. */
export function decodeEvent(text: string): StoryEventDetail | undefined {
  // A code of a newer or older version is no fault: it is told as it stands.
  return decodeValue(detailSchema, text) as StoryEventDetail | undefined;
}
