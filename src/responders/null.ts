/**
 * Carries out nothing and says that it is done: for a replay, which tells what would have been.
 *
 * It answers at once, so that whoever drives the stages on a clock of his own stays in step.
 */
import type { Applied, Responder } from "./responder.ts";

const DONE: Applied = { outcome: { status: "applied" }, means: [], responses: [] };

export class NullResponder implements Responder {
  readonly name = "null";

  apply(): Applied {
    return DONE;
  }
}
