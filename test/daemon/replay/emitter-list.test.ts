import { describe, expect, it } from "vitest";
import { EmitterList } from "../../../src/daemon/replay/emitter-list.ts";
import { MOST_SOURCES } from "../../../src/detectors/emitters.ts";
import type { Evidence } from "../../../src/model/evidence.ts";
import { type Prefix, parsePrefix } from "../../../src/net/prefix.ts";

const at = (number: number) => parsePrefix(`192.0.2.${number}`) as Prefix;
const range = (first: number, length: number) => Array.from({ length }, (_, n) => at(first + n));

/** What a story says of a source that is one of so many. */
function emitter(
  sources: number,
  silent: readonly Prefix[],
  real: readonly { readonly source: Prefix; readonly evidence: Evidence }[] = [],
) {
  return { sources, realCount: real.length, real, silent };
}

describe("EmitterList", () => {
  it("lists a machine once when a story shows that two known ones are the same", () => {
    const list = new EmitterList();
    list.add(at(1), emitter(2, [at(2)]));
    list.add(at(3), emitter(5, [at(4)], [{ source: at(3), evidence: "alive" }]));
    list.add(at(5), emitter(2, [at(6)]));
    list.add(at(4), emitter(4, [at(2), at(5)], [{ source: at(1), evidence: "claimed" }]));
    const sources = [1, 2, 3, 4, 5, 6].map(at);
    const real = [{ source: at(3), evidence: "alive" }];
    expect(list.list()).toEqual([{ count: 6, sources, real }]);
    list.add(at(6), emitter(2, [at(7)], [{ source: at(3), evidence: "proven" }]));
    expect(list.list()).toEqual([
      { count: 7, sources: [...sources, at(7)], real: [{ source: at(3), evidence: "proven" }] },
    ]);
  });

  it("leaves those apart that no story joins", () => {
    const list = new EmitterList();
    list.add(at(1), emitter(2, [at(2)]));
    list.add(at(3), emitter(3, [at(4)]));
    expect(list.list()).toMatchObject([{ count: 2 }, { count: 3 }]);
  });

  it(`lists ${MOST_SOURCES} sources of two that are one, and forgets the others`, () => {
    const list = new EmitterList();
    list.add(at(0), emitter(100, range(1, 99)));
    list.add(at(100), emitter(60, range(101, 59)));
    list.add(at(0), emitter(200, [at(100)]));
    expect(list.list()).toEqual([{ count: 200, sources: range(0, MOST_SOURCES), real: [] }]);
    list.add(at(159), emitter(2, [at(158)]));
    expect(list.list()).toMatchObject([{ count: 200 }, { count: 2, sources: [at(159), at(158)] }]);
  });
});
