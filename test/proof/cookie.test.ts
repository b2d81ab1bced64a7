import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseWords } from "../../src/net/address-words.ts";
import { COOKIE_EPOCH_MS, Cookies, type CookieUse } from "../../src/proof/cookie.ts";

const words = (text: string) => parseWords(text) as Uint32Array;
const KEY = Uint32Array.of(1, 2, 3, 4);

interface Flow {
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly port: number;
}

const FLOW: Flow = {
  source: "192.0.2.7",
  sourcePort: 40_000,
  destination: "198.51.100.1",
  port: 23,
};

function numberOf(cookies: Cookies, flow: Flow, nowMs: number): number {
  const { source, sourcePort, destination, port } = flow;
  return cookies.numberFor(words(source), sourcePort, words(destination), port, nowMs);
}

function accepts(cookies: Cookies, number: number, flow: Flow, nowMs: number): boolean {
  const { source, sourcePort, destination, port } = flow;
  return cookies.isNumberOf(number, words(source), sourcePort, words(destination), port, nowMs);
}

const cookiesOf = (use: CookieUse = "challenge") => new Cookies(use, KEY);

describe("Cookies", () => {
  // Made in the minute that begins at 0.
  it.each([
    { what: "at once", madeAtMs: 0, askedAtMs: 0, isGood: true },
    { what: "a minute later", madeAtMs: 0, askedAtMs: COOKIE_EPOCH_MS, isGood: true },
    {
      what: "at the end of the next minute",
      madeAtMs: 0,
      askedAtMs: 2 * COOKIE_EPOCH_MS - 1,
      isGood: true,
    },
    {
      what: "a millisecond after that",
      madeAtMs: 0,
      askedAtMs: 2 * COOKIE_EPOCH_MS,
      isGood: false,
    },
    {
      what: "across the turn of the minute",
      madeAtMs: COOKIE_EPOCH_MS - 1,
      askedAtMs: COOKIE_EPOCH_MS,
      isGood: true,
    },
    { what: "before it was made", madeAtMs: COOKIE_EPOCH_MS, askedAtMs: 0, isGood: false },
  ])("takes its number back $what: $isGood", ({ madeAtMs, askedAtMs, isGood }) => {
    const cookies = cookiesOf();
    const number = numberOf(cookies, FLOW, madeAtMs);
    expect(accepts(cookies, number, FLOW, askedAtMs)).toBe(isGood);
  });

  it.each([
    { what: "source", other: { source: "192.0.2.8" } },
    { what: "source port", other: { sourcePort: 40_001 } },
    { what: "destination", other: { destination: "198.51.100.2" } },
    { what: "port", other: { port: 24 } },
    { what: "direction", other: { source: FLOW.destination, destination: FLOW.source } },
  ])("is no number for another $what", ({ other }) => {
    const cookies = cookiesOf();
    const number = numberOf(cookies, FLOW, 0);
    expect(accepts(cookies, number, { ...FLOW, ...other }, 0)).toBe(false);
  });

  it("is no number for another use under the same key", () => {
    const number = numberOf(cookiesOf("challenge"), FLOW, 0);
    expect(accepts(cookiesOf("phantom"), number, FLOW, 0)).toBe(false);
  });

  it("is no number for another process", () => {
    const number = numberOf(new Cookies("challenge"), FLOW, 0);
    expect(accepts(new Cookies("challenge"), number, FLOW, 0)).toBe(false);
  });

  it("takes back the number of any flow, IPv6 too, and no number next to it", () => {
    const address = fc.uint32Array({ minLength: 4, maxLength: 4 });
    const port = fc.integer({ min: 0, max: 65_535 });
    const atMs = fc.integer({ min: 0, max: 2 ** 40 });
    fc.assert(
      fc.property(address, port, address, port, atMs, (source, from, destination, to, nowMs) => {
        const cookies = cookiesOf();
        const number = cookies.numberFor(source, from, destination, to, nowMs);
        expect(cookies.isNumberOf(number, source, from, destination, to, nowMs)).toBe(true);
        const next = (number + 1) >>> 0;
        // The number of the minute before may be the neighbour, once in four thousand million.
        const before = cookies.numberFor(source, from, destination, to, nowMs - COOKIE_EPOCH_MS);
        expect(cookies.isNumberOf(next, source, from, destination, to, nowMs)).toBe(
          next === before,
        );
      }),
    );
  });
});
