/**
 * What is wrong with a page for whoever cannot use it as most do, found in the page itself.
 *
 * The functions that run in there are texts to the browser: they know nothing of what is around them.
 */
import type { Page } from "playwright-core";

/** Texts whose contrast is below 4.5:1 (WCAG 2.2, 1.4.3), with what it is. */
export function findFaintTexts(page: Page): Promise<string[]> {
  return page.evaluate(`(() => {
    const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const layersOf = (element) => {
      const layers = [];
      for (let at = element; at !== null; at = at.parentElement) {
        layers.unshift(getComputedStyle(at).backgroundColor);
      }
      return layers;
    };
    const paint = (colours) => {
      context.clearRect(0, 0, 1, 1);
      for (const colour of colours) {
        context.fillStyle = colour;
        context.fillRect(0, 0, 1, 1);
      }
      return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const luminance = (rgb) => {
      const [r, g, b] = rgb.map((value) => {
        const part = value / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const found = [];
    for (const element of document.querySelectorAll("#page *")) {
      const text = [...element.childNodes].filter((node) => node.nodeType === 3)
        .map((node) => node.textContent.trim()).join("");
      const style = getComputedStyle(element);
      if (text === "" || element.closest(":disabled, .hidden, svg") !== null) continue;
      if (!element.checkVisibility({ visibilityProperty: true })) continue;
      const layers = layersOf(element);
      const [light, dark] = [luminance(paint(layers)), luminance(paint([...layers, style.color]))]
        .sort((one, other) => other - one);
      const ratio = (light + 0.05) / (dark + 0.05);
      if (ratio < 4.5) found.push(text.slice(0, 40) + " " + ratio.toFixed(2));
    }
    return [...new Set(found)];
  })()`);
}

/** What can be used and has no name for whoever reads by ear. */
export function findNameless(page: Page): Promise<string[]> {
  return page.evaluate(`[...document.querySelectorAll("a, button, input, select, [role=img]")]
    .filter((element) => element.checkVisibility())
    .filter((element) => {
      const name = element.getAttribute("aria-label") ?? element.textContent;
      return name.trim() === "" && (element.labels?.length ?? 0) === 0;
    })
    .map((element) => element.outerHTML.slice(0, 120))`);
}

/** What reaches beyond the right edge of the page, or makes it scroll sideways. */
export function findWide(page: Page): Promise<string[]> {
  return page.evaluate(`[...document.querySelectorAll("#page *")]
    .filter((element) => element.checkVisibility() && element.closest("svg, .chart") === null)
    .filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5)
    .map((element) => element.outerHTML.slice(0, 100))`);
}

/** Lists that scroll sideways in their box, with both widths: what is at their end is out of sight. */
export function findWideLists(page: Page): Promise<string[]> {
  return page.evaluate(`[...document.querySelectorAll(".list")]
    .filter((list) => list.scrollWidth > list.clientWidth)
    .map((list) => list.className + " " + list.scrollWidth + " in " + list.clientWidth)`);
}

/** Addresses in lists that have less room than they take. */
export function findCutAddresses(page: Page): Promise<string[]> {
  return page.evaluate(`[...document.querySelectorAll(".list-row > .cell-0")]
    .filter((cell) => cell.scrollWidth > cell.clientWidth)
    .map((cell) => cell.textContent + " " + cell.scrollWidth + " in " + cell.clientWidth)`);
}
