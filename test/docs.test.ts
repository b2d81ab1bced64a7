/** What the documents say about the code, held against the code. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { EXIT_STATUS } from "../src/errors.ts";

const ERROR_CODES = Object.keys(EXIT_STATUS);

const DOCUMENTS = [...globSync("*.md"), ...globSync("docs/**/*.md")].sort();

/** Folders whose files documents name in code marks: `src/net/prefix.ts`. */
const NAMED_FILE = /`((?:bin|docs|examples|scripts|src|test)\/[^`\s<>*…]+)`/g;

/** A type leaves nothing to ask at run time, so its members are read from the text. */
function healthCodes(): string[] {
  const text = readFileSync("src/model/health.ts", "utf8");
  const union = /export type HealthCode =(?<members>[^;]*);/.exec(text)?.groups?.["members"] ?? "";
  return [...union.matchAll(/"([^"]+)"/g)].map(([, code]) => code as string);
}

/** The text under each second heading of a document, by heading. */
function sectionsOf(file: string): Map<string, string> {
  const [, ...sections] = readFileSync(file, "utf8").split(/^## /m);
  return new Map(
    sections.map((section) => {
      const end = section.indexOf("\n");
      return [section.slice(0, end).trim(), section.slice(end).trim()];
    }),
  );
}

describe("docs/ERRORS.md", () => {
  const sections = sectionsOf("docs/ERRORS.md");

  it.each(ERROR_CODES)("has a paragraph for %s, with its exit status", (code) => {
    const status = EXIT_STATUS[code as keyof typeof EXIT_STATUS];
    expect(sections.get(code)).toMatch(new RegExp(`^Exit status ${status}\\. \\S`));
  });

  it("has no paragraph for a code that does not exist", () => {
    expect([...sections.keys()].filter((heading) => !ERROR_CODES.includes(heading))).toEqual([]);
  });
});

describe("docs/HEALTH.md", () => {
  const sections = sectionsOf("docs/HEALTH.md");
  const codes = healthCodes();

  it("is held against codes that were found", () => {
    expect(codes).toContain("table-restored");
  });

  it.each(codes)("has a paragraph for %s", (code) => {
    expect(sections.get(code)).toMatch(/^\S.*\.$/s);
  });

  it("has no paragraph for a code that does not exist", () => {
    expect([...sections.keys()].filter((heading) => !codes.includes(heading))).toEqual([]);
  });
});

describe("docs/DOCTOR.md", () => {
  const sections = sectionsOf("docs/DOCTOR.md");
  const texts = globSync("src/daemon/doctor/check-*.ts").map((file) => readFileSync(file, "utf8"));
  const found = texts.flatMap((text) => [...text.matchAll(/\bcode: "([^"]+)"/g)]);
  const codes = new Set(found.map(([, code]) => code as string));
  // What a guard finds, too, has its paragraph there.
  const own = [...codes].filter((code) => !healthCodes().includes(code));

  it("is held against codes that were found", () => {
    expect(own).toContain("kernel-old");
  });

  it.each(own)("has a paragraph for %s", (code) => {
    expect(sections.get(code)).toMatch(/^\S.*\.$/s);
  });

  it("has no paragraph for a code that does not exist, or that docs/HEALTH.md explains", () => {
    expect([...sections.keys()].filter((heading) => !own.includes(heading))).toEqual([]);
  });
});

describe("README.md", () => {
  const commands = [...readFileSync("README.md", "utf8").matchAll(/^vedette ([a-z-]+)/gm)].map(
    ([, command]) => command as string,
  );

  it("shows every command, and none that does not exist", () => {
    const existing = globSync("src/cli/commands/*.ts").map(
      (file) => /([a-z-]+)\.ts$/.exec(file)?.[1] ?? "",
    );
    expect([...new Set(commands)].sort()).toEqual(existing.sort());
  });
});

describe("CHANGELOG.md", () => {
  it("begins with the version of package.json", () => {
    const manifest = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
    const [newest] = sectionsOf("CHANGELOG.md").keys();
    expect(newest?.split(" ")[0]).toBe(manifest.version);
  });
});

describe.each(DOCUMENTS)("%s", (document) => {
  const text = readFileSync(document, "utf8");

  it("links only to what exists", () => {
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target]) => (target as string).replace(/#.*$/, ""))
      .filter((target) => target !== "" && !/^[a-z]+:/.test(target));
    expect(targets.filter((target) => !existsSync(join(dirname(document), target)))).toEqual([]);
  });

  it("names only files that exist", () => {
    const files = [...text.matchAll(NAMED_FILE)].map(([, file]) => file as string);
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
  });
});
