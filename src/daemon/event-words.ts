/** One event of the journal in words, as `why` and `report` tell it. */

import { counted } from "../counted.ts";
import { describeEvidence } from "../model/evidence.ts";
import type { StoryEventDetail } from "../model/story-event.ts";
import { formatHow } from "./campaign-lines.ts";
import { formatStep } from "./evidence-words.ts";
import { formatSpan } from "./spans.ts";

/** @param atEpochMs when it happened: how long a ban is follows from it. */
export function formatEvent(detail: StoryEventDetail, atEpochMs: number): string {
  switch (detail.kind) {
    case "verdict": {
      const { kinds, tool, reason, evidence, raisedFrom } = detail;
      if (raisedFrom !== undefined) return `the evidence is ${describeEvidence(evidence)}`;
      return `convicted (${formatHow({ kinds, tool })}; ${evidence}): ${reason}`;
    }
    case "evidence":
      return formatStep(detail);
    case "spared":
      return `spared: ${detail.text}`;
    case "ban": {
      const { origin, evidence, untilEpochMs, raisedFrom, reason } = detail;
      const span = untilEpochMs === undefined ? "good" : formatSpan(untilEpochMs - atEpochMs);
      if (raisedFrom !== undefined) return `ban lengthened to ${span} (${evidence})`;
      const why = origin === "detector" ? evidence : reason;
      return `banned for ${span} (${why})`;
    }
    case "unban":
      return detail.by === "operator" ? "unbanned by command" : "let in again by the guard";
    case "refused":
    case "failed":
      return `${detail.act} ${detail.kind}: ${detail.text}`;
    case "response": {
      const { act, name, status, command, reason } = detail;
      const did = act === "ban" ? name : `${name} undone`;
      const result = status === "applied" ? "" : ` ${status}`;
      return `${did}${result}: ${command}${reason === undefined ? "" : ` (${reason})`}`;
    }
    case "exonerated":
      return (
        `let in as a decoy: its sender uses ${counted(detail.sources, "address", "addresses")}, ` +
        `one of which is ${detail.evidence}`
      );
    case "trust":
      return "trusted by command";
    case "health":
      return `${detail.change === "cleared" ? "over: " : ""}${detail.text}`;
    case "trusted-saves":
      return `${counted(detail.packets, "packet")} of trusted sources would have been caught`;
    case "request":
      return formatRequest(detail);
  }
}

type Asked = Extract<StoryEventDetail, { kind: "request" }>;

/** 'root asked: POST /v1/bans {"address":"192.0.2.7"} (applied)'. */
function formatRequest({ caller, request, status, asked, outcome, ended, leftOut }: Asked): string {
  const what = asked === "" ? request : `${request} ${asked}`;
  const result = outcome ?? (ended && formatEnded(ended));
  const answer = status === 200 && result !== undefined ? result : `answered ${status}`;
  const more =
    leftOut === undefined ? "" : `; before it ${counted(leftOut, "request")} turned away`;
  return `${caller} asked: ${what} (${answer}${more})`;
}

/** "3 bans ended: 192.0.2.7, 192.0.2.8 and 1 more". */
function formatEnded({ count, addresses }: NonNullable<Asked["ended"]>): string {
  if (count === 0) return "there were no bans";
  const more = count - addresses.length;
  const others = more > 0 ? ` and ${more} more` : "";
  return `${counted(count, "ban")} ended: ${addresses.join(", ")}${others}`;
}
