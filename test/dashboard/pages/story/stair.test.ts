import { describe, expect, it } from "vitest";
import { stairOf } from "../../../../src/dashboard/pages/story/stair.ts";

function stepsTo(...scores: number[]) {
  return scores.map((score) => ({
    transport: "tcp" as const,
    port: 22,
    at: "2026-11-22T13:03:00.000Z",
    factor: 1,
    score,
  }));
}

describe("stairOf", () => {
  it("rises by as much for each power of ten, over treads of one width", () => {
    const { path, area, lineY } = stairOf(
      { steps: stepsTo(10, 100, 1000), convicts_at: 100 },
      300,
      100,
    );
    expect(path).toBe("M0 88L0 62.7L100 62.7L100 37.3L200 37.3L200 12L300 12");
    expect(area).toBe(`${path}L300 100L0 100Z`);
    expect(lineY).toBe(37.3);
  });

  it("leaves room for the line when no step comes near it", () => {
    const { lineY, path } = stairOf({ steps: stepsTo(2), convicts_at: 1000 }, 300, 100);
    expect(lineY).toBe(12);
    expect(path).toBe("M0 88L0 80.4L300 80.4");
  });

  it("draws a score below one on the ground", () => {
    const { path } = stairOf({ steps: stepsTo(0.01), convicts_at: 100 }, 300, 100);
    expect(path).toBe("M0 88L0 88L300 88");
  });

  it("draws nothing of no steps", () => {
    expect(stairOf({ steps: [], convicts_at: 100 }, 300, 100)).toMatchObject({
      path: "",
      area: "",
    });
  });
});
