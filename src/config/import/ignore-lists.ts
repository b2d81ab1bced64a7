/**
 * Makes one ignore file of several lists of addresses: PortSentry's own and fail2ban's.
 *
 * Nobody may lose protection by a move, and nobody may get more than was meant: what neither
 * program has ever matched, such as 0.0.0.0/0 in PortSentry, is left out and told, because here it
 * would trust the whole world.
 */
import { lengthOf, parsePrefix } from "../../net/prefix.ts";

/** A word that somebody has put on a list. */
export interface ListedWord {
  readonly word: string;
  /** "FILE:LINE". */
  readonly from: string;
}

/** A word that is not taken over, and why. */
export interface LeftOutWord extends ListedWord {
  readonly why: string;
}

export interface MergedLists {
  /** In the order given, each prefix and name once. */
  readonly entries: readonly ListedWord[];
  readonly leftOut: readonly LeftOutWord[];
}

const HOST_NAME = /^(?=.{1,253}$)(?=.*[a-z])[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?$/i;

/** The first word of every line of an ignore file that is no comment. */
export function listedWordsOf(text: string, path: string): ListedWord[] {
  return text.split(/\r\n|\r|\n/).flatMap((line, index) => {
    const [content = ""] = line.replace(/^\uFEFF/, "").split("#", 1);
    const [word = ""] = content.trim().split(/\s+/);
    return word === "" ? [] : [{ word, from: `${path}:${index + 1}` }];
  });
}

/** Of equal words the first counts, and the others are not told: lists repeat each other. */
export function mergeLists(words: readonly ListedWord[]): MergedLists {
  const entries = new Map<string, ListedWord>();
  const leftOut: LeftOutWord[] = [];
  for (const listed of words) {
    const prefix = parsePrefix(listed.word);
    const key = prefix ?? listed.word.toLowerCase();
    const why = prefix === undefined ? whyNoName(listed.word) : whyTooWide(lengthOf(prefix));
    if (why !== undefined) leftOut.push({ ...listed, why });
    else if (!entries.has(key)) entries.set(key, listed);
  }
  return { entries: [...entries.values()], leftOut };
}

function whyTooWide(length: number): string | undefined {
  return length === 0 ? "it would trust everybody" : undefined;
}

function whyNoName(word: string): string | undefined {
  if (/^[\d.]+\/\d+(?:\.\d+)+$/.test(word)) return "write its mask as a length, such as /24";
  return HOST_NAME.test(word) ? undefined : "it is no address, prefix or host name";
}
