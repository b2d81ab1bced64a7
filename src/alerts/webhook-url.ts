/** The place that a webhook is sent to. */

/** @returns undefined for what is no URL of HTTP. */
export function parseWebhookUrl(text: string): URL | undefined {
  if (/[\s\p{Cc}]/u.test(text)) return undefined;
  const url = URL.parse(text);
  return url?.protocol === "https:" || url?.protocol === "http:" ? url : undefined;
}
