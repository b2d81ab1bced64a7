/**
 * Lines for people and machines on the standard output, one event a line.
 *
 * What comes from the network is an attacker's text: every value is escaped here, so that no field
 * can forge a line, a field or a terminal sequence. Levels by who must act: `error` the operator
 * now, `warning` the operator soon, `notice` something happened that the guard is for, `info` how
 * it goes, `debug` what only its makers want.
 */
import type { Clock } from "./clock.ts";
import { encodeVisibleJson, escapeInvisible } from "./invisible-text.ts";

export type Level = "error" | "warning" | "notice" | "info" | "debug";

/** Where lines go. */
export type LogOutput = "stdout" | "syslog";

/** `normal`: up to notice. `verbose`: info, too. `debug`: everything. */
export type Verbosity = "normal" | "verbose" | "debug";

/** Values that may stand in a line; anything else is the caller's to format. */
type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Logger {
  /**
   * Writes one line.
   * @param event stable name for machines: "ban". @param text the same in words, for people.
   * @param reader "machines": another line tells people the same, so that there is none as text.
   */
  log(level: Level, event: string, text: string, fields?: Fields, reader?: "machines"): void;
}

/** The text form shows `text`; the JSON form has time, level, event, text and the fields. */
export type LogFormat = "text" | "json";

/** What stands before a text for people; what needs nobody to act has no mark. */
export const LEVEL_MARKS: Readonly<Record<Level, string>> = {
  error: "error: ",
  warning: "warning: ",
  notice: "",
  info: "",
  debug: "",
};

/** A logger that hands each finished line, newline included, to `write`. */
export function createLogger(
  format: LogFormat,
  clock: Clock,
  write: (line: string) => void,
): Logger {
  return {
    log(level, event, text, fields = {}, reader = undefined) {
      const time = new Date(clock.epochMs()).toISOString();
      if (format === "json") {
        write(`${encodeVisibleJson({ time, level, event, text, ...fields })}\n`);
      } else if (reader !== "machines") {
        write(`${time.slice(11, 19)} ${LEVEL_MARKS[level]}${escapeInvisible(text)}\n`);
      }
    },
  };
}
