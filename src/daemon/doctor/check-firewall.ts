/** Do other rules of this machine get into a guard's way, or it into theirs? */
import { SENT_MARK } from "../../kernel/table-answers.ts";
import { SENSE_PRIORITY } from "../../kernel/table-sense.ts";
import { formatPorts } from "../../net/port-range.ts";
import { acceptsUntracked, dropsInvalid } from "./connection-state.ts";
import type { Facts } from "./facts.ts";
import type { Check } from "./finding.ts";
import {
  type Chain,
  dropsEverything,
  dropsSomething,
  foreignChains,
  publishedPorts,
  rulesFrom,
} from "./ruleset.ts";

/** Firewalls by what they leave in a listing. */
const FIREWALLS: readonly (readonly [name: string, isIts: (chain: Chain) => boolean])[] = [
  ["firewalld", ({ table }) => /\bfirewalld$/.test(table)],
  ["ufw", ({ name }) => name.startsWith("ufw-") || name.startsWith("ufw6-")],
  ["Docker", ({ name }) => name.startsWith("DOCKER")],
  ["fail2ban", ({ table, name }) => /\bf2b-table$/.test(table) || name.startsWith("f2b-")],
  ["CrowdSec", ({ table }) => /\bcrowdsec/.test(table)],
];

function nameOf({ table, name }: Chain): string {
  return `${table} ${name}`;
}

/** Does the configuration have a guard answer probes? */
function isAnswering({ configuration }: Facts): boolean {
  return configuration.status === "ok" && configuration.answersProbes;
}

/** The answers to a guard's questions belong to no connection. */
export const checkAnswersDropped: Check = (facts) => {
  const { ruleset } = facts;
  if (ruleset.status === "unread" || !isAnswering(facts)) return [];
  const guilty = foreignChains(ruleset.value, ["prerouting", "ingress"]).filter((chain) =>
    dropsInvalid(chain, ruleset.value),
  );
  if (guilty.length === 0) return [];
  return [
    {
      code: "answers-dropped",
      severity: "warning",
      text:
        `Rules at prerouting drop what belongs to no connection (${guilty.map(nameOf).join(", ")}): what ` +
        "sources answer to a guard's questions never arrives, and evidence stays at claimed.",
      action:
        "Move these rules to input or forward, or set CHALLENGE_RATE to 0 and PHANTOM to off.",
    },
  ];
};

/** What a guard sends is not tracked, and an output chain may let out only what is. */
export const checkQuestionsRefused: Check = (facts) => {
  const { ruleset } = facts;
  if (ruleset.status === "unread" || !isAnswering(facts)) return [];
  const guilty = foreignChains(ruleset.value, ["output", "postrouting"]).filter((chain) => {
    const rules = rulesFrom(chain, ruleset.value);
    const isClosed = chain.base?.drops === true || rules.some(dropsEverything);
    const isLetOut = (rule: string) =>
      rule === "accept" || acceptsUntracked(rule) || rule.includes(SENT_MARK);
    return isClosed && !rules.some(isLetOut);
  });
  if (guilty.length === 0) return [];
  return [
    {
      code: "answers-refused",
      severity: "warning",
      text:
        `Rules let out only what they name (${guilty.map(nameOf).join(", ")}), and may drop what a guard ` +
        "asks the sources of probes: evidence would stay at claimed.",
      action: `Let it out: nft insert rule ${nameOf(guilty[0] as Chain)} meta mark ${SENT_MARK} accept`,
    },
  ];
};

export const checkDropsBefore: Check = ({ ruleset }) => {
  if (ruleset.status === "unread") return [];
  const isBefore = ({ base }: Chain) =>
    base !== undefined && (base.hook !== "input" || base.priority < SENSE_PRIORITY);
  const early = foreignChains(ruleset.value, ["ingress", "prerouting", "input"])
    .filter(isBefore)
    .filter(
      (chain) => chain.base?.drops === true || rulesFrom(chain, ruleset.value).some(dropsSomething),
    );
  if (early.length === 0) return [];
  return [
    {
      code: "drops-before",
      severity: "notice",
      text: `Some packets are dropped before a guard sees them: ${early.map(nameOf).join(", ")}.`,
      action:
        "None is needed where that is meant, as with a list of blocked addresses; scans of ports " +
        "that are closed there are not sensed.",
    },
  ];
};

/** Others that flush everything take the table away; it is put back, and says so each time. */
export const checkFlushing: Check = ({ flushingFiles }) =>
  flushingFiles.map((path) => ({
    code: "ruleset-flushed",
    severity: "notice",
    text: `${path} flushes the whole ruleset whenever it is loaded; a guard then puts its table back, with its bans.`,
    action: `To spare that moment, have ${path} flush its own tables only.`,
  }));

export const checkLegacyRules: Check = ({ legacyTables }) => {
  if (legacyTables.length === 0) return [];
  return [
    {
      code: "legacy-rules",
      severity: "notice",
      text: `The old iptables has rules here (tables ${legacyTables.join(", ")}), which nft does not list and this command cannot judge.`,
      action:
        "Look yourself: iptables-legacy-save. Rules in its table raw drop before a guard sees.",
    },
  ];
};

export const checkOtherFirewalls: Check = ({ ruleset }) => {
  if (ruleset.status === "unread") return [];
  const found = FIREWALLS.filter(([, isIts]) => ruleset.value.chains.some(isIts));
  if (found.length === 0) return [];
  return [
    {
      code: "other-firewalls",
      severity: "notice",
      text: `There are rules of ${found.map(([name]) => name).join(", ")}. They go on to hold; a guard has a table of its own and touches no other.`,
      action: "None is needed: a guard also senses scans of ports that they close.",
    },
  ];
};

export const checkPublishedPorts: Check = ({ ruleset }) => {
  if (ruleset.status === "unread") return [];
  const ports = publishedPorts(ruleset.value);
  if (ports.length === 0) return [];
  return [
    {
      code: "published-ports",
      severity: "notice",
      text: `Rules send ports elsewhere, as container engines do: ${formatPorts(ports)}. Bans and holds cover them; probes of them are not sensed, because they are served.`,
      action: "None is needed.",
    },
  ];
};

export const checkOffloading: Check = ({ ruleset }) => {
  if (ruleset.status === "unread" || ruleset.value.offloading.length === 0) return [];
  return [
    {
      code: "flows-offloaded",
      severity: "notice",
      text: `Flowtables (${ruleset.value.offloading.join(", ")}) carry connections past every rule: those that run when a ban begins go on until they end.`,
      action: "None is needed where that is meant.",
    },
  ];
};
