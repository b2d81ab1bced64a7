/**
 * What becomes of bans and of trust when the machine was suspended, or its clock was set.
 *
 * Time-outs in the kernel stand still while the machine is suspended and do not follow the wall
 * clock; ends in files are wall time. So after a suspension the time that was slept is taken off the
 * bans in the kernel, and they end when the files say. After the clock was set, the ends in files are
 * moved by as much, and everything lasts as long as it was to. The journal is the guard's, which
 * moves its bans by itself (`guard-upkeep.ts`).
 */
import type { BanExecutor } from "../broker/executors/ban-executor.ts";
import type { DeedLedger } from "../broker/executors/deed-ledger.ts";
import type { LegacyBans } from "../broker/legacy-bans.ts";
import type { TrustKeeper } from "../broker/trust-keeper.ts";
import { counted } from "../counted.ts";
import type { HealthTracker } from "../health/tracker.ts";
import type { HealthCode } from "../model/health.ts";
import type { ClockChange } from "./clock-watch.ts";
import { formatSpan } from "./spans.ts";

/** How long (ms) `status` shows that something has happened; the log has it for good. */
export const EVENT_SHOWN_MS = 3_600_000;

export interface ClockChangesParts {
  readonly executor: Pick<BanExecutor, "age">;
  readonly trust: Pick<TrustKeeper, "clockWasSet">;
  readonly ledger: Pick<DeedLedger, "moveEnds">;
  /** As it is at the moment; undefined: no key of PortSentry's asks for anything. */
  readonly legacy: () => Pick<LegacyBans, "clockWasSet"> | undefined;
  readonly health: HealthTracker;
}

export class ClockChanges {
  readonly #parts: ClockChangesParts;
  #suspensions = 0;
  #settings = 0;

  constructor(parts: ClockChangesParts) {
    this.#parts = parts;
  }

  /** Never throws and never rejects: what could not be written is told. */
  apply({ suspendedMs, setByMs }: ClockChange): void {
    if (suspendedMs > 0) this.#wakeUp(suspendedMs);
    if (setByMs !== 0) this.#moveBy(setByMs);
  }

  #wakeUp(suspendedMs: number): void {
    this.#suspensions += 1;
    const { shortened, ended, failed } = this.#parts.executor.age(suspendedMs);
    const late = failed > 0 ? `; ${counted(failed, "ban")} could not be changed and end late` : "";
    this.#tell(
      "machine-suspended",
      `The machine was suspended for ${formatSpan(suspendedMs)} (${counted(this.#suspensions, "time")} since the start): ` +
        `${counted(ended, "ban")} ended meanwhile, ${shortened} have the time that is left${late}.`,
      "Nothing is to be done; nobody was judged while it slept.",
    );
  }

  #moveBy(setByMs: number): void {
    this.#settings += 1;
    const { trust, ledger, legacy } = this.#parts;
    trust.clockWasSet(setByMs);
    legacy()?.clockWasSet(setByMs);
    const way = setByMs > 0 ? "forward" : "back";
    const text =
      `The clock was set ${way} by ${formatSpan(Math.abs(setByMs))} (${counted(this.#settings, "time")} since the start): ` +
      "bans and trust that have an end last as long as they were to.";
    const action =
      "If nobody meant to, find out what sets it: timedatectl, journalctl -t chronyd -t ntpd";
    this.#tell("clock-set", text, action);
    void ledger.moveEnds(setByMs).then((outcome) => {
      if (outcome.status !== "failed") return;
      const exception = `${outcome.reason}: after a restart what KILL_* have done has its old ends.`;
      this.#tell("clock-set", `${text} ${exception}`, action);
    });
  }

  /** Each time anew, so that the log has each. */
  #tell(code: HealthCode, text: string, action: string): void {
    const { health } = this.#parts;
    health.clear(code);
    health.raiseFor(EVENT_SHOWN_MS, code, "notice", text, action);
  }
}
