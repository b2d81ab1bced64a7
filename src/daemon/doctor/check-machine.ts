/** Is the machine itself in order: other programs, users, its clock, its disk? */
import { counted } from "../../counted.ts";
import type { Check } from "./finding.ts";

const MIB = 1_048_576;
/** Room (bytes) below which a journal will soon not be written, and below which it cannot be. */
const LITTLE_ROOM_BYTES = 64 * MIB;
const NO_ROOM_BYTES = MIB;
const FEW_FILES = 100;

/** A clock may be so far (ms) behind a file that it has just written to a network disk. */
const CLOCK_SLACK_MS = 3_600_000;

/** Each of them makes a guard only watch. */
export const checkNeighbours: Check = ({ neighbours }) =>
  neighbours.map(({ what, why }) => ({
    code: "neighbour",
    severity: "warning",
    text: `${what} does not go together with a sentry: ${why}. A guard only watches beside it.`,
    action:
      "Stop it; or exclude its ports (ADVANCED_EXCLUDE_TCP, ADVANCED_EXCLUDE_UDP) and start the guard with --despite-neighbours.",
  }));

export const checkInterfaces: Check = ({ missingInterfaces }) => {
  if (missingInterfaces.length === 0) return [];
  return [
    {
      code: "no-interface",
      severity: "warning",
      text: `INTERFACES names what this machine does not have: ${missingInterfaces.join(", ")}.`,
      action: "Mend INTERFACES, or wait until it appears.",
    },
  ];
};

export const checkBlocklists: Check = ({ unreadBlocklists }) => {
  if (unreadBlocklists.length === 0) return [];
  return [
    {
      code: "blocklist-unread",
      severity: "warning",
      text: `A guard would not load all blocklists: ${unreadBlocklists.join("; ")}.`,
      action: "Mend the file, or take it out of BLOCKLIST_FILES.",
    },
  ];
};

export const checkUser: Check = ({ hasUser }) => {
  if (hasUser) return [];
  return [
    {
      code: "shared-user",
      severity: "warning",
      text:
        "The user vedette does not exist, so a guard runs as nobody: " +
        "any other process of nobody can read and delete its journal, and kill it.",
      action: "adduser --system --group vedette",
    },
  ];
};

export const checkClock: Check = ({ isClockSynchronised, newestFileEpochMs, nowEpochMs }) => {
  if (newestFileEpochMs !== undefined && newestFileEpochMs - nowEpochMs > CLOCK_SLACK_MS) {
    const now = new Date(nowEpochMs).toISOString();
    return [
      {
        code: "clock-wrong",
        severity: "warning",
        text: `The clock says ${now}, and there are files of Vedette's from after that: bans that are restored end at the wrong time.`,
        action: "Set the clock: timedatectl set-ntp true",
      },
    ];
  }
  if (isClockSynchronised !== false) return [];
  return [
    {
      code: "clock-unsynchronised",
      severity: "notice",
      text: "Nothing keeps the clock right, as far as the kernel knows: times in logs, and those of bans that a restart brings back, go by it.",
      action: "timedatectl set-ntp true",
    },
  ];
};

export const checkDisk: Check = ({ disk }) => {
  if (disk.status === "unread") return [];
  const { path, freeBytes, freeFiles } = disk.value;
  const hasFewFiles = freeFiles !== undefined && freeFiles < FEW_FILES;
  if (freeBytes >= LITTLE_ROOM_BYTES && !hasFewFiles) return [];
  const isFull = freeBytes < NO_ROOM_BYTES || freeFiles === 0;
  const room = hasFewFiles
    ? `room for ${counted(freeFiles, "file")}`
    : `${(freeBytes / MIB).toFixed(1)} MiB free`;
  return [
    {
      code: "disk-full",
      severity: isFull ? "error" : "warning",
      text: `The disk of ${path} has ${room}: the journal ${isFull ? "cannot" : "will soon not"} be written, and a restart forgets what was not.`,
      action: "Make room there, or choose another directory with --state.",
    },
  ];
};
