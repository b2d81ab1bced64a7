import { describe, expect, it } from "vitest";
import { ServiceManager } from "../../src/daemon/service-manager.ts";
import { ServiceReport, serviceSentence } from "../../src/daemon/service-report.ts";
import type { HealthProblem, Severity } from "../../src/model/health.ts";

function problem(severity: Severity, text = "Something is wrong."): HealthProblem {
  return { code: "no-nftables", severity, text, action: "Mend it.", sinceEpochMs: 0 };
}

function scene(watchOnly?: string) {
  const told: string[] = [];
  const problems: HealthProblem[] = [];
  const send = (text: string): void => void told.push(text.replace(/(?<=_USEC=)\d+/, "NOW"));
  const manager = new ServiceManager({ send });
  const report = new ServiceReport({ manager, problems: () => problems, watchOnly });
  return { report, problems, heard: () => told.splice(0) };
}

const READY = "READY=1\nSTATUS=Guarding.";
const BEAT = "WATCHDOG=1";
const STARTING = "EXTEND_TIMEOUT_USEC=NOW\nSTATUS=Bringing back the bans of earlier runs.";

describe("ServiceReport", () => {
  it("is ready with the first answered question after the bans were restored, and once", () => {
    const { report, heard } = scene();
    report.guardIsReady();
    expect(heard()).toEqual([]);
    report.progressed();
    report.progressed();
    expect(heard()).toEqual([READY, BEAT, BEAT]);
  });

  it("asks for time as long as a first guard gets on with restoring", () => {
    const { report, heard } = scene();
    report.progressed();
    report.progressed();
    expect(heard()).toEqual([STARTING, STARTING]);
    report.guardIsReady();
    report.progressed();
    expect(heard()).toEqual([READY, BEAT]);
  });

  it("asks for no more time when the next guard comes no farther", () => {
    const { report, heard } = scene();
    report.progressed();
    report.guardIsLost();
    heard();
    report.progressed();
    expect(heard()).toEqual([]);
    report.progressed();
    expect(heard()).toEqual([STARTING]);
  });

  it("feeds the watchdog for a guard that restores, not for one that dies at the same point", () => {
    const { report, heard } = scene();
    report.guardIsReady();
    report.progressed();
    heard();
    report.guardIsLost();
    report.progressed();
    const lost = "STATUS=The guard process is started again; bans and holds stand.";
    expect(heard()).toEqual([lost, BEAT]);
    report.guardIsLost();
    report.progressed();
    expect(heard()).toEqual([]);
    report.guardIsReady();
    report.progressed();
    expect(heard()).toEqual(["STATUS=Guarding.", BEAT]);
  });

  it("says a new sentence when something else is wrong, and the same one not again", () => {
    const { report, problems, heard } = scene();
    report.guardIsReady();
    report.progressed();
    heard();
    problems.push(problem("warning"));
    report.progressed();
    report.progressed();
    expect(heard()).toEqual(["STATUS=Guarding; 1 problem, see vedette status.", BEAT, BEAT]);
  });

  it("is ready again when the last of the reloads is in force, and beats meanwhile", async () => {
    const { report, heard } = scene();
    report.guardIsReady();
    report.progressed();
    heard();
    const first = Promise.withResolvers<void>();
    const second = Promise.withResolvers<void>();
    report.reloading(first.promise);
    report.reloading(second.promise);
    report.progressed();
    first.resolve();
    await first.promise;
    const reloading = "RELOADING=1\nMONOTONIC_USEC=NOW";
    expect(heard()).toEqual([reloading, reloading, BEAT]);
    second.reject(new Error("a bug"));
    await second.promise.catch(() => {});
    await Promise.resolve();
    expect(heard()).toEqual([READY]);
  });

  it("says nothing more but that it stops", () => {
    const { report, heard } = scene();
    report.guardIsReady();
    report.progressed();
    heard();
    report.stopping();
    report.progressed();
    report.guardIsLost();
    expect(heard()).toEqual(["STOPPING=1\nSTATUS=Stopping."]);
  });
});

describe("serviceSentence", () => {
  const two = [problem("warning"), problem("warning")];
  it.each([
    { what: "nothing wrong", problems: [], watchOnly: undefined, says: "Guarding." },
    { what: "a notice", problems: [problem("notice")], watchOnly: undefined, says: "Guarding." },
    {
      what: "two warnings",
      problems: two,
      watchOnly: undefined,
      says: "Guarding; 2 problems, see vedette status.",
    },
    {
      what: "an error",
      problems: [...two, problem("error", "The table is gone.")],
      watchOnly: undefined,
      says: "Not guarding as it should: The table is gone.",
    },
    {
      what: "watching only",
      problems: [],
      watchOnly: "--watch-only",
      says: "Only watching (--watch-only).",
    },
  ])("$what: $says", ({ problems, watchOnly, says }) => {
    expect(serviceSentence(problems, watchOnly)).toBe(says);
  });
});

describe("ServiceManager", () => {
  it("keeps a status on its line, and short", () => {
    const told: string[] = [];
    const manager = new ServiceManager({ send: (text) => told.push(text) });
    manager.status("a\nREADY=1");
    manager.status("x".repeat(201));
    expect(told).toEqual(["STATUS=a?READY=1", `STATUS=${"x".repeat(199)}…`]);
  });

  it("is not told of a reload before it was ready", () => {
    const told: string[] = [];
    const manager = new ServiceManager({ send: (text) => told.push(text) });
    manager.reloading();
    expect(told).toEqual([]);
  });
});
