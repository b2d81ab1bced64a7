import { describe, expect, it } from "vitest";
import { readFail2banIgnores } from "../../../src/config/import/fail2ban.ts";

function wordsOf(...texts: string[]): string[] {
  const files = texts.map((text, index) => ({ path: `${index + 1}`, text }));
  return readFail2banIgnores(files).words.map(({ word, from }) => `${word} ${from}`);
}

describe("readFail2banIgnores", () => {
  it.each([
    { text: "[DEFAULT]\nignoreip = 127.0.0.1/8 ::1\n", words: ["127.0.0.1/8 1:2", "::1 1:2"] },
    {
      text: "[DEFAULT]\nignoreip=192.0.2.7,198.51.100.0/24",
      words: ["192.0.2.7 1:2", "198.51.100.0/24 1:2"],
    },
    { text: "[DEFAULT]\r\nignoreip : 192.0.2.7 # office\r\n", words: ["192.0.2.7 1:2"] },
    { text: "[DEFAULT]\nignoreip = 192.0.2.7 ; office", words: ["192.0.2.7 1:2"] },
    {
      text: "[DEFAULT]\nignoreip =\n    192.0.2.7\n# between\n\n\t192.0.2.8 192.0.2.9\nbantime = 1h\n 192.0.2.10",
      words: ["192.0.2.7 1:3", "192.0.2.8 1:6", "192.0.2.9 1:6"],
    },
    { text: "[DEFAULT]\n#ignoreip = 192.0.2.7\nignoreip_more = 192.0.2.8", words: [] },
    { text: "[DEFAULT]\nignoreip = 192.0.2.7\nignoreip = 192.0.2.8", words: ["192.0.2.8 1:3"] },
    { text: "ignoreip = 192.0.2.7", words: [] },
    { text: "", words: [] },
  ])("finds $words in $text", ({ text, words }) => {
    expect(wordsOf(text)).toEqual(words);
  });

  it("lets a later file replace what an earlier one says, also by nothing", () => {
    const first = "[DEFAULT]\nignoreip = 192.0.2.7\n";
    expect(wordsOf(first, "[DEFAULT]\nignoreip = 192.0.2.8\n")).toEqual(["192.0.2.8 2:2"]);
    expect(wordsOf(first, "[DEFAULT]\nignoreip =\n")).toEqual([]);
    expect(wordsOf(first, "[DEFAULT]\nbantime = 1h\n")).toEqual(["192.0.2.7 1:2"]);
  });

  it("leaves out what one jail ignores, and says which", () => {
    const text = "[DEFAULT]\nignoreip = 192.0.2.7\n[sshd]\nenabled = true\nignoreip = 192.0.2.8\n";
    const { words, leftOut } = readFail2banIgnores([{ path: "jail.local", text }]);
    expect(words).toEqual([{ word: "192.0.2.7", from: "jail.local:2" }]);
    expect(leftOut).toEqual([
      { word: "192.0.2.8", from: "jail.local:5", why: "only the jail sshd ignores it" },
    ]);
  });

  it.each(["%(known/ignoreip)s", "file:/etc/list"])("does not follow %s", (word) => {
    const { words, leftOut } = readFail2banIgnores([
      { path: "f", text: `[DEFAULT]\nignoreip = ${word} 192.0.2.7` },
    ]);
    expect(words.map((each) => each.word)).toEqual(["192.0.2.7"]);
    expect(leftOut).toEqual([{ word, from: "f:2", why: "it is no plain address" }]);
  });
});
