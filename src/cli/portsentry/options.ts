/** The options that `portsentry` takes, in both versions' words, and what they do here. */
import type { OptionSpec } from "./split-options.ts";

export interface DescribedOption extends OptionSpec {
  /** What its value is called; present where it takes one. */
  readonly valueName?: string;
  /** For people; no sentence: "print what options there are". */
  readonly about: string;
}

/** Ours, which both versions' lines may have. */
export const OPTIONS_OF_BOTH: readonly DescribedOption[] = [
  {
    name: "foreground",
    takesValue: false,
    about: "stay with the terminal (the default of 2.x)",
  },
  {
    name: "configfile",
    letter: "c",
    takesValue: true,
    valueName: "FILE",
    about: "configuration (default: /etc/portsentry/portsentry.conf)",
  },
];

export const OPTIONS_OF_2_X: readonly DescribedOption[] = [
  {
    name: "stealth",
    takesValue: false,
    about: "watch in the kernel, with no port open (the default)",
  },
  { name: "connect", takesValue: false, about: "open the ports and accept whoever comes" },
  {
    name: "method",
    letter: "m",
    takesValue: true,
    valueName: "METHOD",
    about: "how to capture, pcap or raw; both are the same here",
  },
  {
    name: "interface",
    letter: "i",
    takesValue: true,
    valueName: "NAME",
    about:
      "watch this interface; may be repeated. ALL: every one. ALL_NLO: every one but the loopback " +
      "(the default)",
  },
  {
    name: "logoutput",
    letter: "l",
    takesValue: true,
    valueName: "WHERE",
    about: "where to log, stdout (the default) or syslog; may be repeated",
  },
  {
    name: "daemon",
    letter: "D",
    takesValue: false,
    about: "go on without a terminal, and log to syslog; ends with 0 once it watches",
  },
  ...OPTIONS_OF_BOTH,
  {
    name: "disable-local-check",
    letter: "L",
    takesValue: false,
    about: "taken, and without effect: own addresses are told and never banned",
  },
  {
    name: "disable-service-check",
    letter: "S",
    takesValue: false,
    about: "watch ports that a service has, too",
  },
  { name: "verbose", letter: "v", takesValue: false, about: "tell more" },
  { name: "debug", letter: "d", takesValue: false, about: "tell everything" },
  { name: "help", letter: "h", takesValue: false, about: "print what options there are" },
  { name: "version", letter: "V", takesValue: false, about: "print the version" },
];
