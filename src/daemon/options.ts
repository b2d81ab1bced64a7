/** Configuration keys of the program as a whole. */
import { choice } from "../key-types.ts";
import type { LogFormat } from "../logger.ts";

/** Keys of this folder by their name in the file. */
export const daemonKeys = {
  LOG_FORMAT: choice<LogFormat>({
    default: "text",
    about: "Form of the lines on the standard output. text: for people. json: one object a line.",
    values: { text: "text", json: "json" },
  }),
};
