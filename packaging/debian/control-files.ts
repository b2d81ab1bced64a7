/** Texts of the Debian package's control files, each made from plain values. */

/** Nobody answers for packages that are built here; who publishes them puts a name. */
const MAINTAINER = "Vedette maintainers <maintainers@vedette.invalid>";

export interface ControlValues {
  readonly version: string;
  readonly architecture: "amd64" | "arm64";
  /** KiB, as Installed-Size has it. */
  readonly installedKib: number;
}

/**
 * Puts values into the text of `control.in`.
 * @throws {Error} when the text has a placeholder that nobody fills.
 */
export function fillControl(template: string, values: ControlValues): string {
  const known: Readonly<Record<string, string>> = {
    VERSION: values.version,
    ARCHITECTURE: values.architecture,
    INSTALLED_SIZE: `${values.installedKib}`,
    MAINTAINER,
  };
  return template.replaceAll(/@([A-Z_]+)@/g, (placeholder, name: string) => {
    const value = known[name];
    if (value === undefined) throw new Error(`control.in: ${placeholder} is not known`);
    return value;
  });
}

/** What changed is told in the program's own changelog; dpkg wants one of its form beside it. */
export function describeDebianChangelog(version: string, epochSeconds: number): string {
  return `vedette (${version}) unstable; urgency=medium

  * What changed for operators is in /usr/share/doc/vedette/changelog.gz.

 -- ${MAINTAINER}  ${formatMailDate(epochSeconds)}
`;
}

/** RFC 5322 section 3.3, in UTC: "Mon, 23 Nov 2026 11:25:43 +0000". */
function formatMailDate(epochSeconds: number): string {
  return new Date(epochSeconds * 1000).toUTCString().replace("GMT", "+0000");
}

/** One file or directory of the tree that is packed. */
export interface PackedFile {
  /** Below the root, without a slash at its beginning. */
  readonly path: string;
  readonly kind: "file" | "directory" | "link";
  readonly sizeBytes: number;
}

/** deb-substvars(5), "Installed-Size": whole KiB for each file, and one for anything else. */
export function installedKib(files: readonly PackedFile[]): number {
  return files.reduce(
    (sum, { kind, sizeBytes }) => sum + (kind === "file" ? Math.ceil(sizeBytes / 1024) : 1),
    0,
  );
}
