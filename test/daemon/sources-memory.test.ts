import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SourcesMemory } from "../../src/daemon/sources-memory.ts";
import { MAX_SAVED_BYTES } from "../../src/detectors/saved-sources.ts";
import { HealthTracker } from "../../src/health/tracker.ts";

/** A detector whose memory is a text; "damaged" is none. */
class FakeDetector {
  memory = "";

  save(): Uint8Array {
    return new TextEncoder().encode(this.memory);
  }

  restore(bytes: Uint8Array): number | undefined {
    const text = new TextDecoder().decode(bytes);
    if (text === "damaged") return undefined;
    this.memory = text;
    return text.length;
  }
}

describe("SourcesMemory", () => {
  let directory: string;
  let path: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "vedette-sources-"));
    path = join(directory, "sources.saved");
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function build() {
    const detector = new FakeDetector();
    const health = new HealthTracker(
      () => 0,
      () => {},
    );
    const problems = () => health.list().map(({ code, text }) => `${code}: ${text}`);
    return { detector, problems, sut: new SourcesMemory(directory, detector, health) };
  }

  it("gives a later detector what an earlier one remembered, and leaves one file", () => {
    const before = build();
    before.detector.memory = "once";
    before.sut.save();
    before.detector.memory = "twice";
    before.sut.save();
    const after = build();
    after.sut.restore();
    expect(after.detector.memory).toBe("twice");
    expect(readdirSync(directory)).toEqual(["sources.saved"]);
    expect(after.problems()).toEqual([]);
  });

  it("begins with nothing where nothing was saved", () => {
    const { sut, detector, problems } = build();
    sut.restore();
    expect(detector.memory).toBe("");
    expect(problems()).toEqual([]);
  });

  it.each([
    { what: "damaged bytes", content: "damaged", text: "is damaged" },
    { what: "a file too long", content: "x".repeat(MAX_SAVED_BYTES + 1), text: "cannot be read" },
  ])("tells of $what, until it has saved anew", ({ content, text }) => {
    writeFileSync(path, content);
    const { sut, detector, problems } = build();
    sut.restore();
    expect(detector.memory).toBe("");
    expect(problems()).toEqual([expect.stringContaining(text)]);
    detector.memory = "new";
    sut.save();
    expect(problems()).toEqual([]);
    expect(readFileSync(path, "utf8")).toBe("new");
  });

  it("tells that it cannot write, and leaves the old file", () => {
    const { sut, detector, problems } = build();
    detector.memory = "old";
    sut.save();
    mkdirSync(`${path}.new`);
    detector.memory = "new";
    sut.save();
    expect(problems()).toEqual([expect.stringMatching(/^sources-unsaved: .* cannot be written: /)]);
    expect(readFileSync(path, "utf8")).toBe("old");
  });

  it("tells of a directory that is gone, and of a folder in the file's place", () => {
    mkdirSync(path);
    const { sut, problems } = build();
    sut.restore();
    expect(problems()).toEqual([expect.stringContaining("cannot be read")]);
    rmSync(directory, { recursive: true });
    sut.save();
    expect(problems()).toEqual([expect.stringContaining("cannot be written")]);
    mkdirSync(directory);
  });
});
