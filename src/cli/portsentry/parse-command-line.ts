/**
 * Reads the command lines of PortSentry 1.2 and 2.x.
 *
 * One of 1.2's six words makes it a line of 1.2, which takes no other; everything else is 2.x's,
 * also a line without any word: 1.2 answers that with its usage, and 2.x starts, and what works
 * goes on working. --foreground is known to both, and -c to 1.2: they are ours.
 */
import { resolve } from "node:path";
import { DEFAULT_CONFIG_PATHS } from "../../config/profile.ts";
import type { LogOutput } from "../../logger.ts";
import { OPTIONS_OF_2_X, OPTIONS_OF_BOTH } from "./options.ts";
import type { PortsentryRequest } from "./request.ts";
import { type GivenOption, splitOptions } from "./split-options.ts";
import { HELP_OF_2_X, USAGE_OF_1_2, VERSION_LINE } from "./usage.ts";

export type PortsentryCommandLine =
  | { readonly status: "run"; readonly request: PortsentryRequest }
  /** `text` is the answer, with its line end. */
  | { readonly status: "told"; readonly text: string }
  /** `text` goes where the version whose line it is puts it; the exit status is that version's. */
  | {
      readonly status: "wrong";
      readonly text: string;
      readonly stream: "stdout" | "stderr";
      readonly exitStatus: 1 | 255;
    };

type Modes = Pick<PortsentryRequest, "tcpMode" | "udpMode">;

/** Every process of 1.2 has one transport, so the other is not its affair. */
const MODES_OF_1_2: Readonly<Record<string, Modes>> = {
  "-tcp": { tcpMode: "tcp", udpMode: "" },
  "-stcp": { tcpMode: "stcp", udpMode: "" },
  "-atcp": { tcpMode: "atcp", udpMode: "" },
  "-udp": { tcpMode: "", udpMode: "udp" },
  "-sudp": { tcpMode: "", udpMode: "sudp" },
  "-audp": { tcpMode: "", udpMode: "audp" },
};

/** What 2.x takes for interfaces, and whether the loopback is among them. */
const INTERFACE_ALIASES: Readonly<Record<string, boolean>> = {
  ALL: true,
  any: true,
  ALL_NLO: false,
};

/**
 * @param words without the program's name.
 * @param directory absolute; relative paths begin there.
 */
export function parsePortsentryCommandLine(
  words: readonly string[],
  directory: string,
): PortsentryCommandLine {
  const modeWords = words.filter((word) => Object.hasOwn(MODES_OF_1_2, word));
  if (modeWords.length === 0) return parseLineOf2(words, directory);
  const modes = MODES_OF_1_2[modeWords[0] as string] as Modes;
  const others = words.filter((word) => !modeWords.includes(word));
  const split = splitOptions(others, OPTIONS_OF_BOTH);
  if (modeWords.length > 1 || split.status === "fault" || split.operands.length > 0) {
    return { status: "wrong", text: USAGE_OF_1_2, stream: "stdout", exitStatus: 255 };
  }
  return {
    status: "run",
    request: {
      ...modes,
      dialect: "1.2",
      configPath: configPathIn(split.options, directory),
      interfaces: undefined,
      senseLoopback: undefined,
      isForeground: has(split.options, "foreground"),
      logOutputs: ["syslog"],
      judgesOwnAddresses: false,
      watchesServedPorts: false,
      captureMethod: undefined,
      verbosity: "normal",
    },
  };
}

function parseLineOf2(words: readonly string[], directory: string): PortsentryCommandLine {
  const split = splitOptions(words, OPTIONS_OF_2_X);
  if (split.status === "fault") return wrong(split.text);
  const { options, operands } = split;
  if (has(options, "help")) return { status: "told", text: HELP_OF_2_X };
  if (has(options, "version")) return { status: "told", text: `${VERSION_LINE}\n` };
  if (operands.length > 0) return wrong(`${operands[0]} is no option`);

  const mode = modeIn(options);
  if (mode === "both") return wrong("only one mode can be given, --stealth or --connect");
  const captureMethod = methodIn(options);
  if (captureMethod === "unknown") return wrong("--method is pcap or raw");
  const interfaces = interfacesIn(options);
  if (typeof interfaces === "string") return wrong(interfaces);
  const logOutputs = logOutputsIn(options);
  if (logOutputs === undefined) return wrong("--logoutput is stdout or syslog");
  const isDaemon = has(options, "daemon");
  if (isDaemon && has(options, "foreground")) {
    return wrong("only one of --daemon and --foreground can be given");
  }
  return {
    status: "run",
    request: {
      dialect: "2.x",
      tcpMode: mode,
      udpMode: mode,
      configPath: configPathIn(options, directory),
      ...interfaces,
      isForeground: !isDaemon,
      // Nobody reads the standard output of a daemon.
      logOutputs: isDaemon ? ["syslog"] : logOutputs,
      judgesOwnAddresses: has(options, "disable-local-check"),
      watchesServedPorts: has(options, "disable-service-check"),
      captureMethod,
      verbosity: has(options, "debug") ? "debug" : has(options, "verbose") ? "verbose" : "normal",
    },
  };
}

function wrong(text: string): PortsentryCommandLine {
  const line = `portsentry: ${text}; portsentry --help tells more\n`;
  return { status: "wrong", text: line, stream: "stderr", exitStatus: 1 };
}

function has(options: readonly GivenOption[], name: string): boolean {
  return options.some((option) => option.name === name);
}

function valuesOf(options: readonly GivenOption[], name: string): string[] {
  return options.filter((option) => option.name === name).map(({ value }) => value);
}

/** Of several the last counts, as getopt leaves it. */
function configPathIn(options: readonly GivenOption[], directory: string): string {
  const path = valuesOf(options, "configfile").at(-1);
  return path === undefined ? DEFAULT_CONFIG_PATHS.portsentry : resolve(directory, path);
}

function modeIn(options: readonly GivenOption[]): "stealth" | "connect" | "both" | undefined {
  const isStealth = has(options, "stealth");
  const isConnect = has(options, "connect");
  if (isStealth && isConnect) return "both";
  if (isStealth) return "stealth";
  return isConnect ? "connect" : undefined;
}

/** 2.x looks at the beginning of the word alone. */
function methodIn(options: readonly GivenOption[]): "pcap" | "raw" | "unknown" | undefined {
  const method = valuesOf(options, "method").at(-1);
  if (method === undefined) return undefined;
  return (["pcap", "raw"] as const).find((known) => method.startsWith(known)) ?? "unknown";
}

/** @returns what is wrong, in words, when an alias stands beside anything else. */
function interfacesIn(
  options: readonly GivenOption[],
): Pick<PortsentryRequest, "interfaces" | "senseLoopback"> | string {
  const names = [...new Set(valuesOf(options, "interface"))];
  if (names.length === 0) return { interfaces: undefined, senseLoopback: undefined };
  const alias = names.find((name) => Object.hasOwn(INTERFACE_ALIASES, name));
  if (alias === undefined) return { interfaces: names, senseLoopback: names.includes("lo") };
  if (names.length > 1) return `${alias} stands for interfaces and goes with no other`;
  return { interfaces: [], senseLoopback: INTERFACE_ALIASES[alias] === true };
}

/** @returns undefined when a word is none of the outputs. */
function logOutputsIn(options: readonly GivenOption[]): LogOutput[] | undefined {
  const words = [...new Set(valuesOf(options, "logoutput"))];
  if (!words.every((word): word is LogOutput => word === "stdout" || word === "syslog")) {
    return undefined;
  }
  return words.length === 0 ? ["stdout"] : words;
}
