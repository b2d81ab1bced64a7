/** The files that alerts need, on the privileged side: who may have written them, what is in them. */
import { parseTemplate } from "../alerts/template.ts";
import { parseHeaders } from "../alerts/webhook.ts";
import { parseWebhookUrl } from "../alerts/webhook-url.ts";
import { whyNotRun } from "../broker/executors/alert-program.ts";
import { isOwnersOnly, readFile } from "../broker/trust/text-file.ts";
import type { Settings } from "../config/schema.ts";
import type { HealthTracker } from "../health/tracker.ts";
import type { AlertFiles, MailFiles, WebhookFiles } from "../model/alert-files.ts";

const MAX_FILE_BYTES = 65_536;

const OTHERS_READ_BIT = 0o004;

type AlertFileSettings = Pick<
  Settings,
  | "ALERT_WEBHOOK"
  | "ALERT_WEBHOOK_TEMPLATE"
  | "ALERT_WEBHOOK_HEADERS"
  | "ALERT_MAIL_TO"
  | "ALERT_SMTP"
  | "ALERT_SMTP_PASSWORD_FILE"
  | "ALERT_COMMAND"
>;

/** Why a way of sending is not used. */
export interface AlertFileFault {
  readonly way: "webhook" | "mail" | "command";
  /** Which key names what is wrong. */
  readonly key: keyof AlertFileSettings;
  /** In words that follow the way, with the path. */
  readonly reason: string;
}

/** Ends the reading of one way; is told, not thrown on. */
class Unusable extends Error {
  readonly key: keyof AlertFileSettings;

  constructor(key: keyof AlertFileSettings, reason: string) {
    super(reason);
    this.key = key;
  }
}

/**
 * Reads all of them anew; a way of which one cannot be used is not used, which is told. What they
 * hold is in no text.
 */
export function readAlertFiles(
  values: AlertFileSettings,
  health: Pick<HealthTracker, "raise" | "clear">,
): AlertFiles {
  const { files, faults } = tryAlertFiles(values);
  if (faults.length === 0) health.clear("alert-file-refused");
  else {
    const told = faults.map(({ way, reason }) => `by ${way}: ${reason}`).join("; nor ");
    const text = `Alerts are not sent ${told}.`;
    health.raise("alert-file-refused", "warning", text, "Mend it and run `vedette reload`.");
  }
  return files;
}

/** The same, telling nobody: the first fault of each way is given back. */
export function tryAlertFiles(values: AlertFileSettings): {
  readonly files: AlertFiles;
  readonly faults: readonly AlertFileFault[];
} {
  const faults: AlertFileFault[] = [];
  const attempt = <Files>(way: AlertFileFault["way"], read: () => Files): Files | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Unusable)) throw error;
      faults.push({ way, key: error.key, reason: error.message });
      return undefined;
    }
  };
  const files = {
    webhook: attempt("webhook", () => readWebhook(values)),
    mail: attempt("mail", () => readMail(values)),
    hasCommand: attempt("command", () => findCommand(values)) ?? false,
  };
  return { files, faults };
}

function readWebhook({
  ALERT_WEBHOOK: place,
  ALERT_WEBHOOK_TEMPLATE: templatePath,
  ALERT_WEBHOOK_HEADERS: headersPath,
}: AlertFileSettings): WebhookFiles | undefined {
  if (place === undefined) return undefined;
  const url = place.startsWith("/") ? readText("ALERT_WEBHOOK", place, "secret").trim() : place;
  if (parseWebhookUrl(url) === undefined)
    throw new Unusable("ALERT_WEBHOOK", `${place} holds no URL of HTTP`);
  const template =
    templatePath === undefined
      ? undefined
      : readText("ALERT_WEBHOOK_TEMPLATE", templatePath, "open");
  const reading = template === undefined ? undefined : parseTemplate(template);
  if (reading?.status === "fault") {
    throw new Unusable("ALERT_WEBHOOK_TEMPLATE", `${templatePath}: ${reading.reason}`);
  }
  const headers =
    headersPath === undefined
      ? undefined
      : readText("ALERT_WEBHOOK_HEADERS", headersPath, "secret");
  const parsed = headers === undefined ? undefined : parseHeaders(headers);
  if (parsed?.status === "fault") {
    throw new Unusable(
      "ALERT_WEBHOOK_HEADERS",
      `${headersPath}:${parsed.line}: it is no header "Name: value" that may be set`,
    );
  }
  return { url, template, headers };
}

function readMail({
  ALERT_MAIL_TO: to,
  ALERT_SMTP: server,
  ALERT_SMTP_PASSWORD_FILE: path,
}: AlertFileSettings): MailFiles | undefined {
  if (to === undefined) return undefined;
  if (server?.user === undefined) return { password: undefined };
  if (path === undefined) {
    const reason = "ALERT_SMTP names a user, and ALERT_SMTP_PASSWORD_FILE no file";
    throw new Unusable("ALERT_SMTP", reason);
  }
  const password = readText("ALERT_SMTP_PASSWORD_FILE", path, "secret").replace(/\r?\n$/, "");
  if (password === "") throw new Unusable("ALERT_SMTP_PASSWORD_FILE", `${path} is empty`);
  return { password };
}

function findCommand({ ALERT_COMMAND: path }: AlertFileSettings): boolean {
  const reason = path === undefined ? undefined : whyNotRun(path);
  if (reason !== undefined) throw new Unusable("ALERT_COMMAND", reason);
  return path !== undefined;
}

/** @param kind a secret file is one that not everybody may read. @throws {Unusable} */
function readText(key: keyof AlertFileSettings, path: string, kind: "secret" | "open"): string {
  const refuse = (reason: string) => new Unusable(key, reason);
  const reading = readFile(path);
  if (reading.status === "absent") throw refuse(`${path} does not exist`);
  if (reading.status === "unreadable") throw refuse(reading.reason);
  const { stats, bytes } = reading;
  if (!isOwnersOnly(stats)) {
    throw refuse(`${path} can be written by others than its owner, root`);
  }
  if (kind === "secret" && (stats.mode & OTHERS_READ_BIT) !== 0) {
    throw refuse(`${path} can be read by everybody (chmod o= ${path})`);
  }
  if (bytes.length > MAX_FILE_BYTES) throw refuse(`${path} is longer than ${MAX_FILE_BYTES} bytes`);
  return bytes.toString("utf8");
}
