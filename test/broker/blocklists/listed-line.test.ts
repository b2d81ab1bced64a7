import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  blocksOfRange,
  type ListedBlock,
  parseListedLine,
} from "../../../src/broker/blocklists/listed-line.ts";
import { formatWords } from "../../../src/net/address-words.ts";

const textOf = ({ first, bits }: ListedBlock) => `${formatWords(first)}/${bits}`;

function read(line: string): string {
  const parsed = parseListedLine(line);
  if (parsed.kind === "block") return textOf(parsed);
  if (parsed.kind === "range") return [...blocksOfRange(parsed)].map(textOf).join(" ");
  return parsed.kind;
}

describe("parseListedLine", () => {
  it.each([
    // Plain and FireHOL.
    { line: "192.0.2.7", means: "192.0.2.7/32" },
    { line: " 192.0.2.7", means: "192.0.2.7/32" },
    { line: "192.0.2.7\r", means: "192.0.2.7/32" },
    { line: "192.0.2.0/24", means: "192.0.2.0/24" },
    { line: "192.0.2.7/24", means: "192.0.2.0/24" },
    { line: "192.0.2.7/0", means: "0.0.0.0/0" },
    { line: "192.0.2.7/32 # a host", means: "192.0.2.7/32" },
    { line: "192.0.2.7#a host", means: "192.0.2.7/32" },
    { line: "192.0.2.7/33", means: "bad" },
    { line: "192.0.2.255", means: "192.0.2.255/32" },
    { line: "192.0.2.256", means: "bad" },
    { line: "192.0.2.07", means: "bad" },
    { line: "192.0.2", means: "bad" },
    { line: "192.0.2.0/255.255.255.0", means: "bad" },
    { line: "", means: "nothing" },
    { line: " \t\r", means: "nothing" },
    { line: "# 192.0.2.7", means: "nothing" },
    { line: "; Spamhaus DROP List", means: "nothing" },
    // Spamhaus.
    { line: "192.0.2.0/24 ; SBL123", means: "192.0.2.0/24" },
    { line: "2001:db8::/32 ; SBL123", means: "2001:db8::/32" },
    { line: '{"cidr":"192.0.2.0/24","sblid":"SBL1","rir":"arin"}', means: "192.0.2.0/24" },
    { line: '{"cidr":"2001:db8::/29"}', means: "2001:db8::/29" },
    { line: '{"type":"metadata","timestamp":1700000000,"size":100}', means: "nothing" },
    { line: '{"cidr":7}', means: "bad" },
    { line: '{"cidr":"192.0.2.0/24"', means: "bad" },
    { line: "{}", means: "bad" },
    // DShield.
    { line: "Start\tEnd\tNetblock\tAttacks\tName\tCountry\temail", means: "nothing" },
    { line: "192.0.2.0\t192.0.2.255\t24\t4321\tEXAMPLE\tZZ\ta@b", means: "192.0.2.0/24" },
    { line: "192.0.2.0\t192.0.3.0\t24\t4321", means: "bad" },
    { line: "192.0.2.0\t192.0.2.255\t\t4321", means: "bad" },
    // ipsum.
    { line: "192.0.2.7\t12", means: "192.0.2.7/32" },
    { line: "2001:db8::7 12", means: "2001:db8::7/128" },
    { line: "192.0.2.7 example.org", means: "bad" },
    // Ranges.
    { line: "192.0.2.0-192.0.2.255", means: "192.0.2.0/24" },
    { line: "192.0.2.0 - 192.0.3.255 # two", means: "192.0.2.0/23" },
    { line: "192.0.2.255 - 192.0.3.0", means: "192.0.2.255/32 192.0.3.0/32" },
    { line: "192.0.2.7-192.0.2.7", means: "192.0.2.7/32" },
    { line: "192.0.2.8-192.0.2.7", means: "bad" },
    { line: "192.0.2.8-2001:db8::1", means: "bad" },
    { line: "192.0.2.1-192.0.2.6", means: "192.0.2.1/32 192.0.2.2/31 192.0.2.4/31 192.0.2.6/32" },
    { line: "2001:db8::-2001:db8::ffff", means: "2001:db8::/112" },
    { line: "255.255.255.254-255.255.255.255", means: "255.255.255.254/31" },
    // IPv6.
    { line: "2001:db8::7", means: "2001:db8::7/128" },
    { line: "2001:DB8::/32", means: "2001:db8::/32" },
    { line: "2001:db8::/129", means: "bad" },
    { line: "2001:db8::/", means: "bad" },
    { line: "2001:db8::/32/32", means: "bad" },
    { line: "::ffff:192.0.2.7", means: "192.0.2.7/32" },
    { line: "fe80::1%eth0", means: "bad" },
    // What is no list.
    { line: "<html>", means: "bad" },
    { line: "example.org", means: "bad" },
    { line: "0.0.0.0 ads.example.org", means: "bad" },
    { line: "1,192.0.2.7,example", means: "bad" },
  ])("$line -> $means", ({ line, means }) => {
    expect(read(line)).toBe(means);
  });

  it("never throws, whatever a line is", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (line) => void parseListedLine(line)));
  });
});
