/** The status in one sentence, as a person would say it. */
import type { StatusView } from "../api/contract.ts";
import { counted } from "../counted.ts";

/** @param watchOnly why nothing is held or banned; undefined when it is. */
export function statusSentence(
  status: Omit<StatusView, "sentence">,
  watchOnly: string | undefined,
): string {
  if (status.state === "absent") {
    const bans = status.banned === 1 ? "1 ban is" : `${counted(status.banned, "ban")} are`;
    return `No guard is running: ${bans} in force in the kernel.`;
  }
  const error = status.health.find(({ severity }) => severity === "error");
  if (error !== undefined) return `Not guarding as it should: ${error.text}`;
  const doing = watchOnly === undefined ? "Guarding" : `Only watching (${watchOnly})`;
  const seen = `${counted(status.probes, "probe")} seen`;
  const now = `${counted(status.held, "source")} held and ${status.banned.toLocaleString("en")} banned now`;
  const problems = status.health.filter(({ severity }) => severity !== "notice").length;
  const health = problems === 0 ? "no problem known" : `${counted(problems, "problem")} below`;
  return `${doing}: ${seen}, ${now}; ${health}.`;
}
