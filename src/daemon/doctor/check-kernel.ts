/** Does the kernel have what a guard needs? */
import type { Check } from "./finding.ts";

/** Debian 11's; what the rules ask of nftables was not all there before. */
const OLDEST_FIT = { major: 5, minor: 10 };

export const checkKernelAge: Check = ({ kernelRelease }) => {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(kernelRelease) ?? [];
  if (major === undefined || minor === undefined) return [];
  const isOlder =
    Number(major) < OLDEST_FIT.major ||
    (Number(major) === OLDEST_FIT.major && Number(minor) < OLDEST_FIT.minor);
  if (!isOlder) return [];
  const oldest = `${OLDEST_FIT.major}.${OLDEST_FIT.minor}`;
  return [
    {
      code: "kernel-old",
      severity: "warning",
      text: `Linux ${kernelRelease} is older than ${oldest}, and Vedette was not made for it.`,
      action: 'Look whether all of it works: "vedette selftest". A newer kernel is the remedy.',
    },
  ];
};

/** What opens nftables itself: the library, and the kernel's part. */
export const checkNftables: Check = ({ isRoot, ruleset }) => {
  if (!isRoot || ruleset.status === "read") return [];
  return [
    {
      code: "no-nftables",
      severity: "error",
      text: `nftables cannot be used: ${ruleset.reason}. Nothing is sensed, held or banned by the kernel.`,
      action: "Do what the reason says, and ask again.",
    },
  ];
};

export const checkFeatures: Check = ({ isRoot, features, ruleset, configuration }) => {
  if (features.status === "unread") {
    // What keeps it from being tried is told by itself then.
    const isTold = !isRoot || ruleset.status === "unread" || configuration.status === "invalid";
    if (isTold) return [];
    return [
      {
        code: "features-untried",
        severity: "notice",
        text: `What the kernel can do could not be tried in a private network: ${features.reason}.`,
        action: "None is needed if the guard starts; in a container, look on the host.",
      },
    ];
  }
  return features.value.map(({ what, reason }) => ({
    code: "feature-missing",
    severity: "error",
    text: `The kernel does not have ${what}: ${reason}.`,
    action: "Load the module that is named (modprobe), or boot a kernel that has it.",
  }));
};

/** The first socket of a process is numbered by its pid, and others by numbers that no pid has. */
const LARGEST_PID = 4_194_304;

export const checkLogGroup: Check = ({ configuration, guard, logGroups }) => {
  if (configuration.status !== "ok" || guard.status !== "absent") return [];
  const group = configuration.values.NFLOG_GROUP;
  const reader = logGroups.status === "read" ? logGroups.value.get(group) : undefined;
  if (reader === undefined) return [];
  const who = reader <= LARGEST_PID ? ` (pid ${reader})` : "";
  return [
    {
      code: "log-group-taken",
      severity: "error",
      text: `Somebody else reads the NFLOG group ${group}${who}: no guard can start here.`,
      action:
        "If that is a guard with another --run directory, name the same; else stop that program, or " +
        "choose another NFLOG_GROUP.",
    },
  ];
};

/** The reverse-path filter stands before every chain: what it drops, nobody senses. */
export const checkReversePath: Check = ({ uplinks, strictInterfaces }) => {
  const strict = uplinks.filter((uplink) => strictInterfaces.includes(uplink));
  if (uplinks.length < 2 || strict.length === 0) return [];
  return [
    {
      code: "strict-reverse-path",
      severity: "notice",
      text:
        `This machine has several uplinks (${uplinks.join(", ")}), and ${strict.join(", ")} drops what ` +
        "would be answered by another one: such probes are not sensed.",
      action: `If packets are to come in by any of them: sysctl net.ipv4.conf.${strict[0]}.rp_filter=2`,
    },
  ];
};
