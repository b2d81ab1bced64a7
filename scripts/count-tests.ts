/**
 * Prints the closing line "N passed, N failed, N skipped" from vitest's JSON report.
 *
 * Arguments: the report, and the status so far. A check that failed without a failing test (types,
 * lint, a broken report) counts as one failure, so that the line never looks better than the run.
 */
import { readFileSync } from "node:fs";

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numFailedTestSuites: number;
}

const [path = "", status = "1"] = process.argv.slice(2);

function readReport(): Report | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Report;
  } catch {
    // No report: vitest did not get that far, and said why.
    return undefined;
  }
}

const report = readReport();
const failed = report?.numFailedTests ?? 0;
const counted = failed === 0 && status !== "0" ? 1 : failed;
const line = `${report?.numPassedTests ?? 0} passed, ${counted} failed`;
const skipped = report?.numPendingTests ?? 0;
process.stdout.write(`${skipped > 0 ? `${line}, ${skipped} skipped` : line}\n`);
