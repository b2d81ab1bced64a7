/** Hands an alert to the broker, which runs the operator's program with it. */
import { type Alert, bodyOf } from "../alerts/alert.ts";
import type { SendOutcome } from "../alerts/outbox.ts";
import type { BrokerClient } from "../broker/client.ts";
import { MAX_ALERT_CHARACTERS } from "../broker/protocol.ts";
import { OperationalError } from "../errors.ts";
import { parsePrefix } from "../net/prefix.ts";

/** What is kept of a text that is too long; control characters of JSON are six each. */
const LONGEST_TEXT = 4000;

/** Never rejects. @param host name of this machine. */
export async function tellCommand(
  broker: Pick<BrokerClient, "alert">,
  alert: Alert,
  host: string,
): Promise<SendOutcome> {
  const { kind, severity, facts } = alert;
  const source = parsePrefix(facts.address ?? "") ?? null;
  try {
    const body = commandBodyOf(alert, host);
    const outcome = await broker.alert({ kind, severity, source, body });
    if (outcome.status === "applied" || outcome.status === "already-applied") {
      return { status: "sent" };
    }
    return { status: "failed", reason: outcome.reason, isFinal: false };
  } catch (error) {
    // Without a broker the guard ends.
    if (!(error instanceof OperationalError)) throw error;
    return { status: "failed", reason: error.message, isFinal: true };
  }
}

/** @returns the JSON of a webhook; without its details, and with less text, where it is too long. */
function commandBodyOf(alert: Alert, host: string): string {
  const whole = bodyOf(alert, host);
  if (whole.length <= MAX_ALERT_CHARACTERS) return whole;
  const text =
    alert.text.length > LONGEST_TEXT ? `${alert.text.slice(0, LONGEST_TEXT)}…` : alert.text;
  return bodyOf({ ...alert, text, details: {} }, host);
}
