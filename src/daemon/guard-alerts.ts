/**
 * The guard's alerts: what is told to people elsewhere, and by which way.
 *
 * The guard sends them itself: it has no privileges to lose, and the broker talks to nobody. The
 * operator's program alone is run by the broker. A way that fails is a health problem until one
 * alert gets through.
 */
import { hostname } from "node:os";
import { type Alert, bodyOf, fieldsOf } from "../alerts/alert.ts";
import { DigestTime } from "../alerts/digest-time.ts";
import { type MailWay, sendMail } from "../alerts/mail.ts";
import { Outbox } from "../alerts/outbox.ts";
import { parseTemplate } from "../alerts/template.ts";
import { parseHeaders, postWebhook, type Webhook } from "../alerts/webhook.ts";
import { parseWebhookUrl } from "../alerts/webhook-url.ts";
import type { BrokerClient } from "../broker/client.ts";
import type { Clock } from "../clock.ts";
import type { Settings } from "../config/schema.ts";
import { counted } from "../counted.ts";
import type { HealthTracker } from "../health/tracker.ts";
import type { Stories } from "../journal/stories.ts";
import type { AlertFiles, MailFiles, WebhookFiles } from "../model/alert-files.ts";
import type { HealthCode, HealthProblem } from "../model/health.ts";
import { tellCommand } from "./alert-command.ts";
import { AlertDesk, type AlertRules } from "./alert-desk.ts";
import { digestAlert } from "./alert-digest.ts";

/** How often (ms) it is looked whether something that waits is due. */
const LOOK_MS = 1000;

/** How long (ms) a guard that ends waits for what is being sent. */
const LEAVE_MS = 2000;

interface GuardAlertsParts {
  readonly values: Settings;
  readonly files: AlertFiles;
  readonly broker: Pick<BrokerClient, "alert">;
  /** What the digest is made of. */
  readonly stories: Pick<Stories, "campaigns" | "events">;
  readonly health: HealthTracker;
  /** What is wrong now, the broker's problems included. */
  readonly problems: () => readonly HealthProblem[];
  readonly clock: Clock;
}

export class GuardAlerts {
  readonly #parts: GuardAlertsParts;
  /** Hears what happens. */
  readonly desk: AlertDesk;
  readonly #webhookBox: Outbox<Alert>;
  readonly #mailBox: Outbox<Alert>;
  readonly #commandBox: Outbox<Alert>;
  #values: Settings;
  #files: AlertFiles;
  #webhook: FilledWebhook | undefined;
  #mail: MailWay | undefined;
  /** undefined: none is wanted. */
  #digest: DigestTime | undefined;

  constructor(parts: GuardAlertsParts) {
    this.#parts = parts;
    this.desk = new AlertDesk(rulesOf(parts.values), {
      clock: parts.clock,
      deliver: (alert) => this.#deliver(alert),
    });
    this.#values = parts.values;
    this.#files = parts.files;
    this.#digest = this.#digestTime();
    this.#open();
    this.#webhookBox = this.#openBox("alert-webhook-failed", "webhook", async (alert) => {
      const webhook = this.#webhook;
      if (webhook === undefined) return { status: "sent" };
      return postWebhook(webhook.to, webhook.fill(alert));
    });
    this.#mailBox = this.#openBox("alert-mail-failed", "mail", async (alert) => {
      const way = this.#mail;
      if (way === undefined) return { status: "sent" };
      const { host, title, text } = fieldsOf(alert, hostname());
      return sendMail(way, `[vedette ${host}] ${title}`, `${text}\n`);
    });
    this.#commandBox = this.#openBox("alert-command-failed", "command", async (alert) => {
      if (!this.#files.hasCommand) return { status: "sent" };
      return tellCommand(parts.broker, alert, hostname());
    });
    setInterval(() => this.#look(), LOOK_MS).unref();
  }

  /** The broker has taken `ready`: it runs the operator's program from now on, and not before. */
  start(): void {
    this.#commandBox.release();
  }

  follow(values: Settings): void {
    const hasMoved = values.ALERT_DIGEST !== this.#values.ALERT_DIGEST;
    this.#values = values;
    if (hasMoved) this.#digest = this.#digestTime();
    this.#open();
    this.desk.follow(rulesOf(values));
  }

  /** The files were read again. */
  use(files: AlertFiles): void {
    this.#files = files;
    this.#open();
  }

  /** Fulfilled when what was being sent is, or {@link LEAVE_MS} have passed. */
  async close(): Promise<void> {
    this.desk.close();
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(() => late.resolve(), LEAVE_MS);
    const boxes = Promise.all(
      [this.#webhookBox, this.#mailBox, this.#commandBox].map((box) => box.close()),
    );
    await Promise.race([boxes, late.promise]);
    clearTimeout(timer);
  }

  #deliver(alert: Alert): void {
    if (this.#webhook !== undefined) this.#webhookBox.put(alert);
    if (this.#mail !== undefined) this.#mailBox.put(alert);
    if (this.#files.hasCommand) this.#commandBox.put(alert);
  }

  #open(): void {
    this.#webhook = webhookOf(this.#files.webhook);
    this.#mail = mailOf(this.#values, this.#files.mail);
    // By a way that is gone nothing gets through that would end its problem.
    const { health } = this.#parts;
    if (this.#webhook === undefined) health.clear("alert-webhook-failed");
    if (this.#mail === undefined) health.clear("alert-mail-failed");
    if (!this.#files.hasCommand) health.clear("alert-command-failed");
  }

  #look(): void {
    this.desk.tick();
    const nowEpochMs = Math.round(this.#parts.clock.epochMs());
    if (this.#digest?.take(nowEpochMs) !== true) return;
    this.#deliver(digestAlert(this.#parts.stories, this.#parts.problems(), nowEpochMs));
  }

  #digestTime(): DigestTime | undefined {
    const { ALERT_DIGEST } = this.#values;
    if (ALERT_DIGEST === undefined) return undefined;
    return new DigestTime(ALERT_DIGEST, this.#parts.clock.epochMs());
  }

  #openBox(
    code: Extract<HealthCode, `alert-${string}`>,
    way: string,
    send: ConstructorParameters<typeof Outbox<Alert>>[0]["send"],
  ): Outbox<Alert> {
    const { health } = this.#parts;
    return new Outbox({
      send,
      isHeld: code === "alert-command-failed",
      startTimer: (delayMs, run) => {
        const timer = setTimeout(run, delayMs).unref();
        return () => clearTimeout(timer);
      },
      onSent: () => health.clear(code),
      onFailure: (reason, lost) => {
        const loss = lost > 0 ? `; ${counted(lost, "alert")} lost` : "";
        const text = `Alerts cannot be sent by ${way}: ${reason}${loss}.`;
        const where =
          way === "command" ? "ALERT_COMMAND and what it says" : "ALERT_* and the network";
        health.raise(code, "warning", text, `It is tried again; look at ${where}.`);
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

/** The broker has looked for the password. */
function mailOf(
  { ALERT_MAIL_TO: to, ALERT_MAIL_FROM: from, ALERT_SMTP: server }: Settings,
  files: MailFiles | undefined,
): MailWay | undefined {
  if (to === undefined || server === undefined || files === undefined) return undefined;
  return { server, password: files.password, from: from ?? `vedette@${hostname()}`, to };
}

function rulesOf({ ALERT_ON, ALERT_QUIET, ALERT_LIMIT }: Settings): AlertRules {
  return { occasions: ALERT_ON, quiet: ALERT_QUIET, limit: ALERT_LIMIT };
}
