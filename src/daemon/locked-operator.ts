/**
 * The commands that work without a guard, refused where they would write beside one: a guard in
 * another network namespace is found by no socket and by no log group, only by its lock on the
 * state directory. Commands that only look work all the same.
 */
import { KernelOperator, type KernelOperatorParts } from "./kernel-operator.ts";
import { requireUnlockedState } from "./state-lock.ts";

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

  override async untrust(address: string) {
    requireUnlockedState(this.#stateDirectory);
    return super.untrust(address);
  }

  override async remove(leaving: "nothing" | "state") {
    requireUnlockedState(this.#stateDirectory);
    return super.remove(leaving);
  }
}
