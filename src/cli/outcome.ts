/** Tells what became of a change. */
import type { OutcomeView } from "../api/contract.ts";
import { OperationalError } from "../errors.ts";
import { escapeInvisible } from "../invisible-text.ts";
import type { CliContext } from "./context.ts";
import { print, printError, printJson } from "./printable.ts";

/** Sentences about one kind of change. */
export interface OutcomeSentences {
  readonly applied: string;
  readonly alreadyApplied: string;
  /** How things stand after a refusal or a failure; the reason follows. */
  readonly unchanged: string;
}

/**
 * Prints the outcome, or the API's body with `json`; a note goes to the standard error.
 * @throws {OperationalError} ERR_REFUSED or ERR_KERNEL when the change was refused or failed.
 */
export function reportOutcome(
  context: CliContext,
  outcome: OutcomeView,
  sentences: OutcomeSentences,
  json: boolean,
): void {
  if (json) printJson(context, outcome);
  if (outcome.note !== undefined) printError(context, `vedette: ${escapeInvisible(outcome.note)}`);
  const reason = escapeInvisible(outcome.reason ?? "no reason was given");
  switch (outcome.status) {
    case "applied":
      if (!json) print(context, sentences.applied);
      return;
    case "already-applied":
      if (!json) print(context, sentences.alreadyApplied);
      return;
    case "refused":
      throw new OperationalError("ERR_REFUSED", `${sentences.unchanged}: ${reason}`);
    case "failed":
      throw new OperationalError("ERR_KERNEL", `${sentences.unchanged}: ${reason}`);
  }
}
