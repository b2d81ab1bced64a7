/**
 * Writes the reference page and the sample file from the schema, so that neither can be wrong.
 *
 * Keys of the sample are commented out: a line without its # is a change, and a later version's
 * better default reaches everybody who has not made one.
 */
import { CONFIG_SECTIONS } from "./schema.ts";

/** Columns of the sample file, comment mark included. */
const SAMPLE_COLUMNS = 78;

/** docs/CONFIGURATION.md. */
export function describeReference(): string {
  const lines = [
    "# Configuration",
    "",
    "<!-- Made by scripts/describe-config.ts from src/*/options.ts: do not change it here. -->",
    "",
    "Vedette reads one file, `/etc/vedette/vedette.conf`, or the one that `-c` names. It has the",
    'syntax of `portsentry.conf`: `KEY="value"`, one a line; `#` begins a comment, at the start',
    "of a line or after a value. Without the file every key has its default. A key that does not",
    "exist, a key that stands twice and a value that does not fit are errors: `vedette config",
    "check` tells all of them at once. `vedette config show` tells what is in force and where it",
    "comes from.",
    "",
    "A file of the name `portsentry.conf`, in whatever directory, selects the profile portsentry:",
    "there everything that PortSentry does not do, and that acts on traffic, is off until its key",
    "is written down. Where that makes another default, it is named after the usual one. Lines of",
    "such a file that PortSentry takes, or passes over in silence, do not stop the start: each is a",
    "warning that says what is in force instead. Ports that are none are errors there, too.",
  ];
  for (const section of CONFIG_SECTIONS) {
    lines.push("", `## ${section.title}`);
    for (const [name, key] of Object.entries(section.keys)) {
      lines.push("", `### ${name}`, "", key.about, "");
      const { vedette, portsentry } = key.defaults;
      lines.push(`- Default: \`${name}="${vedette}"\``);
      if (portsentry !== vedette) {
        lines.push(`- Default in profile portsentry: \`${name}="${portsentry}"\``);
      }
      lines.push(`- Expects: ${key.expects}`);
    }
  }
  return `${lines.join("\n")}\n`;
}

/** examples/vedette.conf. */
export function describeSample(): string {
  const lines = [
    ...comment(
      "Configuration of Vedette, as /etc/vedette/vedette.conf. Every key is here, commented out " +
        "and with its default: take the # away and change the value. Check with " +
        "`vedette config check`.",
    ),
  ];
  for (const section of CONFIG_SECTIONS) {
    lines.push("", "", `# ${section.title}`, `# ${"-".repeat(section.title.length)}`);
    for (const [name, key] of Object.entries(section.keys)) {
      lines.push("", ...comment(key.about), ...comment(`Expects ${key.expects}.`));
      lines.push(`#${name}="${key.defaults.vedette}"`);
    }
  }
  return `${lines.join("\n")}\n`;
}

/** `text` in lines that begin with "# ", broken between words. */
function comment(text: string): string[] {
  const lines: string[] = [];
  let line = "#";
  for (const word of text.split(" ")) {
    if (line !== "#" && line.length + 1 + word.length > SAMPLE_COLUMNS) {
      lines.push(line);
      line = "#";
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}
