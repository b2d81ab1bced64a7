import { describe, expect, it } from "vitest";
import type { ConfigKey } from "../src/config-key.ts";
import {
  choice,
  choiceByPort,
  count,
  duration,
  durations,
  flag,
  interfaceNames,
  path,
  paths,
  ports,
  protocols,
  text,
} from "../src/key-types.ts";

const about = "For tests.";

/** The value, or what is wrong in words. */
function valueOrProblem<Value>(key: ConfigKey<Value>, text: string): Value | string {
  const parsed = key.parse(text);
  return parsed.status === "ok" ? parsed.value : (parsed.problem ?? `expected ${parsed.expected}`);
}

describe("a key's defaults", () => {
  it("are the same for both profiles unless the key has one for portsentry", () => {
    expect(flag({ default: "1", about }).defaults).toEqual({ vedette: "1", portsentry: "1" });
    expect(flag({ default: "1", portsentry: "0", about }).defaults).toEqual({
      vedette: "1",
      portsentry: "0",
    });
  });
});

describe("choice", () => {
  const key = choice({ default: "atcp", about, values: { atcp: "unused", "": "off" } });

  it.each([
    { text: "atcp", expected: "unused" },
    { text: "", expected: "off" },
    { text: "ATCP", expected: 'expected one of atcp, ""' },
    { text: " atcp", expected: 'expected one of atcp, ""' },
    { text: "constructor", expected: 'expected one of atcp, ""' },
  ])("reads $text as $expected", ({ text, expected }) => {
    expect(valueOrProblem(key, text)).toBe(expected);
  });
});

describe("choiceByPort", () => {
  const values = { banner: "b", tarpit: "t", reset: "r" };
  const key = choiceByPort({ default: "banner", about, values });

  it.each([
    { text: "banner", otherwise: "b", byPort: [] },
    { text: "23:tarpit  reset", otherwise: "r", byPort: [[23, "t"]] },
    {
      text: "banner 23,2323:tarpit 444-445:reset",
      otherwise: "b",
      byPort: [
        [23, "t"],
        [2323, "t"],
        [444, "r"],
        [445, "r"],
      ],
    },
  ])("reads $text", ({ text, otherwise, byPort }) => {
    expect(key.parse(text)).toEqual({
      status: "ok",
      value: { otherwise, byPort: new Map(byPort as [number, string][]) },
    });
  });

  it.each([
    { text: "", problem: "what most ports have is not said" },
    { text: "23:tarpit", problem: "what most ports have is not said" },
    { text: "banner reset", problem: "what most ports have is said twice" },
    { text: "banner 23:reset 20-25:tarpit", problem: "port 23 is named twice" },
    { text: "banner 23:sleep", problem: '"sleep" is none of banner, tarpit, reset' },
    { text: "constructor", problem: '"constructor" is none of banner, tarpit, reset' },
    { text: "banner :reset", problem: ":reset names no port" },
    { text: "banner 23:", problem: '"" is none of banner, tarpit, reset' },
  ])("refuses $text", ({ text, problem }) => {
    expect(valueOrProblem(key, text)).toBe(problem);
  });

  it("tells what is wrong with a port", () => {
    expect(valueOrProblem(key, "banner 70000:reset")).toMatch(/70000/);
  });
});

describe("flag", () => {
  it.each([
    { text: "0", expected: false },
    { text: "1", expected: true },
    { text: "2", expected: "expected one of 0, 1" },
    { text: "", expected: "expected one of 0, 1" },
    { text: "yes", expected: "expected one of 0, 1" },
  ])("reads $text as $expected", ({ text, expected }) => {
    expect(valueOrProblem(flag({ default: "0", about }), text)).toBe(expected);
  });
});

describe("count", () => {
  const key = count({ default: "3", min: 0, max: 1000, about });

  it.each([
    { text: "-1", expected: "-1 is below 0" },
    { text: "0", expected: 0 },
    { text: "+5", expected: 5 },
    { text: "1000", expected: 1000 },
    { text: "1001", expected: "1001 is above 1000" },
    { text: "", expected: "expected a whole number from 0 to 1000" },
    { text: "1.5", expected: "expected a whole number from 0 to 1000" },
    { text: "0x10", expected: "expected a whole number from 0 to 1000" },
    { text: "1e3", expected: "expected a whole number from 0 to 1000" },
    { text: "9".repeat(16), expected: "expected a whole number from 0 to 1000" },
  ])("reads $text as $expected", ({ text, expected }) => {
    expect(valueOrProblem(key, text)).toBe(expected);
  });
});

describe("duration", () => {
  const key = duration({ default: "10s", minMs: 1000, maxMs: 3_600_000, about });

  it.each([
    { text: "0s", expected: "0s is below 1s" },
    { text: "1s", expected: 1000 },
    { text: "60m", expected: 3_600_000 },
    { text: "61m", expected: "61m is above 1h" },
    { text: "10", expected: "expected a duration such as 30s, 5m, 1h or 7d, from 1s to 1h" },
  ])("reads $text as $expected", ({ text, expected }) => {
    expect(valueOrProblem(key, text)).toBe(expected);
  });
});

describe("durations", () => {
  const key = durations({ default: "1h 1d", minMs: 1000, maxMs: 86_400_000, maxSteps: 3, about });
  const expects =
    "expected 1 to 3 durations such as 30s, 5m, 1h or 7d between blanks, each from 1s to 1d; or " +
    "forever";

  it.each([
    { text: "1h", expected: [3_600_000] },
    { text: " 1s  1m\t1d ", expected: [1000, 60_000, 86_400_000] },
    { text: "1s,1m", expected: [1000, 60_000] },
    { text: "1s 1s 1s 1s", expected: "4 steps are more than 3" },
    { text: "1h 25h", expected: "25h is above 1d" },
    { text: "0s 1h", expected: "0s is below 1s" },
    { text: "forever", expected: [] },
    { text: " forever ", expected: [] },
    { text: "1h forever", expected: expects },
    { text: "forever forever", expected: expects },
    { text: "1h soon", expected: expects },
    { text: " ", expected: expects },
    { text: "", expected: expects },
  ])("reads $text as $expected", ({ text, expected }) => {
    expect(valueOrProblem(key, text)).toEqual(expected);
  });
});

describe("ports", () => {
  const key = ports({ default: "", about });

  it("reads ports and ranges", () => {
    const parsed = key.parse("22, 80,8000-8002");
    expect(parsed.status === "ok" && [...parsed.value]).toEqual([22, 80, 8000, 8001, 8002]);
  });

  it("reads nothing as no port", () => {
    const parsed = key.parse("");
    expect(parsed.status === "ok" && parsed.value.size).toBe(0);
  });

  it("names every piece that is no port", () => {
    expect(valueOrProblem(key, "22,http,0,65536")).toMatch(/"http".*; "0".*; "65536"/);
  });
});

describe("protocols", () => {
  const key = protocols({ default: "", about });

  it("reads numbers and ranges, 0 and 255 among them", () => {
    const parsed = key.parse("0,2, 88-89,255");
    expect(parsed.status === "ok" && [...parsed.value]).toEqual([0, 2, 88, 89, 255]);
  });

  it.each([
    { text: "2,256", problem: "256 is above 255" },
    { text: "200-300", problem: "256 is above 255" },
    { text: "gre", problem: "numbers of IP protocols" },
  ])("refuses $text", ({ text, problem }) => {
    expect(valueOrProblem(key, text)).toContain(problem);
  });
});

describe("path", () => {
  it.each([
    { text: "/etc/vedette/ignore", expected: "/etc/vedette/ignore" },
    { text: "", expected: undefined },
    { text: "ignore", expected: 'expected an absolute path, or "" for none' },
  ])("reads $text as $expected", ({ text, expected }) => {
    expect(valueOrProblem(path({ default: "", about }), text)).toBe(expected);
  });
});

describe("paths", () => {
  it.each([
    { text: "", expected: [] },
    { text: " /a  /b\t/c ", expected: ["/a", "/b", "/c"] },
    { text: "/a /b /a", expected: ["/a", "/b"] },
    { text: "/a /b /c /d", expected: "4 paths are more than 3" },
    { text: "/a b", expected: '"b" is no absolute path' },
    { text: "/a,/b", expected: ["/a,/b"] },
  ])("reads $text as $expected", ({ text, expected }) => {
    expect(valueOrProblem(paths({ default: "", about, maxCount: 3 }), text)).toEqual(expected);
  });
});

describe("text", () => {
  const key = text({ default: "", about, maxCharacters: 10, mustHold: "$TARGET$" });
  const free = text({ default: "", about, maxCharacters: 3 });

  it.each([
    { content: "", expected: undefined },
    { content: "a $TARGET$", expected: "a $TARGET$" },
    { content: "ab $TARGET$", expected: "11 characters are more than 10" },
    {
      content: "a $target$",
      expected: "$TARGET$ is missing, so that it would not name the source",
    },
  ])("reads $content as $expected where $TARGET$ must stand", ({ content, expected }) => {
    expect(valueOrProblem(key, content)).toBe(expected);
  });

  it.each([
    { content: " a ", expected: " a " },
    { content: "abcd", expected: "4 characters are more than 3" },
  ])("reads $content as $expected where it need not", ({ content, expected }) => {
    expect(valueOrProblem(free, content)).toBe(expected);
  });
});

describe("interfaceNames", () => {
  it.each([
    { text: "", expected: [] },
    { text: "eth0", expected: ["eth0"] },
    { text: "eth0 wg0,br-lan@x.1", expected: ["eth0", "wg0", "br-lan@x.1"] },
    { text: "a".repeat(15), expected: ["a".repeat(15)] },
    { text: "a".repeat(16), expected: `"${"a".repeat(16)}" is no name of a network interface` },
    { text: "eth*", expected: '"eth*" is no name of a network interface' },
    { text: 'eth0";}', expected: '"eth0\\";}" is no name of a network interface' },
  ])("reads $text as $expected", ({ text, expected }) => {
    expect(valueOrProblem(interfaceNames({ default: "", about }), text)).toEqual(expected);
  });
});
