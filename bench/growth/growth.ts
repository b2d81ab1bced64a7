/**
 * npm run bench:growth: measures what Vedette costs as that grows which it has to keep, and draws it.
 *
 * Needs root, for network namespaces; nothing of the machine changes. Ctrl-C ends it at once, and
 * what it made is taken away.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { Lab } from "../../test/support/namespaces.ts";
import { VEDETTE } from "../../test/support/programs.ts";
import { loadNow, readMachineFacts } from "../live/machine-facts.ts";
import { Progress } from "../live/progress.ts";
import { spreadOf } from "../live/statistics.ts";
import { figureFile, figureOf, formatGrowth, withGrowth } from "./page.ts";
import { type GrowthRequest, parseGrowthRequest, USAGE } from "./request.ts";
import type { GrowthPoint, GrowthResults } from "./results.ts";
import type { Samples, Subject } from "./subject.ts";
import { SUBJECTS } from "./subjects/all.ts";

/** EX_USAGE, EX_DATAERR and EX_NOPERM of sysexits.h; 128 + SIGINT. */
const EXIT = { incomplete: 1, usage: 64, data: 65, permission: 77, interrupted: 130 };

/** Of the folder. */
const RESULTS = "growth.json";

const beganAtMs = performance.now();
const progress = new Progress();
const say = (line: string): void => progress.say(line);

/** Measures once; when its time is over, the lab is taken down, and with it whatever still runs. */
async function measureWithin(
  subject: Subject,
  size: number,
  { settings, limitMs }: GrowthRequest,
): Promise<Samples> {
  const leftMs = limitMs - (performance.now() - beganAtMs);
  if (leftMs <= 0) throw new Error("no time is left");
  await using lab = await Lab.open();
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("the time of the run is over")), leftMs);
  const measuring = subject.measure(lab, size, settings);
  // After its time is over, nobody asks what became of it.
  measuring.catch(() => undefined);
  try {
    return await Promise.race([measuring, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

/** @returns the sizes that could be measured. */
async function measureSubject(subject: Subject, request: GrowthRequest): Promise<GrowthPoint[]> {
  const points: GrowthPoint[] = [];
  for (const size of sizesOf(subject, request)) {
    const what = `${subject.name}, ${size.toLocaleString("en")}`;
    progress.show(`${what} …`);
    try {
      const samples = await measureWithin(subject, size, request);
      const numbers = Object.fromEntries(
        Object.entries(samples).flatMap(([id, values]) => {
          const spread = spreadOf(values);
          return spread === undefined ? [] : [[id, spread]];
        }),
      );
      points.push({ size, numbers });
      const told = Object.entries(numbers).map(
        ([id, { median }]) => `${id} ${Number(median.toPrecision(3))}`,
      );
      say(`${what}: ${told.join(", ")}`);
    } catch (error) {
      say(`${what}: not measured: ${error instanceof Error ? error.message : error}`);
    }
  }
  return points;
}

function sizesOf({ sizes, quickSizes }: Subject, { isQuick }: GrowthRequest): readonly number[] {
  return isQuick ? quickSizes : sizes;
}

function write(results: GrowthResults, { subjects, folder, page }: GrowthRequest): void {
  const place = folder === undefined ? "." : relative(dirname(page ?? "."), folder) || ".";
  const section = formatGrowth(results, SUBJECTS, place);
  if (folder !== undefined) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, RESULTS), `${JSON.stringify(results, undefined, 2)}\n`);
    for (const subject of subjects) {
      const points = results.subjects[subject.name] ?? [];
      if (points.length > 0) {
        writeFileSync(join(folder, figureFile(subject)), figureOf(subject, points));
      }
    }
  }
  if (page === undefined) process.stdout.write(section);
  else writeFileSync(page, withGrowth(existsSync(page) ? readFileSync(page, "utf8") : "", section));
}

/** @returns the exit status. */
function redraw(request: GrowthRequest): number {
  const file = join(request.folder ?? "", RESULTS);
  try {
    const results = JSON.parse(readFileSync(file, "utf8")) as GrowthResults;
    if (results.version !== 1) throw new Error("not of this version of the benchmark");
    write(results, request);
    return 0;
  } catch (error) {
    say(`${file}: ${error instanceof Error ? error.message : error}`);
    return EXIT.data;
  }
}

/** @returns the exit status. */
async function run(request: GrowthRequest): Promise<number> {
  // Each lab takes down what it has made when the process exits.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => {
      say("ended before its time; nothing is written");
      process.exit(EXIT.interrupted);
    });
  }
  const facts = readMachineFacts({ peers: undefined, program: VEDETTE });
  const measured: Record<string, readonly GrowthPoint[]> = {};
  for (const subject of request.subjects) {
    measured[subject.name] = await measureSubject(subject, request);
  }
  const { settings, subjects } = request;
  const machine = { ...facts, loadAfter: loadNow() };
  write({ version: 1, machine, settings, subjects: measured }, request);
  const missing = subjects.filter(
    (subject) => measured[subject.name]?.length !== sizesOf(subject, request).length,
  );
  if (missing.length > 0) say(`sizes are missing: ${missing.map(({ name }) => name).join(", ")}`);
  return missing.length > 0 ? EXIT.incomplete : 0;
}

const request = parseGrowthRequest(process.argv.slice(2));
if (typeof request === "string") {
  process.stderr.write(`vedette: ${request}\nnpm run bench:growth -- --help says what there is.\n`);
  process.exitCode = EXIT.usage;
} else if (request.isHelp) {
  process.stdout.write(`${USAGE}\n`);
} else if (request.isRedraw) {
  process.exitCode = redraw(request);
} else if (process.getuid?.() !== 0) {
  process.stderr.write("vedette: this makes network namespaces: sudo npm run bench:growth\n");
  process.exitCode = EXIT.permission;
} else {
  process.exitCode = await run(request);
}
