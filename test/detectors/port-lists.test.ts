import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_LISTED_PORTS, PortLists } from "../../src/detectors/port-lists.ts";

const SLOTS = 3;

type Entry = readonly [entry: number, atMs: number | undefined];

const slots = fc.nat(SLOTS - 1);
const entries = fc.nat(0xffff_ffff);
const indexes = fc.nat(MAX_LISTED_PORTS - 1);
const acts = fc.oneof(
  { weight: 12, arbitrary: fc.tuple(fc.constant("list" as const), slots, entries, fc.nat()) },
  { weight: 2, arbitrary: fc.tuple(fc.constant("unlist" as const), slots, indexes) },
  { weight: 2, arbitrary: fc.tuple(fc.constant("relabel" as const), slots, indexes, entries) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("begin" as const), slots) },
);

function contentOf(lists: PortLists, slot: number): Entry[] {
  return Array.from({ length: lists.count(slot) }, (_, index) => [
    lists.at(slot, index),
    lists.timeAt(slot, index),
  ]);
}

describe("PortLists", () => {
  it.each([true, false])("is a short list for each slot (with times: %s)", (hasTimes) => {
    fc.assert(
      fc.property(fc.array(acts, { maxLength: 300 }), (all) => {
        const lists = new PortLists(SLOTS, hasTimes);
        const model: Entry[][] = Array.from({ length: SLOTS }, () => []);
        for (const act of all) {
          const slot = act[1];
          const list = model[slot] as Entry[];
          switch (act[0]) {
            case "list":
              lists.list(slot, act[2], act[3]);
              if (list.length < MAX_LISTED_PORTS)
                list.push([act[2], hasTimes ? act[3] : undefined]);
              break;
            case "unlist":
              if (act[2] >= list.length) break;
              lists.unlist(slot, act[2]);
              list.splice(act[2], 1);
              break;
            case "relabel":
              if (act[2] >= list.length) break;
              lists.relabel(slot, act[2], act[3]);
              list[act[2]] = [act[3], list[act[2]]?.[1]];
              break;
            case "begin":
              lists.begin(slot);
              list.length = 0;
              break;
          }
          for (const [each, content] of model.entries()) {
            expect(contentOf(lists, each)).toEqual(content);
          }
        }
      }),
      { numRuns: 30 },
    );
  });
});
