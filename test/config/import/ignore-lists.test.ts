import { describe, expect, it } from "vitest";
import { listedWordsOf, mergeLists } from "../../../src/config/import/ignore-lists.ts";

const list = (...words: string[]) => words.map((word, index) => ({ word, from: `f:${index + 1}` }));

describe("listedWordsOf", () => {
  it.each([
    { text: "192.0.2.7\n198.51.100.0/24\n", words: ["192.0.2.7 f:1", "198.51.100.0/24 f:2"] },
    { text: "# a comment\n\n192.0.2.7 # friend", words: ["192.0.2.7 f:3"] },
    { text: "  192.0.2.7\t \r\n::1", words: ["192.0.2.7 f:1", "::1 f:2"] },
    { text: "\uFEFF192.0.2.7 two words", words: ["192.0.2.7 f:1"] },
    { text: "   \n#\n", words: [] },
  ])("finds $words in $text", ({ text, words }) => {
    expect(listedWordsOf(text, "f").map(({ word, from }) => `${word} ${from}`)).toEqual(words);
  });
});

describe("mergeLists", () => {
  it("keeps every address, prefix and name as it was written, once", () => {
    const words = list(
      "192.0.2.7",
      "192.0.2.7/32",
      "192.0.2.99/24",
      "192.0.2.0/24",
      "2001:DB8::/32",
      "2001:db8:0::/32",
      "admin.example.org",
      "ADMIN.example.org",
    );
    expect(mergeLists(words)).toEqual({
      entries: [words[0], words[2], words[4], words[6]],
      leftOut: [],
    });
  });

  it.each([
    { word: "0.0.0.0/0", why: "it would trust everybody" },
    { word: "::/0", why: "it would trust everybody" },
    { word: "192.0.2.0/255.255.255.0", why: "write its mask as a length, such as /24" },
    { word: "192.0.2.0/33", why: "it is no address, prefix or host name" },
    { word: "192.0.2", why: "it is no address, prefix or host name" },
    { word: "under_score!", why: "it is no address, prefix or host name" },
  ])("leaves $word out, because $why", ({ word, why }) => {
    expect(mergeLists(list(word))).toEqual({ entries: [], leftOut: [{ word, from: "f:1", why }] });
  });

  it("takes the widest prefix but the whole world", () => {
    expect(mergeLists(list("0.0.0.0/1", "8000::/1", "0.0.0.0")).entries).toHaveLength(3);
  });
});
