/** The files that alerts need, on the privileged side: who may have written them, what is in them. */
import { parseTemplate } from "../alerts/template.ts";
import { parseHeaders } from "../alerts/webhook.ts";
import { parseWebhookUrl } from "../alerts/webhook-url.ts";
import { isOwnersOnly, readFile } from "../broker/trust/text-file.ts";
import type { Settings } from "../config/schema.ts";
import type { HealthTracker } from "../health/tracker.ts";
import type { AlertFiles, WebhookFiles } from "../model/alert-files.ts";

const MAX_FILE_BYTES = 65_536;

const OTHERS_READ_BIT = 0o004;

/** Why a way of sending is not used, in words that follow it. Ends a reading; is told, not thrown on. */
class Unusable extends Error {}

type AlertFileSettings = Pick<
  Settings,
  "ALERT_WEBHOOK" | "ALERT_WEBHOOK_TEMPLATE" | "ALERT_WEBHOOK_HEADERS"
>;

/**
 * Reads all of them anew; a way of which one cannot be used is not used, which is told. What they
 * hold is in no text.
 */
export function readAlertFiles(
  values: AlertFileSettings,
  health: Pick<HealthTracker, "raise" | "clear">,
): AlertFiles {
  try {
    const files = { webhook: readWebhook(values) };
    health.clear("alert-file-refused");
    return files;
  } catch (error) {
    if (!(error instanceof Unusable)) throw error;
    health.raise(
      "alert-file-refused",
      "warning",
      `Alerts are not sent by webhook: ${error.message}.`,
      "Mend it and run `vedette reload`.",
    );
    return { webhook: undefined };
  }
}

function readWebhook({
  ALERT_WEBHOOK: place,
  ALERT_WEBHOOK_TEMPLATE: templatePath,
  ALERT_WEBHOOK_HEADERS: headersPath,
}: AlertFileSettings): WebhookFiles | undefined {
  if (place === undefined) return undefined;
  const url = place.startsWith("/") ? readText(place, "secret").trim() : place;
  if (parseWebhookUrl(url) === undefined) throw new Unusable(`${place} holds no URL of HTTP`);
  const template = templatePath === undefined ? undefined : readText(templatePath, "open");
  const reading = template === undefined ? undefined : parseTemplate(template);
  if (reading?.status === "fault") throw new Unusable(`${templatePath}: ${reading.reason}`);
  const headers = headersPath === undefined ? undefined : readText(headersPath, "secret");
  const parsed = headers === undefined ? undefined : parseHeaders(headers);
  if (parsed?.status === "fault") {
    throw new Unusable(
      `${headersPath}:${parsed.line}: it is no header "Name: value" that may be set`,
    );
  }
  return { url, template, headers };
}

/** @param kind a secret file is one that not everybody may read. @throws {Unusable} */
function readText(path: string, kind: "secret" | "open"): string {
  const reading = readFile(path);
  if (reading.status === "absent") throw new Unusable(`${path} does not exist`);
  if (reading.status === "unreadable") throw new Unusable(reading.reason);
  const { stats, bytes } = reading;
  if (!isOwnersOnly(stats)) {
    throw new Unusable(`${path} can be written by others than its owner, root`);
  }
  if (kind === "secret" && (stats.mode & OTHERS_READ_BIT) !== 0) {
    throw new Unusable(`${path} can be read by everybody (chmod o= ${path})`);
  }
  if (bytes.length > MAX_FILE_BYTES)
    throw new Unusable(`${path} is longer than ${MAX_FILE_BYTES} bytes`);
  return bytes.toString("utf8");
}
