/**
 * The kinds of value a configuration key can have, as builders that each folder's options.ts uses.
 *
 * Every number has both bounds here, so that no setting can make the guard use unbounded memory or
 * the kernel refuse a table. Texts are those between the quotes of the file, unchanged.
 */
import type { ConfigKey, KeyFault, Profile } from "./config-key.ts";
import { formatDuration, parseDurationMs } from "./duration.ts";
import type { PortChoice } from "./net/port-choice.ts";
import type { PortSet } from "./net/port-range.ts";
import { parsePortSet } from "./net/port-range.ts";

/** The protocol has one octet in the IP header. RFC 791 section 3.1. */
const HIGHEST_PROTOCOL = 255;

/** What every kind of key has to be told. */
interface KeyText {
  /** Default text in profile vedette. */
  readonly default: string;
  /** Default text in profile portsentry, where it is another. */
  readonly portsentry?: string;
  readonly about: string;
  readonly asPortSentry?: ConfigKey<unknown>["asPortSentry"];
}

type Parsed<Value> = ReturnType<ConfigKey<Value>["parse"]>;

const ok = <Value>(value: Value): Parsed<Value> => ({ status: "ok", value });

const fault = (expected: string, problem?: string): { readonly status: "fault" } & KeyFault => ({
  status: "fault",
  expected,
  ...(problem === undefined ? {} : { problem }),
});

function describeKey(key: KeyText, expects: string): Omit<ConfigKey<unknown>, "parse"> {
  const defaults: Readonly<Record<Profile, string>> = {
    vedette: key.default,
    portsentry: key.portsentry ?? key.default,
  };
  return { defaults, about: key.about, expects, asPortSentry: key.asPortSentry };
}

/** One of a closed list of texts; `values` says what each means. "" may be among them. */
export function choice<const Value>(
  key: KeyText & { readonly values: Readonly<Record<string, Value>> },
): ConfigKey<Value> {
  const names = Object.keys(key.values).map((name) => (name === "" ? '""' : name));
  const expects = `one of ${names.join(", ")}`;
  return {
    ...describeKey(key, expects),
    // hasOwn: "constructor" is a property of every object and a choice of none.
    parse: (text) =>
      Object.hasOwn(key.values, text) ? ok(key.values[text] as Value) : fault(expects),
  };
}

/**
 * One of a closed list for most ports, and another for some: "banner 23,2323:tarpit 445:reset".
 * `values` says what each name means.
 */
export function choiceByPort<const Value>(
  key: KeyText & { readonly values: Readonly<Record<string, Value>> },
): ConfigKey<PortChoice<Value>> {
  const names = Object.keys(key.values);
  const expects =
    `one of ${names.join(", ")} for most ports, and PORTS:NAME between blanks for others, such as ` +
    `${names[0]} 23,8000-8080:${names.at(-1)}`;
  const read = (piece: string): Parsed<readonly [PortSet | undefined, Value]> => {
    const colon = piece.lastIndexOf(":");
    const name = piece.slice(colon + 1);
    if (!Object.hasOwn(key.values, name)) {
      return fault(expects, `${JSON.stringify(name)} is none of ${names.join(", ")}`);
    }
    const value = key.values[name] as Value;
    if (colon < 0) return ok([undefined, value]);
    const parsing = parsePortSet(piece.slice(0, colon));
    if (parsing.status === "invalid") return fault(expects, parsing.faults.join("; "));
    if (parsing.ports.size === 0) return fault(expects, `${piece} names no port`);
    return ok([parsing.ports, value]);
  };
  return {
    ...describeKey(key, expects),
    parse(text) {
      const byPort = new Map<number, Value>();
      const otherwise: Value[] = [];
      for (const piece of text.split(/\s+/).filter((each) => each !== "")) {
        const parsed = read(piece);
        if (parsed.status === "fault") return parsed;
        const [ports, value] = parsed.value;
        if (ports === undefined) otherwise.push(value);
        for (const port of ports ?? []) {
          if (byPort.has(port)) return fault(expects, `port ${port} is named twice`);
          byPort.set(port, value);
        }
      }
      const [first, ...more] = otherwise;
      if (first === undefined) return fault(expects, "what most ports have is not said");
      if (more.length > 0) return fault(expects, "what most ports have is said twice");
      return ok({ otherwise: first, byPort });
    },
  };
}

/** PortSentry's 0 and 1. */
export function flag(key: KeyText): ConfigKey<boolean> {
  return {
    ...choice({ ...key, values: { 0: false, 1: true } as Readonly<Record<string, boolean>> }),
    expects: "0 (no) or 1 (yes)",
  };
}

/** A whole number; both bounds are allowed. */
export function count(
  key: KeyText & { readonly min: number; readonly max: number },
): ConfigKey<number> {
  const expects = `a whole number from ${key.min} to ${key.max}`;
  return {
    ...describeKey(key, expects),
    parse(text) {
      if (!/^[+-]?\d{1,15}$/.test(text)) return fault(expects);
      const value = Number(text);
      if (value < key.min) return fault(expects, `${value} is below ${key.min}`);
      if (value > key.max) return fault(expects, `${value} is above ${key.max}`);
      return ok(value);
    },
  };
}

interface DurationBounds {
  readonly minMs: number;
  readonly maxMs: number;
}

/** A text and a unit, as ms; both bounds are allowed. */
export function duration(key: KeyText & DurationBounds): ConfigKey<number> {
  const expects = `a duration such as 30s, 5m, 1h or 7d, ${describeBounds(key)}`;
  return {
    ...describeKey(key, expects),
    parse: (text) => parseBounded(text, key, expects),
  };
}

const BYTE_UNITS: Readonly<Record<string, number>> = {
  "": 1,
  K: 1024,
  M: 1024 ** 2,
  G: 1024 ** 3,
  T: 1024 ** 4,
};

/** A size such as 512M, in bytes; units are powers of 1024, both bounds are allowed. */
export function bytes(
  key: KeyText & { readonly minBytes: number; readonly maxBytes: number },
): ConfigKey<number> {
  const bounds = `from ${formatBytes(key.minBytes)} to ${formatBytes(key.maxBytes)}`;
  const expects = `a size such as 64M or 2G, ${bounds}`;
  return {
    ...describeKey(key, expects),
    parse(text) {
      const match = /^(\d{1,15})([KMGT]?)$/i.exec(text);
      if (match === null) return fault(expects);
      const [, number = "", unit = ""] = match;
      const value = Number(number) * (BYTE_UNITS[unit.toUpperCase()] as number);
      if (value < key.minBytes) return fault(expects, `${text} is below the least`);
      if (value > key.maxBytes) return fault(expects, `${text} is above the most`);
      return ok(value);
    },
  };
}

/** "16M": whole units alone, as bounds are. */
function formatBytes(value: number): string {
  const [unit = "", factor = 1] =
    Object.entries(BYTE_UNITS).findLast(([, each]) => value % each === 0 && value >= each) ?? [];
  return `${value / factor}${unit}`;
}

/**
 * Durations between blanks, each as ms: the steps of something that grows. "forever", which stands
 * alone, is an empty list: no step ever ends it.
 */
export function durations(
  key: KeyText & DurationBounds & { readonly maxSteps: number },
): ConfigKey<readonly number[]> {
  const expects =
    `1 to ${key.maxSteps} durations such as 30s, 5m, 1h or 7d between blanks, ` +
    `each ${describeBounds(key)}; or forever`;
  return {
    ...describeKey(key, expects),
    parse(text) {
      const pieces = piecesOf(text);
      if (pieces.length === 1 && pieces[0] === "forever") return ok([]);
      if (pieces.length === 0) return fault(expects);
      if (pieces.length > key.maxSteps) {
        return fault(expects, `${pieces.length} steps are more than ${key.maxSteps}`);
      }
      const steps: number[] = [];
      for (const piece of pieces) {
        const parsed = parseBounded(piece, key, expects);
        if (parsed.status === "fault") return parsed;
        steps.push(parsed.value);
      }
      return ok(steps);
    },
  };
}

/** Ports and ranges between commas; "" is none. */
export function ports(key: KeyText): ConfigKey<PortSet> {
  const expects = "ports from 1 to 65535 and ranges between commas, such as 22,80,8000-8080";
  return {
    ...describeKey(key, expects),
    parse(text) {
      const parsing = parsePortSet(text);
      if (parsing.status === "invalid") return fault(expects, parsing.faults.join("; "));
      return ok(parsing.ports);
    },
  };
}

/** Numbers of IP protocols (IANA) and ranges between commas; "" is none. */
export function protocols(key: KeyText): ConfigKey<PortSet> {
  const expects =
    "numbers of IP protocols from 0 to 255 and ranges between commas, such as 2,88-89";
  return {
    ...describeKey(key, expects),
    parse(text) {
      const parsing = parsePortSet(text, { allowZero: true });
      if (parsing.status === "invalid") return fault(expects);
      const beyond = [...parsing.ports].find((number) => number > HIGHEST_PROTOCOL);
      if (beyond === undefined) return ok(parsing.ports);
      return fault(expects, `${beyond} is above ${HIGHEST_PROTOCOL}`);
    },
  };
}

/** An absolute path, as undefined when it is "". Whether the file exists is the reader's affair. */
export function path(key: KeyText): ConfigKey<string | undefined> {
  const expects = 'an absolute path, or "" for none';
  return {
    ...describeKey(key, expects),
    parse(text) {
      if (text === "") return ok(undefined);
      return text.startsWith("/") ? ok(text) : fault(expects);
    },
  };
}

/** Absolute paths between blanks, at most `maxCount`; none of them can have a blank in it. */
export function paths(key: KeyText & { readonly maxCount: number }): ConfigKey<readonly string[]> {
  const expects = `at most ${key.maxCount} absolute paths between blanks`;
  return {
    ...describeKey(key, expects),
    parse(text) {
      const all = [...new Set(text.split(/\s+/).filter((piece) => piece !== ""))];
      const odd = all.find((each) => !each.startsWith("/"));
      if (odd !== undefined) return fault(expects, `${JSON.stringify(odd)} is no absolute path`);
      if (all.length <= key.maxCount) return ok(all);
      return fault(expects, `${all.length} paths are more than ${key.maxCount}`);
    },
  };
}

/** A free text on one line, as undefined when it is "". */
export function text(
  key: KeyText & {
    /** Longest text, in UTF-16 units. */
    readonly maxCharacters: number;
    /** A token that a text must hold, such as $TARGET$. */
    readonly mustHold?: string;
  },
): ConfigKey<string | undefined> {
  const { maxCharacters, mustHold } = key;
  const holding = mustHold === undefined ? "" : ` that holds ${mustHold}`;
  const expects = `a text of at most ${maxCharacters} characters${holding}, or "" for none`;
  return {
    ...describeKey(key, expects),
    parse(content) {
      if (content === "") return ok(undefined);
      if (content.length > maxCharacters) {
        return fault(expects, `${content.length} characters are more than ${maxCharacters}`);
      }
      if (mustHold !== undefined && !content.includes(mustHold)) {
        return fault(expects, `${mustHold} is missing, so that it would not name the source`);
      }
      return ok(content);
    },
  };
}

/**
 * Network interfaces between blanks or commas; "" is an empty list.
 *
 * The kernel allows nearly any octet in such a name (dev_valid_name in net/core/dev.c). Here only
 * what needs no quoting is allowed, because the names end up in the text of the nftables table.
 */
export function interfaceNames(key: KeyText): ConfigKey<readonly string[]> {
  const expects = "names of network interfaces between blanks, such as eth0 wg0";
  return {
    ...describeKey(key, expects),
    parse(text) {
      const names = piecesOf(text);
      const odd = names.find((name) => !/^[A-Za-z0-9_@.-]{1,15}$/.test(name));
      if (odd === undefined) return ok(names);
      return fault(expects, `${JSON.stringify(odd)} is no name of a network interface`);
    },
  };
}

function piecesOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((piece) => piece !== "");
}

function describeBounds(bounds: DurationBounds): string {
  return `from ${formatDuration(bounds.minMs)} to ${formatDuration(bounds.maxMs)}`;
}

function parseBounded(text: string, bounds: DurationBounds, expects: string): Parsed<number> {
  const valueMs = parseDurationMs(text);
  if (valueMs === undefined) return fault(expects);
  if (valueMs < bounds.minMs) {
    return fault(expects, `${text} is below ${formatDuration(bounds.minMs)}`);
  }
  if (valueMs > bounds.maxMs) {
    return fault(expects, `${text} is above ${formatDuration(bounds.maxMs)}`);
  }
  return ok(valueMs);
}
