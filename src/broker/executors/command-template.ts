/**
 * Puts a source, a port and a mode into PortSentry's response texts.
 *
 * The texts are root's own and may hold any shell; what is put into them comes, in the end, from
 * whoever sends packets, over a guard that is taken to be taken over. So nothing is substituted but
 * a canonical address or prefix, a port number and a word of a closed list, each read again here:
 * digits, hexadecimal letters, ".", ":", "/" and, in hosts.deny alone, brackets. Nothing of that
 * means anything to a shell, inside quotes or outside.
 */
import { type IpAddress, parseIpAddress } from "../../net/ip-address.ts";
import { isPort } from "../../net/port-range.ts";
import {
  familyOfPrefix,
  firstAddressOf,
  formatPrefix,
  type Prefix,
  parsePrefix,
} from "../../net/prefix.ts";
import type { Transport } from "../../net/transport.ts";

/** The texts that have tokens, by their key in the file. */
export type TemplateKey =
  | "KILL_HOSTS_DENY"
  | "KILL_ROUTE"
  | "KILL_RUN_CMD"
  | "UNKILL_ROUTE"
  | "UNKILL_RUN_CMD";

/** What $MODE$ can be, by transport: 1.2's six modes and 2.x's two. */
export const MODES_OF = {
  tcp: ["tcp", "stcp", "atcp", "stealth", "connect"],
  udp: ["udp", "sudp", "audp", "stealth", "connect"],
} as const satisfies Record<Transport, readonly string[]>;

export type ResponseMode = (typeof MODES_OF)[Transport][number];

/**
 * Longest expanded command, in bytes of UTF-8. 1.2 stops at 1,024; the kernel's own bound on one
 * argument is 131,072 (MAX_ARG_STRLEN).
 */
export const MAX_COMMAND_BYTES = 4096;

/** Longest line that the library of hosts_access(5) reads whole: its buffer of 2,048. Bytes. */
export const MAX_HOSTS_DENY_BYTES = 2046;

/** What is put in. */
export interface TokenValues {
  /** A block of one address is written as that address. */
  readonly target: Prefix | IpAddress;
  /** 0 to 65535: port 0 can be probed like any other. */
  readonly port: number;
  readonly mode: ResponseMode;
}

export type Expansion =
  | { readonly status: "expanded"; readonly text: string }
  /** `reason` is worded as 1.2's log line, without its "adminalert:" and its "Skipping.". */
  | { readonly status: "refused"; readonly reason: string };

const TOKENS = /\$(TARGET|PORT|MODE)\$/g;

/** What an address or prefix looks like in hosts.deny. */
const BRACKETED = /\[(?<bracketed>[0-9a-fA-F:.]+)\](?<length>\/\d{1,3})?/;
const PLAIN = /(?<plain>[0-9a-fA-F:./]+)/;

const MODES: ReadonlySet<string> = new Set(Object.values(MODES_OF).flat());

/**
 * Expands every occurrence of $TARGET$, $PORT$ and $MODE$; other text, also other `$`, stays.
 *
 * Refused: a route or a hosts.deny line without $TARGET$, because it would do the same to
 * everybody; values that are not what their types say; a text that is too long; a line break or a
 * NUL, and in hosts.deny a backslash at the end, which would swallow the line after it.
 */
export function expandTemplate(key: TemplateKey, template: string, values: TokenValues): Expansion {
  const refused = (reason: string): Expansion => ({ status: "refused", reason });
  const isLine = key === "KILL_HOSTS_DENY";
  if ((isLine || key === "KILL_ROUTE") && !template.includes("$TARGET$")) {
    return refused(`No target variable specified in ${key} option`);
  }
  const unparsed = (token: string): Expansion =>
    refused(`Error trying to parse ${token} Token for ${key}`);
  const target = canonicalTarget(values.target);
  if (target === undefined) return unparsed("$TARGET$");
  if (!isPort(values.port)) return unparsed("$PORT$");
  if (!MODES.has(values.mode)) return unparsed("$MODE$");
  const words: Readonly<Record<string, string>> = {
    TARGET: isLine ? hostsDenyForm(target) : formatPrefix(target),
    PORT: String(values.port),
    MODE: values.mode,
  };
  const text = template.replace(TOKENS, (token, name: string) => words[name] ?? token);
  if (/[\0\r\n]/.test(text)) return refused(`${key} has a line break or a NUL in it`);
  if (isLine && text.endsWith("\\")) return refused(`${key} ends with a backslash`);
  const maxBytes = isLine ? MAX_HOSTS_DENY_BYTES : MAX_COMMAND_BYTES;
  if (Buffer.byteLength(text) > maxBytes) {
    return refused(`${key} is longer than ${maxBytes} bytes when expanded`);
  }
  return { status: "expanded", text };
}

/**
 * Reads a line of hosts.deny as an expansion of `template`, whatever its port and mode.
 *
 * IPv6 without brackets, as PortSentry 2.x writes it, is understood too, though the library of
 * hosts_access(5) does not.
 * @returns whom the line is about; undefined when the template did not make it.
 */
export function parseHostsDenyLine(template: string, line: string): Prefix | undefined {
  if (!template.includes("$TARGET$")) return undefined;
  const groups = patternOf(template).exec(line)?.groups;
  if (groups === undefined) return undefined;
  const { bracketed, length = "", plain = "" } = groups as Readonly<Record<string, string>>;
  return parsePrefix(bracketed === undefined ? plain : bracketed + length);
}

/** The template as an expression; every later target is the same as the first. */
function patternOf(template: string): RegExp {
  let hasTarget = false;
  const pieces = template.split(/(\$(?:TARGET|PORT|MODE)\$)/).map((piece) => {
    if (piece === "$PORT$") return "\\d{1,5}";
    if (piece === "$MODE$") return "[a-z]{3,7}";
    if (piece !== "$TARGET$") return piece.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
    if (hasTarget) return "\\k<whole>";
    hasTarget = true;
    return `(?<whole>${BRACKETED.source}|${PLAIN.source})`;
  });
  return new RegExp(`^${pieces.join("")}$`);
}

/** hosts_access(5): an IPv6 address stands in brackets, its prefix length behind them. */
function hostsDenyForm(target: Prefix): string {
  if (familyOfPrefix(target) === 4) return formatPrefix(target);
  const first = firstAddressOf(target);
  return formatPrefix(target).replace(first, `[${first}]`);
}

/** @returns undefined when `target` is not the canonical text of an address or prefix. */
function canonicalTarget(target: string): Prefix | undefined {
  const prefix = parsePrefix(target);
  return prefix === target || parseIpAddress(target) === target ? prefix : undefined;
}
