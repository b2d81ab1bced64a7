/** Whom a guard's alerts reach: a webhook and a mail server, each on loopback of a namespace. */
import { join } from "node:path";
import type { Mail } from "../alerts/smtp-server.ts";
import type { LiveProcess } from "./live-process.ts";
import type { Namespace } from "./namespaces.ts";
import { NODE } from "./programs.ts";
import { waitFor } from "./wait-for.ts";

/** What a webhook was sent. */
export interface Taken {
  /** It was answered 503. */
  readonly isRefused: boolean;
  readonly authorization: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** The body as it came. */
  readonly raw: string;
}

export class WebhookReceiver {
  readonly #port: string;
  readonly #child: LiveProcess;

  private constructor(port: string, child: LiveProcess) {
    this.#port = port;
    this.#child = child;
  }

  static async start(namespace: Namespace): Promise<WebhookReceiver> {
    const { port, child } = await startChild(namespace, "webhook-child.ts");
    return new WebhookReceiver(port, child);
  }

  /** @param path /flaky is refused twice. */
  url(path = "/"): string {
    return `http://127.0.0.1:${this.#port}${path}`;
  }

  get taken(): Taken[] {
    return readJson(this.#child) as Taken[];
  }
}

export class MailReceiver {
  readonly #port: string;
  readonly #child: LiveProcess;

  private constructor(port: string, child: LiveProcess) {
    this.#port = port;
    this.#child = child;
  }

  static async start(namespace: Namespace): Promise<MailReceiver> {
    const { port, child } = await startChild(namespace, "mail-child.ts");
    return new MailReceiver(port, child);
  }

  /** For ALERT_SMTP. */
  get url(): string {
    return `smtp://127.0.0.1:${this.#port}`;
  }

  get mails(): ReceivedMail[] {
    return (readJson(this.#child) as Mail[]).map(readMail);
  }
}

/** A mail as its reader sees it. */
export interface ReceivedMail extends Mail {
  /** By their names in small letters. */
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
}

/** RFC 5322 section 2.2.3 (folded headers), RFC 5321 section 4.5.2 (dots), RFC 2045 section 6.7. */
function readMail(mail: Mail): ReceivedMail {
  const end = mail.data.indexOf("\n\n");
  const lines = mail.data
    .slice(0, end)
    .replace(/\n[ \t]+/g, " ")
    .split("\n");
  const headers = new Map(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const body = mail.data.slice(end + 2).replace(/^\./gm, "");
  const isQuoted = headers.get("content-transfer-encoding") === "quoted-printable";
  return { ...mail, headers, text: isQuoted ? unquote(body) : body };
}

function unquote(body: string): string {
  const bytes = body
    .replace(/=\n/g, "")
    .replace(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number(`0x${hex}`)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}

async function startChild(
  namespace: Namespace,
  script: string,
): Promise<{ readonly port: string; readonly child: LiveProcess }> {
  const child = namespace.spawn(NODE, [join(import.meta.dirname, script)]);
  const port = await waitFor(`${script} to listen`, 30_000, () => {
    if (child.isOver) throw new Error(`${script} ended:\n${child.output}`);
    return /^listening (\d+)$/m.exec(child.output)?.[1];
  });
  return { port, child };
}

function readJson(child: LiveProcess): unknown[] {
  return child.lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
}
