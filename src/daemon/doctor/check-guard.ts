/** Does a guard run, what does it say of itself, and what would it read? */
import type { Check } from "./finding.ts";

export const checkGuard: Check = ({ guard, isRoot }) => {
  switch (guard.status) {
    case "running":
      return guard.view.health.map(({ code, severity, text, action }) => ({
        code,
        severity,
        text,
        action,
      }));
    case "absent":
      return [
        {
          code: "no-guard",
          severity: "warning",
          text: "No guard is running: nobody is judged. Bans and rules of an earlier one stay in force.",
          action: "Start one: vedette guard, or systemctl start vedette",
        },
      ];
    case "silent":
      return [
        {
          code: "guard-silent",
          severity: isRoot ? "warning" : "notice",
          text: `The guard does not tell how it is: ${guard.reason}.`,
          action: "Ask as root, or as a member of the group vedette.",
        },
      ];
  }
};

export const checkConfiguration: Check = ({ configuration }) => {
  if (configuration.status === "invalid") {
    return configuration.faults.map((fault) => ({
      code: "config-invalid",
      severity: "error",
      text: `${fault}.`,
      action: `Mend it, and look: vedette config check -c ${configuration.path}`,
    }));
  }
  return configuration.warnings.map((warning) => ({
    code: "config-idle",
    severity: "notice",
    text: `${warning}.`,
    action: "Take the key out, or set the one that it needs.",
  }));
};

/** Would a command of the operator's fail under the service? */
export const checkServiceLimits: Check = ({ configuration }) => {
  if (configuration.status === "invalid") return [];
  return configuration.limits.map((limit) => ({
    code: "service-limit",
    severity: "warning",
    text: `${limit}.`,
    action: `See the drop-in that lifts it: vedette config check -c ${configuration.path}`,
  }));
};

/** What was not seen is no proof that all is well. */
export const checkUnseen: Check = ({
  isRoot,
  configuration,
  ruleset,
  listeners,
  unseenSessions,
  lastingTrust,
  disk,
  logGroups,
}) => {
  const readings = [
    // Without them root has another finding, which says more.
    ...(isRoot ? [] : [{ what: "the rules of the firewall", reading: ruleset }]),
    { what: "who listens", reading: listeners },
    // A configuration with faults does not say.
    ...(configuration.status === "ok" ? [{ what: "who is trusted", reading: lastingTrust }] : []),
    { what: "the room for the journal", reading: disk },
    { what: "who reads which NFLOG group", reading: logGroups },
  ];
  const unseen = [
    ...readings.flatMap(({ what, reading }) =>
      reading.status === "unread" ? [`${what} (${reading.reason})`] : [],
    ),
    ...unseenSessions.map((reason) => `who is logged in (${reason})`),
  ];
  if (unseen.length === 0) return [];
  return [
    {
      code: "unseen",
      severity: "notice",
      text: `Not everything could be looked at: ${unseen.join("; ")}.`,
      action: isRoot
        ? "Mend what the reasons say, and ask again."
        : "Ask as root: sudo vedette doctor",
    },
  ];
};
