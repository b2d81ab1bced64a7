import { describe, expect, it } from "vitest";
import {
  portsentryBlock,
  portsentryFlag,
  portsentryPortLimit,
  portsentryTrigger,
} from "../src/portsentry-numbers.ts";

/** What a text is in the places where PortSentry 1.2 expects a number. */
const READINGS = [
  { text: "", flag: "0", block: "0", trigger: "0", limit: undefined },
  { text: "yes", flag: "0", block: "0", trigger: "0", limit: undefined },
  { text: "0", flag: "0", block: "0", trigger: "0", limit: undefined },
  { text: " 1", flag: "1", block: "1", trigger: "1", limit: "1" },
  { text: "1 # on", flag: "1", block: "1", trigger: "1", limit: "1" },
  { text: "+1", flag: "1", block: "1", trigger: "1", limit: "1" },
  { text: "2x", flag: "0", block: "2", trigger: "2", limit: "2" },
  { text: "3", flag: "0", block: "0", trigger: "3", limit: "3" },
  { text: "-1", flag: "0", block: "0", trigger: undefined, limit: undefined },
  { text: "1024 ports", flag: "0", block: "0", trigger: "1024", limit: "1024" },
  { text: "65536", flag: "0", block: "0", trigger: "65536", limit: "65536" },
  { text: "65537", flag: "0", block: "0", trigger: "65537", limit: "65536" },
];

describe("portsentryFlag", () => {
  it.each(READINGS)('reads "$text" as $flag', ({ text, flag }) => {
    expect(portsentryFlag(text)).toBe(flag);
  });
});

describe("portsentryBlock", () => {
  it.each(READINGS)('reads "$text" as $block', ({ text, block }) => {
    expect(portsentryBlock(text)).toBe(block);
  });
});

describe("portsentryTrigger", () => {
  it.each(READINGS)('reads "$text" as $trigger', ({ text, trigger }) => {
    expect(portsentryTrigger(text)).toBe(trigger);
  });
});

describe("portsentryPortLimit", () => {
  it.each(READINGS)('reads "$text" as $limit', ({ text, limit }) => {
    expect(portsentryPortLimit(text)).toBe(limit);
  });
});
