/**
 * Does one deed, or takes it back, and looks whether that is so.
 *
 * What stands already is not done again, and an undo is repeated until nothing is left, because
 * earlier lives of PortSentry add the same rule once more after every restart. The caller keeps
 * deeds of one source apart.
 */
import { isDone, type Outcome } from "../../model/order.ts";
import type { Prefix } from "../../net/prefix.ts";
import { describeFailure, type RunCommand } from "./command-runner.ts";
import type { Deed, LegacyResponse } from "./deed.ts";
import type { DeedLedger } from "./deed-ledger.ts";
import type { HostsDeny } from "./hosts-deny.ts";
import type { PresenceCheck } from "./presence.ts";

/** Rules of the same words that one undo takes away. */
const MAX_ROUNDS = 32;

/** What deeds are done with. */
export interface DeedTools {
  readonly ledger: DeedLedger;
  readonly hostsDeny: HostsDeny;
  readonly presence: PresenceCheck;
  readonly run: RunCommand;
}

/** What became of a try, and whether something of the deed stands now. */
interface Result {
  readonly status: LegacyResponse["status"];
  readonly reason?: string | undefined;
  readonly stands: boolean;
}

export class DeedWork {
  readonly #tools: DeedTools;

  constructor(tools: DeedTools) {
    this.#tools = tools;
  }

  /** Records a deed and does it. Never rejects. */
  async carryOut(prefix: Prefix, deed: Deed): Promise<LegacyResponse> {
    const { ledger, hostsDeny } = this.#tools;
    const recorded = await ledger.add(prefix, deed);
    const { stands, ...result } =
      deed.kind === "hosts-deny"
        ? added(await hostsDeny.add(deed.text))
        : await this.#runOnce(prefix, deed.text);
    if (!stands) await ledger.remove(prefix, deed);
    const unkept = isDone(recorded) || !stands ? undefined : `not recorded: ${recorded.reason}`;
    return responseOf(deed, deed.text, result.status, result.reason, unkept);
  }

  /** Lets a deed that was done stand until its new end. Never rejects. */
  async lengthen(prefix: Prefix, deed: Deed): Promise<LegacyResponse> {
    const recorded = await this.#tools.ledger.add(prefix, deed);
    const unkept = isDone(recorded) ? undefined : `not recorded: ${recorded.reason}`;
    return responseOf(deed, deed.text, "already-applied", unkept);
  }

  /** Takes a deed back and forgets it, unless it still stands. Never rejects. */
  async takeBack(prefix: Prefix, deed: Deed): Promise<LegacyResponse> {
    const { ledger, hostsDeny } = this.#tools;
    const { stands, ...result } =
      deed.kind === "hosts-deny"
        ? removed(await hostsDeny.remove(deed.text))
        : await this.#undo(prefix, deed);
    const forgotten = stands ? undefined : await ledger.remove(prefix, deed);
    const remembered =
      forgotten?.status === "failed" ? `not struck out: ${forgotten.reason}` : undefined;
    return responseOf(deed, deed.undo ?? deed.text, result.status, result.reason, remembered);
  }

  async #runOnce(prefix: Prefix, text: string): Promise<Result> {
    const { presence, run } = this.#tools;
    const before = await presence.of(text, prefix);
    if (before === "all") return { status: "already-applied", stands: true };
    const fault = describeFailure(await run(text));
    const after = before === "unknown" ? before : await presence.of(text, prefix);
    if (fault === undefined && (after === "all" || after === "unknown")) {
      return { status: "applied", stands: true };
    }
    const reason = fault ?? "it ended well, and what it should have made is not there";
    return { status: "failed", reason, stands: after === "all" || after === "some" };
  }

  async #undo(prefix: Prefix, { kind, text, undo }: Deed): Promise<Result> {
    const { presence, run } = this.#tools;
    if (undo === undefined) {
      const key = kind === "route" ? "UNKILL_ROUTE" : "UNKILL_RUN_CMD";
      const reason = `how to undo this is not known; ${key} can name it for the next time`;
      return { status: "skipped", reason, stands: false };
    }
    const before = await presence.of(text, prefix);
    if (before === "none") return { status: "already-applied", stands: false };
    let reason: string | undefined;
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const outcome = await run(undo);
      reason = describeFailure(outcome);
      const after = before === "unknown" ? before : await presence.of(text, prefix);
      const isGone = after === "none" || (after === "unknown" && reason === undefined);
      if (isGone) return { status: "applied", stands: false };
      if (after === "unknown" || outcome.status !== "ended") break;
    }
    return { status: "failed", reason: reason ?? "it is still there afterwards", stands: true };
  }
}

function added(outcome: Outcome): Result {
  if (isDone(outcome)) return { status: outcome.status, stands: true };
  return { status: "failed", reason: outcome.reason, stands: false };
}

function removed(outcome: Outcome): Result {
  const { stands, ...result } = added(outcome);
  return { ...result, stands: !stands };
}

function responseOf(
  { kind }: Deed,
  text: string,
  status: LegacyResponse["status"],
  ...reasons: readonly (string | undefined)[]
): LegacyResponse {
  const reason = reasons.filter((each) => each !== undefined).join("; ");
  return reason === "" ? { name: kind, status, text } : { name: kind, status, text, reason };
}
