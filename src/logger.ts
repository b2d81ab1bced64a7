/**
 * Lines for people and machines on the standard output, one event a line.
 *
 * What comes from the network is an attacker's text: every value is escaped here, so that no field
 * can forge a line, a field or a terminal sequence. Levels by who must act: `error` the operator now,
 * `warning` the operator soon, `notice` something happened that the guard is for, `info` how it goes.
 */
import type { Clock } from "./clock.ts";

export type Level = "error" | "warning" | "notice" | "info";

/** Values that may stand in a line; anything else is the caller's to format. */
export type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Logger {
  /**
   * Writes one line.
   * @param event stable name for machines: "ban". @param text the same in words, for people.
   */
  log(level: Level, event: string, text: string, fields?: Fields): void;
}

/** The text form shows `text`; the JSON form has time, level, event, text and the fields. */
export type LogFormat = "text" | "json";

/** Control characters, quotes' escapes and line ends as \xNN: one event stays one line. */
function escapeControls(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x100
      ? `\\x${code.toString(16).padStart(2, "0")}`
      : `\\u{${code.toString(16)}}`;
  });
}

/** Level marks of the text form; `notice` and `info` need none. */
const MARKS: Readonly<Record<Level, string>> = {
  error: "error: ",
  warning: "warning: ",
  notice: "",
  info: "",
};

/** A logger that hands each finished line, newline included, to `write`. */
export function createLogger(
  format: LogFormat,
  clock: Clock,
  write: (line: string) => void,
): Logger {
  return {
    log(level, event, text, fields = {}) {
      const time = new Date(clock.epochMs()).toISOString();
      if (format === "json") {
        write(`${JSON.stringify({ time, level, event, text, ...fields })}\n`);
      } else {
        write(`${time.slice(11, 19)} ${MARKS[level]}${escapeControls(text)}\n`);
      }
    },
  };
}
