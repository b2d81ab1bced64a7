/** The command line of npm run bench:growth. Pure. */
import { parseArgs } from "node:util";
import { pick } from "../live/request.ts";
import type { GrowthSettings, Subject } from "./subject.ts";
import { SUBJECTS } from "./subjects/all.ts";

export interface GrowthRequest {
  readonly isHelp: boolean;
  readonly isQuick: boolean;
  readonly subjects: readonly Subject[];
  readonly settings: GrowthSettings;
  /** What is not measured by then is left out. Milliseconds. */
  readonly limitMs: number;
  /** Where growth.json and the figures are written. */
  readonly folder: string | undefined;
  /** The page whose section is replaced. */
  readonly page: string | undefined;
}

const FULL = { settings: { seconds: 5, questions: 15 }, limitMs: 15 * 60_000 };
const QUICK = { settings: { seconds: 2, questions: 5 }, limitMs: 2 * 60_000 };

export const USAGE = `npm run bench:growth -- [--quick] [--only SUBJECT,...] [--out FOLDER] [--page FILE]
  subjects: ${SUBJECTS.map(({ name }) => name).join(", ")}
  --out FOLDER   writes growth.json there, and a figure for each subject (SVG)
  --page FILE    replaces the section "How it grows" of this page, or adds it; without it, the
                 section is printed
  At most 15 minutes; --quick takes fewer sizes, and 2 minutes at most. Needs root, for network
  namespaces; nothing of the machine changes.`;

/** @returns what is asked for, or a sentence that says what cannot be. */
export function parseGrowthRequest(args: readonly string[]): GrowthRequest | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        help: { type: "boolean", default: false },
        quick: { type: "boolean", default: false },
        only: { type: "string" },
        out: { type: "string" },
        page: { type: "string" },
      },
    });
    if (values.page !== undefined && values.out === undefined) {
      return "--page needs --out: the page shows the figures that lie there";
    }
    return {
      isHelp: values.help,
      isQuick: values.quick,
      subjects: pick(SUBJECTS, values.only, ({ name }) => name),
      ...(values.quick ? QUICK : FULL),
      folder: values.out,
      page: values.page,
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
