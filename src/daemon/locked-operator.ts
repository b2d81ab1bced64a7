/**
 * The commands that work without a guard, refused where they would write beside one: a guard in
 * another network namespace is found by no socket and by no log group, only by its lock on the
 * state directory. Commands that only look work all the same.
 */
import { KernelOperator, type KernelOperatorParts } from "./kernel-operator.ts";
import { requireNoForeignGuard, requireUnlockedState } from "./state-lock.ts";

export class LockedOperator extends KernelOperator {
  readonly #stateDirectory: string;

  constructor(parts: KernelOperatorParts) {
    super(parts);
    this.#stateDirectory = parts.places.stateDirectory;
  }

  override async ban(...asked: Parameters<KernelOperator["ban"]>) {
    requireUnlockedState(this.#stateDirectory);
    return super.ban(...asked);
  }

  override async unban(address: string) {
    requireUnlockedState(this.#stateDirectory);
    return super.unban(address);
  }

  override async unbanAll() {
    requireUnlockedState(this.#stateDirectory);
    return super.unbanAll();
  }

  override async trust(...asked: Parameters<KernelOperator["trust"]>) {
    requireUnlockedState(this.#stateDirectory);
    return super.trust(...asked);
  }

  /** A guard of this namespace sees what it does, and has no request for it. */
  override async untrust(address: string) {
    requireNoForeignGuard(this.#stateDirectory);
    return super.untrust(address);
  }

  /** It says itself that a guard of this namespace runs. */
  override async remove(leaving: "nothing" | "state") {
    requireNoForeignGuard(this.#stateDirectory);
    return super.remove(leaving);
  }
}
