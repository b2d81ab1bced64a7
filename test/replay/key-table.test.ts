import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wordsOf } from "../../src/net/address-words.ts";
import { type IpAddress, parseIpAddress } from "../../src/net/ip-address.ts";
import { KeyTable, NOWHERE } from "../../src/replay/key-table.ts";

const words = (text: string) => wordsOf(parseIpAddress(text) as IpAddress);

describe("KeyTable", () => {
  it("finds what was put in, by address and fifth word", () => {
    const table = new KeyTable(10);
    const slot = table.insert(words("192.0.2.7"), 22);
    expect(table.find(words("192.0.2.7"), 22)).toBe(slot);
    expect(table.find(words("192.0.2.7"), 23)).toBe(NOWHERE);
    expect(table.find(words("192.0.2.8"), 22)).toBe(NOWHERE);
    expect([...table.wordsAt(slot)]).toEqual([...words("192.0.2.7")]);
    expect(table.fifthAt(slot)).toBe(22);
  });

  it("takes nothing new when it is full", () => {
    const table = new KeyTable(2);
    table.insert(words("192.0.2.1"), 0);
    expect(table.isFull).toBe(false);
    table.insert(words("192.0.2.2"), 0);
    expect(table.isFull).toBe(true);
    expect(table.insert(words("192.0.2.3"), 0)).toBe(NOWHERE);
  });

  // A Map is the model: whatever is put in and taken out, both know the same keys.
  it("knows the same keys as a map, through growth and removal", () => {
    const act = fc.record({ key: fc.integer({ min: 0, max: 700 }), isRemoval: fc.boolean() });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 1500 }), (acts) => {
        const table = new KeyTable(600);
        const model = new Map<number, number>();
        for (const { key, isRemoval } of acts) {
          const address = Uint32Array.of(0, 0, 0xffff, key % 50);
          const found = table.find(address, key);
          expect(found).toBe(model.get(key) ?? NOWHERE);
          if (found === NOWHERE && !isRemoval) {
            const slot = table.insert(address, key);
            expect(slot === NOWHERE).toBe(model.size === 600);
            if (slot !== NOWHERE) model.set(key, slot);
          } else if (found !== NOWHERE && isRemoval) {
            table.remove(found);
            model.delete(key);
          }
        }
        const slots: number[] = [];
        table.each((slot) => slots.push(slot));
        expect(slots.sort((a, b) => a - b)).toEqual([...model.values()].sort((a, b) => a - b));
        expect(table.size).toBe(model.size);
      }),
      { numRuns: 30 },
    );
  });
});
