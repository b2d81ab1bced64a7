import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_TIMEOUT_MS } from "../../../src/broker/ban-schema.ts";
import {
  addCommand,
  elementText,
  fillCommand,
  replaceCommand,
} from "../../../src/broker/executors/set-commands.ts";
import { formatWords } from "../../../src/net/address-words.ts";
import { type Prefix, prefixOf } from "../../../src/net/prefix.ts";
import { prefix } from "../fakes.ts";

describe("elementText", () => {
  it.each([
    { text: "192.0.2.7", element: "192.0.2.7" },
    { text: "192.0.2.0/24", element: "192.0.2.0/24" },
    { text: "2001:db8::/128", element: "2001:db8::" },
    { text: "2001:DB8::/64", element: "2001:db8::/64" },
    { text: "0.0.0.0/0", element: "0.0.0.0/0" },
  ])("$text -> $element", ({ text, element }) => {
    expect(elementText(prefix(text))).toBe(element);
  });

  it.each([
    "192.0.2.7 }; flush ruleset #/24",
    "192.0.2.7\nflush ruleset/32",
    "$HOME/24",
    "192.0.2.7-192.0.2.9/24",
  ])("throws for %j, which no parser has made", (text) => {
    expect(() => elementText(text as Prefix)).toThrow(TypeError);
  });

  it("has only hexadecimal digits, dots, colons and a length, for any address", () => {
    const words = fc.array(fc.nat(0xffffffff), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(words, fc.integer({ min: 0, max: 32 }), (parts, bits) => {
        const text = elementText(prefixOf(formatWords(Uint32Array.from(parts)), bits));
        expect(text).toMatch(/^[0-9a-f.:]+(\/\d+)?$/);
      }),
    );
  });
});

describe("addCommand", () => {
  it.each([
    { timeoutMs: null, timeout: "" },
    { timeoutMs: 1, timeout: " timeout 1s" },
    { timeoutMs: 60_000, timeout: " timeout 60s" },
    { timeoutMs: 60_001, timeout: " timeout 61s" },
    { timeoutMs: 86_400_000, timeout: " timeout 1d" },
    { timeoutMs: 86_401_000, timeout: " timeout 1d1s" },
    // nft 1.0.6 refuses the same time as 315360000s: "value too large".
    { timeoutMs: MAX_TIMEOUT_MS, timeout: " timeout 3650d" },
  ])("$timeoutMs ms ->$timeout", ({ timeoutMs, timeout }) => {
    expect(addCommand("banned4", [{ text: "192.0.2.7", timeoutMs }])).toBe(
      `add element inet vedette banned4 { 192.0.2.7${timeout} }\n`,
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])("throws for a time-out of %d", (timeoutMs) => {
    expect(() => addCommand("banned4", [{ text: "192.0.2.7", timeoutMs }])).toThrow(TypeError);
  });
});

describe("replaceCommand", () => {
  it("adds, takes out and adds again, so that it works whether the element stands or not", () => {
    // nft: three commands, one transaction.
    expect(replaceCommand("banned4", [{ text: "192.0.2.7", timeoutMs: 60_000 }])).toBe(
      "add element inet vedette banned4 { 192.0.2.7 timeout 60s }\n" +
        "delete element inet vedette banned4 { 192.0.2.7 }\n" +
        "add element inet vedette banned4 { 192.0.2.7 timeout 60s }\n",
    );
  });
});

describe("fillCommand", () => {
  it("empties the set when there is nothing to put in", () => {
    expect(fillCommand("trusted4", [])).toBe("flush set inet vedette trusted4\n");
  });
});
