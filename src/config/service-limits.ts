/**
 * Which setting of a systemd service prevents what a command of the operator's does, and what lifts
 * it: the knowledge that `vedette config check` tells and prints a drop-in from.
 *
 * Pure, and made from the settings that are in force, drop-ins included: a drop-in that was written
 * down ends its advice. Programs are known by their names, and files by the rules of
 * systemd.exec(5); what a compiled program does besides is not known.
 */
import { CALL_GROUPS, needsOf, type ProgramNeeds } from "./program-needs.ts";
import type { ServiceUnit } from "./service-unit.ts";
import type { ShellUses } from "./shell-uses.ts";

export interface ServiceLimit {
  /** The setting as it is in force: "ProtectHome=yes". */
  readonly directive: string;
  /** What does not work, as it follows the directive: "keeps /root/bin/notify from being seen". */
  readonly text: string;
  /** Lines of a drop-in's [Service] that lift it. */
  readonly lifts: readonly string[];
}

/** Folders of which ProtectHome speaks. */
const HOMES = ["/home", "/root", "/run/user"];

const TEMPORARY = ["/tmp", "/var/tmp"];

/** What PrivateDevices leaves in /dev. */
const PSEUDO_DEVICE =
  /^\/dev\/(?:null|zero|full|random|urandom|tty|ptmx|log|std(?:in|out|err)|(?:fd|pts|shm|mqueue)(?:\/.*)?)$/;

/** Folders that the service manager makes for a service, by setting. */
const OWN_FOLDERS: Readonly<Record<string, string>> = {
  RuntimeDirectory: "/run",
  StateDirectory: "/var/lib",
  CacheDirectory: "/var/cache",
  LogsDirectory: "/var/log",
  ConfigurationDirectory: "/etc",
};

/** @returns each setting that prevents some of it, with the first thing that it prevents. */
export function findServiceLimits(unit: ServiceUnit, uses: ShellUses): readonly ServiceLimit[] {
  const limits = new Map<string, ServiceLimit>();
  const add = (limit: ServiceLimit | undefined): void => {
    if (limit === undefined) return;
    const name = `${limit.directive}\n${limit.lifts.join("\n")}`;
    if (!limits.has(name)) limits.set(name, limit);
  };
  for (const command of uses.commands) {
    for (const needs of needsOf(command)) {
      for (const limit of programLimits(unit, command.program, needs)) add(limit);
    }
  }
  for (const path of uses.writes) add(writeLimit(unit, resolve(path), path));
  for (const path of uses.reads.filter((each) => !uses.writes.includes(each)))
    add(readLimit(unit, resolve(path), path));
  return [...limits.values()];
}

/** @returns text of a drop-in that lifts all of them, for systemctl edit. */
export function formatDropIn(limits: readonly ServiceLimit[]): string {
  const lines = [...new Set(limits.flatMap(({ lifts }) => lifts))].sort();
  // The wider of the two.
  const isOpen = lines.includes("ProtectHome=no");
  const kept = lines.filter((line) => !isOpen || line !== "ProtectHome=read-only");
  return `[Service]\n${kept.join("\n")}\n`;
}

function programLimits(unit: ServiceUnit, program: string, needs: ProgramNeeds): ServiceLimit[] {
  const limits: ServiceLimit[] = [];
  const limit = (directive: string, text: string, ...lifts: string[]): void => {
    limits.push({ directive, text, lifts });
  };
  const noGain = needs.gains === true && unit.isOn("NoNewPrivileges");
  const gains = "gives it none of the rights that its file grants";
  if (noGain) limit("NoNewPrivileges=yes", `stops ${program}: ${gains}`, "NoNewPrivileges=no");
  const missing = (needs.capabilities ?? []).filter(
    (name) => !unit.lets("CapabilityBoundingSet", name),
  );
  if (missing.length > 0) {
    const list = missing.join(" ");
    limit(
      "CapabilityBoundingSet",
      `stops ${program}: it has no ${list}`,
      `CapabilityBoundingSet=${list}`,
    );
  }
  const denied = (needs.calls ?? []).filter(
    (group) => !unit.lets("SystemCallFilter", group, (name) => CALL_GROUPS[name] ?? []),
  );
  if (denied.length > 0) {
    const list = denied.join(" ");
    limit(
      "SystemCallFilter",
      `stops ${program}: ${list} is not let through`,
      `SystemCallFilter=${list}`,
    );
  }
  const closed = (needs.families ?? []).filter(
    (name) => !unit.lets("RestrictAddressFamilies", name),
  );
  if (closed.length > 0) {
    const list = closed.join(" ");
    const lift = `RestrictAddressFamilies=${list}`;
    limit("RestrictAddressFamilies", `stops ${program}: it may open no ${list} socket`, lift);
  }
  for (const name of (needs.switches ?? []).filter((each) => unit.isOn(each))) {
    limit(`${name}=yes`, `stops ${program}`, `${name}=no`);
  }
  for (const path of needs.writes ?? []) {
    const found = writeLimit(unit, path, program);
    if (found !== undefined) limits.push(found);
  }
  for (const path of needs.reads ?? []) {
    const found = readLimit(unit, path, program);
    if (found !== undefined) limits.push(found);
  }
  return limits;
}

/** @param what is in the way, for people: the path as it was written, or a program. */
function writeLimit(unit: ServiceUnit, path: string, what: string): ServiceLimit | undefined {
  const folder = path.slice(0, Math.max(1, path.lastIndexOf("/")));
  const lift = `ReadWritePaths=${folder}`;
  const hidden = readLimit(unit, path, what);
  const isHome = isBelow(path, HOMES);
  if (hidden !== undefined && !isHome) return hidden;
  if (hidden !== undefined || (isHome && unit.last("ProtectHome") === "read-only")) {
    const directive = hidden?.directive ?? "ProtectHome=read-only";
    const text = `keeps ${what} from being written`;
    return { directive, text, lifts: ["ProtectHome=no", lift] };
  }
  if (isWritable(unit, path)) return undefined;
  const directive = `ProtectSystem=${unit.last("ProtectSystem")}`;
  return { directive, text: `keeps ${what} from being written`, lifts: [lift] };
}

function readLimit(unit: ServiceUnit, path: string, what: string): ServiceLimit | undefined {
  const protectHome = unit.last("ProtectHome") ?? "no";
  const isHidden = unit.isOn("ProtectHome") || protectHome === "tmpfs";
  if (isBelow(path, HOMES) && isHidden) {
    const text = `keeps ${what} from being seen`;
    return { directive: `ProtectHome=${protectHome}`, text, lifts: ["ProtectHome=read-only"] };
  }
  if (isBelow(path, TEMPORARY) && unit.isOn("PrivateTmp")) {
    const text = `makes ${what} another than the one that others see`;
    return {
      directive: "PrivateTmp=yes",
      text,
      lifts: ["PrivateTmp=no", "ReadWritePaths=/tmp /var/tmp"],
    };
  }
  const isDevice = isBelow(path, ["/dev"]) && path !== "/dev" && !PSEUDO_DEVICE.test(path);
  if (!isDevice || !unit.isOn("PrivateDevices")) return undefined;
  const text = `keeps ${what} from being seen`;
  return { directive: "PrivateDevices=yes", text, lifts: ["PrivateDevices=no"] };
}

/** By the longest folder that some setting names, as the mounts lie one in another. */
function isWritable(unit: ServiceUnit, path: string): boolean {
  const open = [
    ...unit.words("ReadWritePaths").map((word) => word.replace(/^[-+]*/, "")),
    ...Object.entries(OWN_FOLDERS).flatMap(([name, root]) =>
      unit.words(name).map((word) => `${root}/${word.split(":")[0]}`),
    ),
    ...(unit.isOn("PrivateTmp") ? TEMPORARY : []),
  ];
  const closed = [
    ...unit.words("ReadOnlyPaths").map((word) => word.replace(/^[-+]*/, "")),
    ...closedBy(unit.last("ProtectSystem") ?? "no"),
  ];
  const longest = (folders: readonly string[]): number =>
    Math.max(-1, ...folders.filter((each) => isBelow(path, [each])).map(({ length }) => length));
  return isBelow(path, ["/dev", "/proc", "/sys"]) || longest(open) >= longest(closed);
}

/** systemd.exec(5), ProtectSystem. */
function closedBy(protectSystem: string): readonly string[] {
  if (protectSystem === "strict") return ["/"];
  if (protectSystem === "full") return ["/usr", "/boot", "/efi", "/etc"];
  return ["1", "yes", "true", "on"].includes(protectSystem) ? ["/usr", "/boot", "/efi"] : [];
}

function isBelow(path: string, folders: readonly string[]): boolean {
  return folders.some((each) => each === "/" || path === each || path.startsWith(`${each}/`));
}

/** Without the links that every Debian has, double slashes, and what only a run decides. */
function resolve(path: string): string {
  return path
    .replace(/\/{2,}/g, "/")
    .replace(/^\/var\/run(?=\/|$)/, "/run")
    .replace(/^\/var\/lock(?=\/|$)/, "/run/lock")
    .replace(/(?<=.)\/$/, "");
}
