import { describe, expect, it } from "vitest";
import { drawFigure, type Figure } from "../../../bench/growth/figure.ts";

const FIGURE: Figure = {
  title: "Bans & more",
  description: "What <one> costs.",
  xTitle: "bans",
  panels: [
    {
      title: "time, ms",
      x: "logarithmic",
      y: "logarithmic",
      lines: [
        {
          title: "add",
          points: [
            [100, 1],
            [1000, 10],
          ],
        },
        {
          title: "remove",
          points: [
            [100, 10],
            [1000, 1000],
          ],
        },
      ],
    },
    { title: "memory, MB", x: "logarithmic", y: "linear", lines: [{ title: "guard", points: [] }] },
  ],
};

const SVG = drawFigure(FIGURE);

/** What the attribute is in each element of this class. */
function attributesOf(name: string, attribute: string): string[] {
  return [...SVG.matchAll(/<[a-z]+ [^>]*>/g)]
    .map(([element]) => element)
    .filter((element) => new RegExp(`class="${name}"`).test(element))
    .map((element) => new RegExp(` ${attribute}="([^"]*)"`).exec(element)?.[1] ?? "");
}

describe("drawFigure", () => {
  it("tells title and description to whoever does not see it, with their marks escaped", () => {
    expect(SVG).toContain('role="img" aria-labelledby="title desc"');
    expect(SVG).toContain('<title id="title">Bans &amp; more</title>');
    expect(SVG).toContain('<desc id="desc">What &lt;one&gt; costs.</desc>');
  });

  it("draws each line through its points, from the left below to the right above", () => {
    // Both axes have a line and its sample in the legend.
    expect(attributesOf("line ink0", "d")[0]).toBe("M56 288L380 208");
    expect(attributesOf("line ink1", "d")[0]).toBe("M56 208L380 48");
  });

  it("tells lines apart by their dashes and marks, too", () => {
    expect(attributesOf("line ink0", "stroke-dasharray")[0]).toBe("");
    expect(attributesOf("line ink1", "stroke-dasharray")[0]).toBe("7 3");
    const forms = [0, 1].map((ink) =>
      attributesOf(`mark ink${ink}`, "d")[0]?.replace(/^M\S+ \S+?m/, ""),
    );
    expect(forms[0]).not.toBe(forms[1]);
  });

  it("names the values at the axes and in the marks", () => {
    for (const text of [">100</text>", ">1k</text>", ">10</text>", ">bans</text>"]) {
      expect(SVG).toContain(text);
    }
    expect(SVG).toContain("<title>remove: 1,000, 1k</title>");
  });

  it("has colours for a dark ground, and no ground of its own", () => {
    expect(SVG).toContain("@media (prefers-color-scheme: dark)");
    expect(SVG).not.toContain("<rect");
  });

  it("says so where nothing was measured", () => {
    expect(SVG).toContain("memory, MB: not measured");
  });

  it("refuses more lines than can be told apart", () => {
    const [panel] = FIGURE.panels;
    const line = { title: "one", points: [] };
    const crowded = { ...FIGURE, panels: [{ ...panel, lines: Array(7).fill(line) }] } as Figure;
    expect(() => drawFigure(crowded)).toThrow("7 lines, and 6 inks");
  });
});
