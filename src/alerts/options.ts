/** Configuration keys of alerts. */
import type { ConfigKey } from "../config-key.ts";
import { count, path, text } from "../key-types.ts";
import {
  parseMailAddress,
  parseMailAddresses,
  parseSmtpServer,
  type SmtpServer,
} from "./mail-address.ts";
import { parseQuietHours, parseTimeOfDay, type QuietHours } from "./time-of-day.ts";
import { parseWebhookUrl } from "./webhook-url.ts";

/** What there may be an alert of. */
export type AlertOccasion = "opened" | "convicted" | "closed" | "health";

const OCCASIONS: readonly AlertOccasion[] = ["opened", "convicted", "closed", "health"];

type KeyText = Parameters<typeof text>[0];

/** Words between blanks; "" is none of them. */
function occasions(key: KeyText): ConfigKey<ReadonlySet<AlertOccasion>> {
  const expects = `some of ${OCCASIONS.join(", ")} between blanks, or "" for none`;
  return {
    ...text(key),
    expects,
    parse(content) {
      const words = content.split(/[\s,]+/).filter(Boolean);
      const known = words.filter((word): word is AlertOccasion =>
        (OCCASIONS as readonly string[]).includes(word),
      );
      if (known.length === words.length) return { status: "ok", value: new Set(known) };
      const odd = words.find((word) => !(OCCASIONS as readonly string[]).includes(word));
      const problem = `${JSON.stringify(odd)} is none of ${OCCASIONS.join(", ")}`;
      return { status: "fault", expected: expects, problem };
    },
  };
}

/** What a parser makes of a text, as undefined when it is "". */
function parsed<Value>(
  key: KeyText,
  expects: string,
  parse: (content: string) => Value | undefined,
): ConfigKey<Value | undefined> {
  return {
    ...text(key),
    expects: `${expects}, or "" for none`,
    parse(content) {
      if (content === "") return { status: "ok", value: undefined };
      const value = content.length > key.maxCharacters ? undefined : parse(content);
      if (value !== undefined) return { status: "ok", value };
      return { status: "fault", expected: `${expects}, or "" for none` };
    },
  };
}

/** Longest text of a place. RFC 9110 section 4.1 asks for at least 8000 octets. */
const LONGEST_PLACE = 2000;

/** Keys of this folder by their name in the file. */
export const alertKeys = {
  ALERT_ON: occasions({
    default: "convicted",
    maxCharacters: 100,
    about:
      "What people are alerted of, where a way is set (ALERT_WEBHOOK, ALERT_MAIL_TO, ALERT_COMMAND). opened: a source probes more " +
      "than one unused port. convicted: it is a scan, with what was done about it. closed: the " +
      "whole story when it is over. health: something is wrong with the guard, or is over. One " +
      "alert for each campaign, never one a packet.",
  }),
  ALERT_WEBHOOK: parsed(
    {
      default: "",
      maxCharacters: LONGEST_PLACE,
      about:
        "URL to which each alert is sent by POST, or the path of a file that holds it, because with " +
        "Slack and Discord the URL is the secret. The guard connects to it, redirects are not " +
        "followed, and TLS certificates are checked.",
    },
    "a URL such as https://ntfy.sh, or the absolute path of a file that holds one",
    (content): string | undefined =>
      content.startsWith("/") || parseWebhookUrl(content) !== undefined ? content : undefined,
  ),
  ALERT_WEBHOOK_TEMPLATE: path({
    default: "",
    about:
      "File with the JSON that is sent, with placeholders such as {{title}}: see docs/ALERTS.md, and " +
      "examples/alert-ntfy.json, alert-slack.json and alert-discord.json. Empty: JSON of our own.",
  }),
  ALERT_WEBHOOK_HEADERS: path({
    default: "",
    about:
      'File with more HTTP headers, one "Name: value" a line, such as Authorization: Bearer TOKEN. ' +
      "Root reads it; one that everybody may read is not used.",
  }),
  ALERT_MAIL_TO: parsed<readonly string[]>(
    {
      default: "",
      maxCharacters: LONGEST_PLACE,
      about: "Who gets each alert by mail, such as root@example.org; 10 addresses at the most.",
    },
    "addresses of mail between blanks, such as root@example.org",
    parseMailAddresses,
  ),
  ALERT_MAIL_FROM: parsed(
    {
      default: "",
      maxCharacters: 320,
      about: "The sender of these mails. Empty: vedette@ and the name of this machine.",
    },
    "an address of mail such as vedette@example.org",
    parseMailAddress,
  ),
  ALERT_SMTP: parsed<SmtpServer>(
    {
      default: "smtp://localhost",
      maxCharacters: LONGEST_PLACE,
      about:
        "Server that takes the mail. smtp: STARTTLS, without which nothing is sent; smtps: TLS from the " +
        "beginning; both with a certificate that is checked. A server of this machine that wants no " +
        "user is talked to without.",
    },
    "a server such as smtp://user@mail.example.org:587, without a password",
    parseSmtpServer,
  ),
  ALERT_SMTP_PASSWORD_FILE: path({
    default: "",
    about:
      "File with the password of the user in ALERT_SMTP. Root reads it; one that everybody may read " +
      "is not used.",
  }),
  ALERT_COMMAND: path({
    default: "",
    about:
      "Program that is run for each alert, as root and without arguments, with the alert as a line of " +
      "JSON on its standard input: see docs/ALERTS.md and examples/alert-command.sh. One at a time, " +
      "ended after HOOK_TIMEOUT. Not run where others than root can write it.",
  }),
  ALERT_DIGEST: parsed(
    {
      default: "",
      maxCharacters: 5,
      about:
        "Time of day, in the machine's own time, at which the last 24 hours are told in one alert: scans, " +
        "new bans, ports, tools, sources, problems. Also in quiet hours, and with any ALERT_ON.",
    },
    "a time of day such as 07:00",
    parseTimeOfDay,
  ),
  ALERT_QUIET: parsed<QuietHours>(
    {
      default: "",
      maxCharacters: 20,
      about:
        "Hours of the machine's own time in which nobody is disturbed, such as 22:00-07:00. What " +
        "there is to tell is told in one alert at their end; that nothing is guarded any more, at once.",
    },
    "two times of day such as 22:00-07:00",
    parseQuietHours,
  ),
  ALERT_LIMIT: count({
    default: "20",
    min: 1,
    max: 1000,
    about:
      "Alerts of scans in any hour, and as many of health; what is beyond is counted and told in one " +
      "line. Claims that nobody has answered for, which can be forged, get half of it.",
  }),
};
