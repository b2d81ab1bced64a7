/**
 * The operator of commands without a guard, with every change kept in the history: also one that
 * was refused or has failed. Needs root, so nobody else asks.
 */

import { type AuditedRequest, endedOf, outcomeOf } from "../api/audit.ts";
import type {
  ApplyRequest,
  BanRequest,
  BanView,
  BlocklistedView,
  OutcomeView,
  ReloadView,
  StatusView,
  TrustedView,
  TrustRequest,
  UnbannedView,
} from "../api/contract.ts";
import { FAULT_STATUS } from "../api/fault-status.ts";
import type { OfflineOperator, StoryReader } from "../api/operator.ts";
import { OperationalError } from "../errors.ts";

export class AuditedOperator implements OfflineOperator {
  readonly stories: StoryReader;
  readonly #operator: OfflineOperator;
  readonly #keep: (request: AuditedRequest) => void;

  /** @param keep returns when it is kept; must not throw. */
  constructor(operator: OfflineOperator, keep: (request: AuditedRequest) => void) {
    this.stories = operator.stories;
    this.#operator = operator;
    this.#keep = keep;
  }

  hasGuard(): boolean {
    return this.#operator.hasGuard();
  }

  status(): Promise<StatusView> {
    return this.#operator.status();
  }

  bans(limit: number, after: string | undefined): Promise<BanView[]> {
    return this.#operator.bans(limit, after);
  }

  trusted(): Promise<TrustedView[]> {
    return this.#operator.trusted();
  }

  blocklisted(address: string): Promise<BlocklistedView[]> {
    return this.#operator.blocklisted(address);
  }

  ban(request: BanRequest): Promise<OutcomeView> {
    return this.#audit("ban", { ...request }, () => this.#operator.ban(request));
  }

  unban(address: string): Promise<OutcomeView> {
    return this.#audit("unban", { address }, () => this.#operator.unban(address));
  }

  unbanAll(): Promise<UnbannedView> {
    return this.#audit("unban --all", {}, () => this.#operator.unbanAll());
  }

  trust(request: TrustRequest): Promise<OutcomeView> {
    return this.#audit("trust", { ...request }, () => this.#operator.trust(request));
  }

  untrust(address: string): Promise<OutcomeView> {
    return this.#audit("untrust", { address }, () => this.#operator.untrust(address));
  }

  /** Of a removal that leaves nothing, nothing is left to tell either. */
  remove(leaving: "nothing" | "state"): Promise<string[]> {
    return this.#audit("remove", { leaving }, () => this.#operator.remove(leaving));
  }

  confirm(): Promise<OutcomeView> {
    return this.#operator.confirm();
  }

  reload(): Promise<ReloadView> {
    return this.#operator.reload();
  }

  apply(request: ApplyRequest): Promise<ReloadView> {
    return this.#operator.apply(request);
  }

  close(): Promise<void> {
    return this.#operator.close();
  }

  async #audit<Answer>(
    command: string,
    asked: Readonly<Record<string, unknown>>,
    act: () => Promise<Answer>,
  ): Promise<Answer> {
    const keep = (status: number, answer?: unknown) =>
      this.#keep({
        caller: "root",
        request: `vedette ${command}`,
        status,
        asked,
        outcome: outcomeOf(answer),
        ended: endedOf(answer),
      });
    try {
      const answer = await act();
      keep(200, answer);
      return answer;
    } catch (error) {
      keep(error instanceof OperationalError ? FAULT_STATUS[error.code] : 500);
      throw error;
    }
  }
}
