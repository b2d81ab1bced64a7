/**
 * Reads all captures of a replay once: what they show of the machine, and in what order they
 * belong.
 *
 * Several files are one time line, read one after the other in the order of their first packets,
 * as a capture that was cut into pieces. Files of one time, as two interfaces write them, are not
 * interleaved: the packets of the second count as having come at the end of the first.
 */
import type { AddressWords } from "../../net/address-words.ts";
import { CaptureSurvey } from "../../replay/capture-survey.ts";
import type { PortHistory } from "../../replay/port-history.ts";
import { readCapture } from "../../sensors/capture-file.ts";

/** Called after each piece of a file; must not throw. `fileBytes` is 0 where nobody knows. */
export type OnReplayProgress = (file: string, readBytes: number, fileBytes: number) => void;

export interface SurveyedFiles {
  /** In the order in which they are to be read. */
  readonly files: readonly string[];
  /** When the first packet was captured; 0 when there is none. */
  readonly startEpochMs: number;
  /** The addresses that others turn to. */
  readonly own: readonly AddressWords[];
  readonly ports: PortHistory;
  /** Whether some addresses were too many to be counted. */
  readonly isCut: boolean;
}

/** @throws {OperationalError} ERR_CAPTURE when a file cannot be read or is no capture. */
export async function surveyFiles(
  paths: readonly string[],
  onProgress: OnReplayProgress = () => {},
): Promise<SurveyedFiles> {
  const survey = new CaptureSurvey();
  const starts: { path: string; startEpochMs: number | undefined }[] = [];
  for (const path of paths) {
    let startEpochMs: number | undefined;
    await readCapture(
      path,
      (buffer, packet) => {
        startEpochMs ??= packet.seenAtEpochMs;
        survey.observe(buffer, packet);
      },
      (readBytes, fileBytes) => onProgress(path, readBytes, fileBytes),
    );
    starts.push({ path, startEpochMs });
  }
  const ordered = starts.toSorted(
    (a, b) =>
      (a.startEpochMs ?? Number.POSITIVE_INFINITY) - (b.startEpochMs ?? Number.POSITIVE_INFINITY) ||
      0,
  );
  return {
    files: ordered.map(({ path }) => path),
    startEpochMs: ordered[0]?.startEpochMs ?? 0,
    own: survey.roles.own(),
    ports: survey.ports,
    isCut: survey.roles.uncounted > 0 || survey.ports.unlearned > 0,
  };
}
