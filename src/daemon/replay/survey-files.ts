/**
 * Reads all captures of a replay once: what they show of the machine, and in what order they
 * belong.
 *
 * Several files are one time line, read one after the other in the order of their first packets,
 * as a capture that was cut into pieces. Files of one time, as two interfaces write them, are not
 * interleaved: the packets of the second count as having come at the end of the first.
 */
import { statSync } from "node:fs";
import { OperationalError } from "../../errors.ts";
import type { AddressWords } from "../../net/address-words.ts";
import { CaptureSurvey } from "../../replay/capture-survey.ts";
import { PortHistory } from "../../replay/port-history.ts";
import { readReplayFile } from "./read-replay-file.ts";

/** Called after each piece of a file; must not throw. `fileBytes` is 0 where nobody knows. */
export type OnReplayProgress = (file: string, readBytes: number, fileBytes: number) => void;

export interface SurveyedFiles {
  /** In the order in which they are to be read. */
  readonly files: readonly string[];
  /** When the first packet was captured; undefined: there is none, or nobody has looked. */
  readonly startEpochMs: number | undefined;
  /** The addresses that others turn to. */
  readonly own: readonly AddressWords[];
  readonly ports: PortHistory;
  /** Whether every packet came after the one before; false, too, when nobody has looked. */
  readonly isInOrder: boolean;
  /** What was too much to be learned; one sentence each. */
  readonly notes: readonly string[];
}

/**
 * @param isNeeded false: nothing has to be learned, so that a single file is read once only.
 * @throws {OperationalError} ERR_CAPTURE when a file cannot be read, is no capture or of no link type that is read, ERR_USAGE when
 * one that is no file would have to be read twice.
 */
export async function surveyFiles(
  paths: readonly string[],
  isNeeded = true,
  onProgress: OnReplayProgress = () => {},
): Promise<SurveyedFiles> {
  if (!isNeeded && paths.length === 1) {
    return {
      files: paths,
      startEpochMs: undefined,
      own: [],
      ports: new PortHistory(),
      isInOrder: false,
      notes: [],
    };
  }
  for (const path of paths) requireReadableTwice(path);
  const survey = new CaptureSurvey();
  const starts: { path: string; startEpochMs: number; endEpochMs: number }[] = [];
  let outOfOrder = 0;
  for (const path of paths) {
    let startEpochMs: number | undefined;
    let endEpochMs = 0;
    const { counts } = await readReplayFile(
      path,
      (buffer, packet) => {
        startEpochMs ??= packet.seenAtEpochMs;
        endEpochMs = packet.seenAtEpochMs;
        survey.observe(buffer, packet);
      },
      (readBytes, fileBytes) => onProgress(path, readBytes, fileBytes),
    );
    outOfOrder += counts.outOfOrder;
    // One without packets may stand anywhere.
    starts.push({ path, startEpochMs: startEpochMs ?? Number.MAX_VALUE, endEpochMs });
  }
  const ordered = starts.toSorted((a, b) => a.startEpochMs - b.startEpochMs);
  return {
    files: ordered.map(({ path }) => path),
    startEpochMs: survey.firstAtEpochMs === undefined ? undefined : ordered[0]?.startEpochMs,
    own: survey.roles.own(),
    ports: survey.ports,
    isInOrder:
      outOfOrder === 0 &&
      ordered.every(({ endEpochMs }, index) => {
        const next = ordered[index + 1];
        return next === undefined || endEpochMs <= next.startEpochMs;
      }),
    notes: notesOf(survey),
  };
}

function notesOf({ roles, ports }: CaptureSurvey): string[] {
  const notes: string[] = [];
  if (roles.uncounted > 0) {
    notes.push("There are more addresses than are counted; --ours says which are ours.");
  }
  if (ports.unlearned > 0) {
    notes.push("There are more open ports than are learned; --open says which are open.");
  }
  return notes;
}

function requireReadableTwice(path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined || stats.isFile() || stats.isDirectory()) return;
  const message =
    `${path}: what is no file can be read only once, and without --ours and --open captures are ` +
    "read twice; give both, and no other file";
  throw new OperationalError("ERR_USAGE", message);
}
