/**
 * Sends one alert by mail: plain text, to one server.
 *
 * The library is loaded with the first mail, because it costs some 17 MiB of memory that a guard
 * without mail does not need. It is given finished texts and no files or URLs to read; addresses come
 * from the configuration alone, and a subject is one visible line.
 */

import type { SmtpServer } from "./mail-address.ts";
import type { SendOutcome } from "./outbox.ts";

/** How long (ms) each step of the talk may take, and the whole of it. */
const STEP_TIMEOUT_MS = 10_000;
const SEND_TIMEOUT_MS = 60_000;

/** RFC 5322 section 2.1.1 allows 998 octets a line; people read fewer. */
const LONGEST_SUBJECT = 200;

export interface MailWay {
  readonly server: SmtpServer;
  readonly password: string | undefined;
  readonly from: string;
  readonly to: readonly string[];
}

/** @param subject of one line. Never rejects. */
export async function sendMail(way: MailWay, subject: string, text: string): Promise<SendOutcome> {
  const { server, from, to } = way;
  try {
    const { createTransport } = await import("nodemailer");
    const transport = createTransport(optionsOf(way));
    // One that answers a letter at a time must not hold up the queue.
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error("late")), SEND_TIMEOUT_MS).unref();
    try {
      const sent = transport.sendMail({
        from,
        to: [...to],
        subject: subject.slice(0, LONGEST_SUBJECT),
        text,
        // RFC 3834 section 5: nobody's machine answers it.
        headers: { "Auto-Submitted": "auto-generated" },
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      await Promise.race([sent, late]);
      return { status: "sent" };
    } finally {
      clearTimeout(timer);
      transport.close();
    }
  } catch (error) {
    return failureOf(error, server);
  }
}

function optionsOf({ server, password }: MailWay) {
  const { host, port, tls, user } = server;
  return {
    host,
    port,
    secure: tls === "begin",
    requireTLS: tls === "upgrade",
    ignoreTLS: tls === "none",
    tls: { rejectUnauthorized: true, minVersion: "TLSv1.2" as const },
    ...(user === undefined ? {} : { auth: { user, pass: password ?? "" } }),
    connectionTimeout: STEP_TIMEOUT_MS,
    greetingTimeout: STEP_TIMEOUT_MS,
    socketTimeout: STEP_TIMEOUT_MS,
    dnsTimeout: STEP_TIMEOUT_MS,
    logger: false,
  };
}

/** What a server says may hold what we have said, so that its number alone is told. */
function failureOf(error: unknown, { host }: SmtpServer): SendOutcome {
  if (!(error instanceof Error)) throw error;
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown };
  const said =
    typeof responseCode === "number" ? `answered ${responseCode}` : `${code ?? "failed"}`;
  const isFinal = typeof responseCode === "number" && responseCode >= 500;
  return { status: "failed", reason: `${host}: ${said}`, isFinal };
}
