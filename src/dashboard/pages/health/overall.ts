/** How the guard is in one line, from what it says is wrong and what it has lost. */
import type { HealthView, StatusView } from "../../../api/contract.ts";

export interface Overall {
  readonly tone: "green" | "slate" | "amber" | "red";
  readonly title: string;
}

type Severity = HealthView["severity"];

const ORDER: readonly Severity[] = ["error", "warning", "notice"];

/** The worst first; those of one severity with the latest first. */
export function byUrgency(problems: readonly HealthView[]): readonly HealthView[] {
  return problems.toSorted(
    (one, other) =>
      ORDER.indexOf(one.severity) - ORDER.indexOf(other.severity) ||
      Date.parse(other.since) - Date.parse(one.since),
  );
}

export function overallOf({ state, health }: Pick<StatusView, "state" | "health">): Overall {
  const worst = byUrgency(health)[0]?.severity;
  const many = health.filter(({ severity }) => severity === worst).length;
  switch (worst) {
    case "error":
      return { tone: "red", title: many === 1 ? "One error" : `${many} errors` };
    case "warning":
      return { tone: "amber", title: many === 1 ? "One warning" : `${many} warnings` };
    case "notice":
      return { tone: "slate", title: many === 1 ? "One notice" : `${many} notices` };
    case undefined:
      return state === "guarding" || state === "watching"
        ? { tone: "green", title: "All is well" }
        : { tone: "slate", title: "Not guarding" };
  }
}
