/**
 * Keys that somebody has set and that another key leaves without effect: told, because a line that
 * looks in force and is not is the worst kind of setting.
 */
import type { ConfigTexts, KeyName, Settings } from "./schema.ts";

/** A key without effect, and why, in words that follow its name. */
interface IdleKey {
  readonly key: KeyName;
  readonly text: string;
}

const KEYS_OF_DETECTORS = {
  trigger: ["SCAN_TRIGGER", "TRIGGER_COUNTS"],
  sequential: ["STRICT", "SCORE_HALF_LIFE"],
} as const satisfies Record<Settings["DETECTOR"], readonly KeyName[]>;

/** Why no TCP probe gets an answer that it would not get without a guard; undefined: one may. */
function whyUnanswered({ TCP_MODE, BLOCK_TCP }: Settings): string | undefined {
  const isSeen = TCP_MODE === "unused" || TCP_MODE === "listed";
  if (!isSeen) return "TCP_MODE watches nothing in the kernel";
  return BLOCK_TCP === "ban" ? undefined : "BLOCK_TCP is 0 or 2, which changes no answer";
}

/** What PHANTOM needs to have any effect, and what it gives one. */
function idlePhantomKeys(settings: Settings, texts: ConfigTexts): IdleKey[] {
  const { PHANTOM, TRAP_PORTS, ADVANCED_EXCLUDE_TCP } = settings;
  if (PHANTOM === "off") {
    const text = "has no effect while PHANTOM is off";
    return (["PHANTOM_ANSWER", "PHANTOM_RATE"] as const).map((key) => ({ key, text }));
  }
  const why = whyUnanswered(settings);
  if (why !== undefined) return [{ key: "PHANTOM", text: `has no effect: ${why}` }];
  if (PHANTOM === "all" || TRAP_PORTS.without(ADVANCED_EXCLUDE_TCP).size > 0) return [];
  const text =
    `traps has no effect: TRAP_PORTS ("${texts.TRAP_PORTS}") has no port that ADVANCED_EXCLUDE_TCP ` +
    `(${texts.ADVANCED_EXCLUDE_TCP}) leaves; expected a trap, or PHANTOM all or off`;
  return [{ key: "PHANTOM", text }];
}

/** Whom the guard asks whether he is there. */
function idleChallenge(settings: Settings): IdleKey[] {
  if (settings.CHALLENGE_RATE === 0) return [];
  const why = whyUnanswered(settings);
  if (settings.PROOF !== "none" && why === undefined) return [];
  const text =
    settings.PROOF === "none"
      ? "has no effect while PROOF is none: nobody is asked"
      : `has no effect: ${why}`;
  return [{ key: "CHALLENGE_RATE", text }];
}

/** What only bans on less than proof go by. */
function idleBanKeys({ PROOF }: Settings): IdleKey[] {
  if (PROOF !== "handshake") return [];
  const text = "has no effect while PROOF is handshake: only proven bans";
  const keys = ["BAN_TIME_CLAIMED", "BAN_TIME_ALIVE", "CLAIMED_BANS"] as const;
  return keys.map((key) => ({ key, text }));
}

/** What has no port is not watched at all. */
function idleOthers({ SENSE_OTHER }: Settings): IdleKey[] {
  if (SENSE_OTHER) return [];
  return [{ key: "OTHER_EXCLUDE", text: "has no effect while SENSE_OTHER is 0" }];
}

/** What is for those who ask over TCP. */
function idleApiKeys({ API_LISTEN }: Settings): IdleKey[] {
  if (API_LISTEN !== undefined) return [];
  const text = "has no effect while API_LISTEN is empty";
  return (["API_TOKEN_FILE", "API_READ_TOKEN_FILE", "API_HOSTS"] as const).map((key) => ({
    key,
    text,
  }));
}

/** What is for ways of alerts that are not set. */
function idleAlertKeys({ ALERT_WEBHOOK, ALERT_MAIL_TO, ALERT_COMMAND }: Settings): IdleKey[] {
  const idle = (keys: readonly KeyName[], text: string) => keys.map((key) => ({ key, text }));
  const hasWebhook = ALERT_WEBHOOK !== undefined;
  const hasMail = ALERT_MAIL_TO !== undefined;
  const webhook = ["ALERT_WEBHOOK_TEMPLATE", "ALERT_WEBHOOK_HEADERS"] as const;
  const mail = ["ALERT_MAIL_FROM", "ALERT_SMTP", "ALERT_SMTP_PASSWORD_FILE"] as const;
  const any = ["ALERT_ON", "ALERT_DIGEST", "ALERT_QUIET", "ALERT_LIMIT"] as const;
  return [
    ...(hasWebhook ? [] : idle(webhook, "has no effect while ALERT_WEBHOOK is empty")),
    ...(hasMail ? [] : idle(mail, "has no effect while ALERT_MAIL_TO is empty")),
    ...(hasWebhook || hasMail || ALERT_COMMAND !== undefined
      ? []
      : idle(any, "has no effect while ALERT_WEBHOOK, ALERT_MAIL_TO and ALERT_COMMAND are empty")),
  ];
}

/** Where nobody is to be shut out, no list shuts anybody out. */
function idleBlocklists({ BLOCK_TCP, BLOCK_UDP }: Settings): IdleKey[] {
  if (BLOCK_TCP === "ban" || BLOCK_UDP === "ban") return [];
  const text = "has no effect: neither BLOCK_TCP nor BLOCK_UDP is 1, and nobody is shut out";
  return [{ key: "BLOCKLIST_FILES", text }];
}

/** Who asks for proof needs something that strangers can connect to. */
function unprovable({ PROOF, PHANTOM, TCP_MODE }: Settings): IdleKey[] {
  if (PROOF !== "handshake" || PHANTOM !== "off" || TCP_MODE === "listen") return [];
  const text =
    "handshake bans nobody while there is nothing to connect to: set PHANTOM, or TCP_MODE to tcp";
  return [{ key: "PROOF", text }];
}

/** @returns the keys among those of which `isSaid` holds that nothing goes by, and why. */
export function findIdleKeys(
  settings: Settings,
  texts: ConfigTexts,
  isSaid: (key: KeyName) => boolean,
): IdleKey[] {
  const other = settings.DETECTOR === "trigger" ? "sequential" : "trigger";
  const text = `has no effect while DETECTOR is ${settings.DETECTOR}: it is for ${other}`;
  const all = [
    ...KEYS_OF_DETECTORS[other].map((key) => ({ key, text })),
    ...idlePhantomKeys(settings, texts),
    ...idleChallenge(settings),
    ...idleBanKeys(settings),
    ...idleOthers(settings),
    ...idleApiKeys(settings),
    ...idleAlertKeys(settings),
    ...idleBlocklists(settings),
    ...unprovable(settings),
  ];
  return all.filter(({ key }) => isSaid(key));
}
