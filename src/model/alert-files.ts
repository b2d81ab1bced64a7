/** What alerts need from files that root alone may be able to read. */
export interface AlertFiles {
  /** undefined: there is none, or something of it cannot be used, which is told. */
  readonly webhook: WebhookFiles | undefined;
  /** The same. */
  readonly mail: MailFiles | undefined;
  /** Whether there is a program for alerts that can be run; the broker knows which. */
  readonly hasCommand: boolean;
}

export interface WebhookFiles {
  /** May hold a secret, as those of Slack and Discord do: it stands in no text. */
  readonly url: string;
  /** undefined: our own JSON is sent. */
  readonly template: string | undefined;
  /** One "Name: value" a line. */
  readonly headers: string | undefined;
}

export interface MailFiles {
  /** undefined: none is needed. */
  readonly password: string | undefined;
}
