/**
 * Whether a configuration file may decide what root does: its keys name commands to run.
 *
 * Looked at are the file that was read and the directories that its path leads through, both as it
 * is written and with links resolved. A directory counts by its mode alone: whoever starts a guard
 * in somebody's home directory has named it. Links between the two are not followed one by one.
 */
import { realpathSync, type Stats, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Profile } from "../config-key.ts";
import { directoryOwnersOf, type OwnersFinding, ownersOf } from "../file-owners.ts";

/** What is wrong with a file, and how it is mended. */
export interface LooseFile {
  readonly severity: "fault" | "warning";
  /** Without the file's name: it is the place of the finding. */
  readonly text: string;
}

/**
 * A file or directory that group root or adm can write is a warning in profile portsentry, whose
 * users have had it so for years, and a fault in profile vedette.
 * @param stats of the file that was read.
 * @returns undefined when nobody but root, or the user that we are, can have written it.
 */
export function findLooseness(path: string, stats: Stats, profile: Profile): LooseFile | undefined {
  const found = [
    wordsOf(ownersOf(stats), "", `chown root: ${path}; chmod go-w ${path}`),
    ...directoriesOf(path).map((directory) =>
      wordsOf(
        directoryOwnersOf(statSync(directory)),
        `the directory ${directory}: `,
        `chmod go-w ${directory}`,
      ),
    ),
  ].filter((each) => each !== undefined);
  if (found.length === 0) return undefined;
  const isFault =
    profile === "vedette" || found.some(({ owners }) => owners.status === "strangers");
  const text = found.map(({ words }) => words).join("; ");
  return { severity: isFault ? "fault" : "warning", text };
}

function wordsOf(owners: OwnersFinding, subject: string, remedy: string) {
  if (owners.status === "ours") return undefined;
  const words =
    `${subject}${owners.reason}, and what it says is done as root; ` + `mend it: ${remedy}`;
  return { owners, words };
}

/** Each once, the nearest first. */
function directoriesOf(path: string): readonly string[] {
  return [...new Set([...above(resolve(path)), ...above(realpathSync(path))])];
}

function above(path: string): string[] {
  const directory = dirname(path);
  return directory === path ? [] : [directory, ...above(directory)];
}
