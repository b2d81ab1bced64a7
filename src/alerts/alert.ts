/**
 * One alert, and the fields that a template may name.
 *
 * Everything in it is numbers, addresses and our own words, or the text of a health problem, which
 * may hold what a command or another machine said: it is made visible before it is sent.
 */
import { encodeVisibleJson, escapeInvisible } from "../invisible-text.ts";
import type { AlertKind } from "../model/alert-kind.ts";
import type { Severity } from "../model/health.ts";

/** Values of templates; those that an alert does not have are "" or 0. */
interface AlertFacts {
  readonly address?: string;
  readonly ports?: string;
  readonly port_count?: number;
  readonly packets?: number;
  readonly tool?: string;
  readonly evidence?: string;
  readonly outcome?: string;
  readonly until?: string;
  readonly reason?: string;
  readonly campaign?: string;
  /** How many alerts it stands for. Default 1. */
  readonly count?: number;
}

export interface Alert {
  readonly kind: AlertKind;
  readonly severity: Severity;
  readonly atEpochMs: number;
  /** One line. */
  readonly title: string;
  /** One line, or several in a summary. */
  readonly text: string;
  readonly facts: AlertFacts;
  /** What our own JSON has besides: a campaign in the shape of the API's. */
  readonly details: Readonly<Record<string, unknown>>;
}

export type AlertFields = Readonly<Record<string, string | number>>;

/** 1 (least) to 5, as ntfy has them. https://docs.ntfy.sh/publish/, "Message priority". */
const PRIORITIES = { notice: 2, warning: 4, error: 5 } as const satisfies Record<Severity, number>;

/** @param host name of this machine. @returns every field that a template may name. */
export function fieldsOf(alert: Alert, host: string): AlertFields {
  const { kind, severity, facts } = alert;
  return {
    kind,
    severity,
    priority: kind === "convicted" ? 3 : PRIORITIES[severity],
    at: new Date(alert.atEpochMs).toISOString(),
    host: escapeInvisible(host),
    title: escapeInvisible(alert.title),
    text: visibleLines(alert.text),
    address: facts.address ?? "",
    ports: facts.ports ?? "",
    port_count: facts.port_count ?? 0,
    packets: facts.packets ?? 0,
    tool: facts.tool ?? "",
    evidence: facts.evidence ?? "",
    outcome: facts.outcome ?? "",
    until: facts.until ?? "",
    reason: escapeInvisible(facts.reason ?? ""),
    campaign: facts.campaign ?? "",
    count: facts.count ?? 1,
  };
}

/** @returns our own JSON. */
export function bodyOf(alert: Alert, host: string): string {
  const { kind, severity, at, title, text, count } = fieldsOf(alert, host);
  return encodeVisibleJson({
    kind,
    severity,
    at,
    host,
    title,
    text,
    count,
    ...alert.details,
  });
}

/** The line ends are ours. */
function visibleLines(text: string): string {
  return text.split("\n").map(escapeInvisible).join("\n");
}
