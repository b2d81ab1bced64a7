/**
 * Where lines go: the standard output, the system's log, or both.
 *
 * A dialect's lines stand alone on the standard output, because their readers know how they begin;
 * our own have the time and a mark of their level before them. As JSON both are objects. The
 * system's log adds its own time and level, so it gets the text alone, whatever LOG_FORMAT says.
 * What it does not take, because there is none or it is stuck, goes to the standard output instead.
 */
import type { Clock } from "../clock.ts";
import { escapeInvisible } from "../invisible-text.ts";
import { createLogger, type LogFormat, type Logger, type LogOutput } from "../logger.ts";
import type { LogDialect } from "./options.ts";
import type { PatientSyslog } from "./patient-syslog.ts";

export interface OutputOptions {
  /** Never empty. */
  readonly outputs: readonly LogOutput[];
  readonly format: LogFormat;
  readonly dialect: LogDialect;
  /** Whoever makes it closes it: one lasts over every reload. */
  readonly syslog: Pick<PatientSyslog, "send">;
  /** Writes text to the standard output. */
  readonly write: (text: string) => void;
}

export function openOutput(options: OutputOptions, clock: Clock): Logger {
  const { outputs, syslog } = options;
  const stdout = openStdout(options, clock);
  if (!outputs.includes("syslog")) return stdout;
  const isBoth = outputs.includes("stdout");
  return {
    log(level, event, text, fields, reader) {
      const isLost = reader !== "machines" && syslog.send(level, text) === "lost";
      if (isLost || isBoth) stdout.log(level, event, text, fields, reader);
    },
  };
}

function openStdout({ format, dialect, write }: OutputOptions, clock: Clock): Logger {
  if (dialect === "vedette" || format === "json") return createLogger(format, clock, write);
  return {
    log(_level, _event, text, _fields, reader) {
      if (reader !== "machines") write(`${escapeInvisible(text)}\n`);
    },
  };
}
