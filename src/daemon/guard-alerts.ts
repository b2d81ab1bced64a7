/**
 * The guard's alerts: what is told to people elsewhere, and by which way.
 *
 * The guard sends them itself: it has no privileges to lose, and the broker talks to nobody. A way
 * that fails is a health problem until one alert gets through.
 */
import { hostname } from "node:os";
import { type Alert, bodyOf, fieldsOf } from "../alerts/alert.ts";
import { Outbox } from "../alerts/outbox.ts";
import { parseTemplate } from "../alerts/template.ts";
import { parseHeaders, postWebhook, type Webhook } from "../alerts/webhook.ts";
import { parseWebhookUrl } from "../alerts/webhook-url.ts";
import type { Clock } from "../clock.ts";
import type { Settings } from "../config/schema.ts";
import type { HealthTracker } from "../health/tracker.ts";
import type { AlertFiles, WebhookFiles } from "../model/alert-files.ts";
import type { HealthCode } from "../model/health.ts";
import { AlertDesk, type AlertRules } from "./alert-desk.ts";
import { counted } from "./status-sentence.ts";

/** How often (ms) it is looked whether something that waits is due. */
const LOOK_MS = 1000;

/** How long (ms) a guard that ends waits for what is being sent. */
const LEAVE_MS = 2000;

interface GuardAlertsParts {
  readonly values: Settings;
  readonly files: AlertFiles;
  readonly health: HealthTracker;
  readonly clock: Clock;
}

export class GuardAlerts {
  readonly #parts: GuardAlertsParts;
  /** Hears what happens. */
  readonly desk: AlertDesk;
  readonly #webhookBox: Outbox<Alert>;
  #webhook: FilledWebhook | undefined;

  constructor(parts: GuardAlertsParts) {
    this.#parts = parts;
    this.desk = new AlertDesk(rulesOf(parts.values), {
      clock: parts.clock,
      deliver: (alert) => this.#deliver(alert),
    });
    this.#webhook = webhookOf(parts.files.webhook);
    this.#webhookBox = this.#openBox("alert-webhook-failed", "webhook", async (alert) => {
      const webhook = this.#webhook;
      if (webhook === undefined) return { status: "sent" };
      return postWebhook(webhook.to, webhook.fill(alert));
    });
    setInterval(() => this.desk.tick(), LOOK_MS).unref();
  }

  follow(values: Settings): void {
    this.desk.follow(rulesOf(values));
  }

  /** The files were read again. */
  use(files: AlertFiles): void {
    this.#webhook = webhookOf(files.webhook);
  }

  /** Fulfilled when what was being sent is, or {@link LEAVE_MS} have passed. */
  async close(): Promise<void> {
    this.desk.close();
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(() => late.resolve(), LEAVE_MS);
    await Promise.race([this.#webhookBox.close(), late.promise]);
    clearTimeout(timer);
  }

  #deliver(alert: Alert): void {
    if (this.#webhook !== undefined) this.#webhookBox.put(alert);
  }

  #openBox(
    code: Extract<HealthCode, `alert-${string}`>,
    way: string,
    send: ConstructorParameters<typeof Outbox<Alert>>[0]["send"],
  ): Outbox<Alert> {
    const { health } = this.#parts;
    return new Outbox({
      send,
      startTimer: (delayMs, run) => {
        const timer = setTimeout(run, delayMs).unref();
        return () => clearTimeout(timer);
      },
      onSent: () => health.clear(code),
      onFailure: (reason, lost) => {
        const loss = lost > 0 ? `; ${counted(lost, "alert")} lost` : "";
        const text = `Alerts cannot be sent by ${way}: ${reason}${loss}.`;
        health.raise(code, "warning", text, "It is tried again; look at ALERT_* and the network.");
      },
    });
  }
}

interface FilledWebhook {
  readonly to: Webhook;
  readonly fill: (alert: Alert) => string;
}

/** The broker has looked at each of them. */
function webhookOf(files: WebhookFiles | undefined): FilledWebhook | undefined {
  const url = files && parseWebhookUrl(files.url);
  const headers = parseHeaders(files?.headers ?? "");
  if (url === undefined || headers.status === "fault") return undefined;
  const host = hostname();
  const template = files?.template === undefined ? undefined : parseTemplate(files.template);
  if (template?.status === "fault") return undefined;
  return {
    to: { url, headers: headers.headers },
    fill: (alert) => template?.fill(fieldsOf(alert, host)) ?? bodyOf(alert, host),
  };
}

function rulesOf({ ALERT_ON, ALERT_QUIET, ALERT_LIMIT }: Settings): AlertRules {
  return { occasions: ALERT_ON, quiet: ALERT_QUIET, limit: ALERT_LIMIT };
}
