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
  /** Nothing is measured: figures and section are made of the growth.json of the folder. */
  readonly isRedraw: boolean;
}

const FULL = { settings: { seconds: 5, questions: 15 }, limitMs: 15 * 60_000 };
const QUICK = { settings: { seconds: 2, questions: 5 }, limitMs: 2 * 60_000 };

export const USAGE = `Measures what Vedette costs as that grows which it has to keep, and draws it.

npm run bench:growth -- [--quick] [--only SUBJECT,...] [--out FOLDER] [--page FILE]
npm run bench:growth -- --redraw --out FOLDER [--page FILE]

  --quick              fewer sizes, and two minutes at most; without it, 15 minutes at most
  --only SUBJECT,...   of ${SUBJECTS.map(({ name }) => name).join(", ")}
  --out FOLDER         writes growth.json there, and a figure for each subject (SVG)
  --page FILE          replaces the section "How it grows" of this page, or adds it; without it, the
                       section is printed
  --redraw             makes figures and section of the growth.json in FOLDER, and measures nothing

Measuring needs root, for network namespaces; nothing of the machine's network changes, and Ctrl-C
takes away what was made.

  sudo npm run bench:growth -- --quick
  sudo npm run bench:growth -- --out docs/benchmarks --page docs/BENCHMARKS.md
  npm run bench:growth -- --redraw --out docs/benchmarks --page docs/BENCHMARKS.md`;

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
        redraw: { type: "boolean", default: false },
      },
    });
    if (values.page !== undefined && values.out === undefined) {
      return "--page needs --out: the page shows the figures that lie there";
    }
    if (values.redraw && values.out === undefined) {
      return "--redraw needs --out: the folder in which growth.json lies";
    }
    if (values.redraw && (values.quick || values.only !== undefined)) {
      return "--redraw measures nothing: it has no use for --quick or --only";
    }
    return {
      isHelp: values.help,
      isQuick: values.quick,
      subjects: pick(SUBJECTS, values.only, ({ name }) => name),
      ...(values.quick ? QUICK : FULL),
      folder: values.out,
      page: values.page,
      isRedraw: values.redraw,
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
