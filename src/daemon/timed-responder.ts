/** Takes the time in which a responder bans whom a verdict has convicted. */
import type { Clock } from "../clock.ts";
import type { Responder } from "../responders/responder.ts";

/** @param onBan called with how long (ms) each took that was made, never for what people ask. */
export function timedResponder(
  inner: Responder,
  clock: Clock,
  onBan: (tookMs: number) => void,
): Responder {
  return {
    name: inner.name,
    apply: (order) => {
      const beganAtMs = clock.monotonicMs();
      const answer = inner.apply(order);
      if (!(answer instanceof Promise) || order.act !== "ban" || order.cause === undefined) {
        return answer;
      }
      return answer.then((applied) => {
        if (applied?.outcome.status === "applied") onBan(clock.monotonicMs() - beganAtMs);
        return applied;
      });
    },
  };
}
