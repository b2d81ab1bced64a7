/** What became of a source, from what became of each of PortSentry's responses to it. */
import type { Outcome } from "../../model/order.ts";
import type { LegacyResponse } from "./deed.ts";

/** @returns "applied" for any that did; "already-applied" when nothing had to be done. */
export function outcomeOfResponses(responses: readonly LegacyResponse[]): Outcome {
  if (responses.some(({ status }) => status === "applied")) return { status: "applied" };
  const failure = failureIn(responses);
  if (failure !== undefined) return failure;
  if (responses.some(({ status }) => status === "already-applied") || responses.length === 0) {
    return { status: "already-applied" };
  }
  return { status: "refused", reason: responses[0]?.reason ?? "nothing could be done" };
}

/**
 * @returns "failed" when anything still stands, or may: a route of which nobody knows how to take
 * it back. A command of that kind is one that leaves nothing, such as a mail.
 */
export function outcomeOfUndo(responses: readonly LegacyResponse[]): Outcome {
  const route = responses.find(({ name, status }) => name === "route" && status === "skipped");
  const failure = failureIn(responses);
  if (failure !== undefined) return failure;
  if (route !== undefined) return failedBy(route);
  const isAny = responses.some(({ status }) => status === "applied");
  return { status: isAny ? "applied" : "already-applied" };
}

function failureIn(responses: readonly LegacyResponse[]): Outcome | undefined {
  const failure = responses.find(({ status }) => status === "failed");
  return failure && failedBy(failure);
}

function failedBy({ name, reason }: LegacyResponse): Outcome {
  return { status: "failed", reason: `${name}: ${reason ?? "failed"}` };
}
