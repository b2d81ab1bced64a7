/**
 * Sends one alert to a webhook, by one POST.
 *
 * Redirects are not followed: where they lead, a token would be sent to somebody else. Of the answer
 * nothing but its status is read. No text here holds more of the URL than its host, because its path
 * may be the secret.
 */
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { SendOutcome } from "./outbox.ts";

/** How long (ms) one attempt may take, from the look-up of the name to the answer. */
const SEND_TIMEOUT_MS = 10_000;

/** Longest pause (ms) that an answer's Retry-After is followed in. */
const LONGEST_ASKED_MS = 600_000;

/** Headers that a file may hold. */
const MAX_HEADERS = 20;

/** Ours to set: they say where a request ends and who is asked. */
const OWN_HEADERS = new Set(["host", "content-length", "transfer-encoding", "connection"]);

export type WebhookHeaders = Readonly<Record<string, string>>;

export interface Webhook {
  readonly url: URL;
  readonly headers: WebhookHeaders;
}

/**
 * "Name: value" a line; empty lines and those that begin with # say nothing.
 * @returns the number of the first line that is none, which itself may be secret.
 */
export function parseHeaders(
  text: string,
): { readonly status: "ok"; readonly headers: WebhookHeaders } | { status: "fault"; line: number } {
  const headers: Record<string, string> = {};
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    // RFC 9110 sections 5.1 and 5.5: a token, and visible octets.
    const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x20-\x7e]+?)[ \t]*$/.exec(line);
    const [, name = "", value = ""] = match ?? [];
    const isFull = Object.keys(headers).length >= MAX_HEADERS;
    if (match === null || isFull || OWN_HEADERS.has(name.toLowerCase())) {
      return { status: "fault", line: index + 1 };
    }
    headers[name.toLowerCase()] = value;
  }
  return { status: "ok", headers };
}

/** Never rejects. */
export function postWebhook({ url, headers }: Webhook, body: string): Promise<SendOutcome> {
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  const { promise, resolve } = Promise.withResolvers<SendOutcome>();
  const request = send(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "user-agent": "vedette",
      ...headers,
      "content-length": Buffer.byteLength(body),
    },
    agent: false,
    signal: AbortSignal.timeout(SEND_TIMEOUT_MS),
  });
  request.on("response", (response) => {
    const { statusCode: status = 0 } = response;
    resolve(outcomeOf(status, response.headers["retry-after"], url.host));
    request.destroy();
  });
  // After an answer it is nobody's.
  request.on("error", (error: NodeJS.ErrnoException) => {
    const why = error.name === "AbortError" ? "no answer in time" : (error.code ?? error.message);
    resolve({ status: "failed", reason: `${url.host}: ${why}`, isFinal: false });
  });
  request.end(body);
  return promise;
}

/** What the sender of a 4xx says will be no different the next time, but for two of them. */
function outcomeOf(status: number, retryAfter: string | undefined, host: string): SendOutcome {
  if (status >= 200 && status < 300) return { status: "sent" };
  const reason = `${host} answered ${status}`;
  const isFinal = status < 500 && status !== 408 && status !== 429;
  const seconds = /^\d{1,6}$/.test(retryAfter ?? "") ? Number(retryAfter) : 0;
  const retryAfterMs = Math.min(seconds * 1000, LONGEST_ASKED_MS);
  return { status: "failed", reason, isFinal, retryAfterMs };
}
