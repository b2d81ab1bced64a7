/**
 * What `portsentry` says of itself.
 *
 * The sentences are ours. What scripts look for is PortSentry's: the line of 1.2's usage that names
 * the modes, and a first word that says which program this is.
 */
import { VERSION } from "../../version.ts";
import { type DescribedOption, OPTIONS_OF_2_X } from "./options.ts";

/** Where the texts of the help begin, and how wide it is. */
const TEXT_COLUMN = 31;
const HELP_COLUMNS = 100;

/** One line, without a line end. */
export const VERSION_LINE = `Portsentry, by Vedette ${VERSION}`;

/** 1.2 prints its usage on the standard output, whatever was wrong. */
export const USAGE_OF_1_2 = `${VERSION_LINE}

usage: portsentry [-tcp -udp -stcp -atcp -sudp -audp]

Say exactly one of them. It ends with 0 once it goes on without a terminal and watches, or says why
it cannot; with --foreground it stays. -c FILE names another configuration than
/etc/portsentry/portsentry.conf.
portsentry --help tells of the options of PortSentry 2.x, which are known, too.
`;

export const HELP_OF_2_X = `${VERSION_LINE}

usage: portsentry [options]

${OPTIONS_OF_2_X.map(formatOption).join("\n")}

or, as PortSentry 1.2: portsentry -tcp | -udp | -stcp | -sudp | -atcp | -audp [--foreground]
`;

/** "  -v, --verbose             tell more", in as many lines as it needs. */
function formatOption({ letter, name, valueName, about }: DescribedOption): string {
  const short = letter === undefined ? "    " : `-${letter}, `;
  let line = `  ${short}--${name}${valueName === undefined ? "" : ` ${valueName}`}`.padEnd(
    TEXT_COLUMN,
  );
  const lines: string[] = [];
  for (const [index, word] of about.split(" ").entries()) {
    if (line.length + 1 + word.length > HELP_COLUMNS) {
      lines.push(line);
      line = " ".repeat(TEXT_COLUMN);
    }
    line += index > 0 && line.length > TEXT_COLUMN ? ` ${word}` : word;
  }
  return [...lines, line].join("\n");
}
