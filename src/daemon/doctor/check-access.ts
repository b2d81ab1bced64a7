/** Could an administrator lock himself out, or somebody else change what a guard goes by? */
import { firstAddressOf, formatPrefix, lengthOf, prefixContains } from "../../net/prefix.ts";
import type { Facts, FileFact } from "./facts.ts";
import type { Check, Finding } from "./finding.ts";

/** Bits of a mode that let somebody run a file; root needs no more than one. */
const MAY_RUN = 0o111;
/** Bits of a mode that let others than the owner write. */
const OTHERS_MAY_WRITE = 0o022;
/** A directory in which everybody may only take away his own (/tmp). */
const STICKY = 0o1000;

/** Logged-in hosts that are trusted for as long as the session lasts, and no longer. */
export const checkLastingTrust: Check = ({ sessions, lastingTrust }) => {
  if (lastingTrust.status === "unread") return [];
  const trusted = lastingTrust.value;
  const alone = sessions.filter(
    ({ prefix }) => !trusted.some((entry) => prefixContains(entry.prefix, firstAddressOf(prefix))),
  );
  if (alone.length === 0) return [];
  const hosts = [...new Set(alone.map(({ prefix }) => formatPrefix(prefix)))];
  const isNobodyTrusted = trusted.length === 0;
  return [
    {
      code: "no-lasting-trust",
      severity: isNobodyTrusted ? "warning" : "notice",
      text:
        `You are logged in from ${hosts.join(", ")}, which is trusted only while you are` +
        `${isNobodyTrusted ? ", and no address is trusted for good" : ""}: after a scan from there nobody gets in.`,
      action: `Trust an address that is yours: vedette trust ${hosts[0]}`,
    },
  ];
};

export const checkTrustEverybody: Check = ({ lastingTrust }) => {
  if (lastingTrust.status === "unread") return [];
  const everybody = lastingTrust.value.filter(({ prefix }) => lengthOf(prefix) === 0);
  return everybody.slice(0, 1).map(({ prefix, why }) => ({
    code: "trust-everybody",
    severity: "warning",
    text: `${formatPrefix(prefix)} is trusted (${why}), which is everybody: nobody is held or banned.`,
    action: "Take it out of the list that names it.",
  }));
};

export const checkFiles: Check = (facts) => facts.files.flatMap((file) => examine(file, facts));

function examine(file: FileFact, { uid, isRoot }: Facts): readonly Finding[] {
  const { path, what, status, isRequired } = file;
  if (status === "absent") {
    if (!isRequired) return [];
    return [
      {
        code: "file-missing",
        severity: "error",
        text: `${path}, ${what}, does not exist.`,
        action: `Make it, or take its name out of the configuration.`,
      },
    ];
  }
  if (status === "unreadable") {
    // Who is not root is not told what a guard of root reads.
    if (!isRoot) return [];
    return [
      {
        code: "file-unreadable",
        severity: "error",
        text: `${path}, ${what}, cannot be read.`,
        action: file.isDirectory
          ? "It is a directory; a file must stand there."
          : "Look at it with ls -l; it must be readable by root.",
      },
    ];
  }
  const may = [0, uid, ...(file.owner === undefined ? [] : [file.owner])];
  if (!may.includes(file.uid)) {
    return [
      {
        code: "file-of-others",
        severity: "error",
        text: `${path}, ${what}, belongs to user ${file.uid}, who can change what a guard goes by.`,
        action: `chown ${file.owner ?? "root"} ${path}`,
      },
    ];
  }
  const isSafeDirectory = file.isDirectory && (file.mode & STICKY) !== 0;
  if ((file.mode & OTHERS_MAY_WRITE) === 0 || isSafeDirectory) return examineMode(file);
  return [
    {
      code: "file-writable",
      severity: "error",
      text: `${path}, ${what}, can be written by others than its owner (mode ${file.mode.toString(8)}).`,
      action: `chmod go-w ${path}`,
    },
  ];
}

function examineMode({ path, what, mode, isProgram }: FileFact): readonly Finding[] {
  if (!isProgram || (mode & MAY_RUN) !== 0) return [];
  return [
    {
      code: "file-not-executable",
      severity: "error",
      text: `${path}, ${what}, cannot be run (mode ${mode.toString(8)}).`,
      action: `chmod +x ${path}`,
    },
  ];
}
