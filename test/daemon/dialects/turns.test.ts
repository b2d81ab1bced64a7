import { describe, expect, it } from "vitest";
import { MAX_WAITING, Turns } from "../../../src/daemon/dialects/turns.ts";

describe("Turns", () => {
  it("acts at once where nothing waits", () => {
    const told: string[] = [];
    const turns = new Turns();
    turns.add("a", undefined, () => told.push("one"));
    turns.add("a", undefined, () => told.push("two"));
    expect(told).toEqual(["one", "two"]);
  });

  it("keeps the order of one key, whatever is ready first, and lets others pass", async () => {
    const told: string[] = [];
    const turns = new Turns();
    const slow = Promise.withResolvers<string>();
    turns.add("a", slow.promise, (value) => told.push(`first ${value}`));
    turns.add("a", Promise.resolve("quick"), (value) => told.push(`second ${value}`));
    turns.add("a", undefined, () => told.push("third"));
    turns.add("b", undefined, () => told.push("other"));
    turns.add("b", Promise.resolve(), () => told.push("other too"));
    await new Promise(setImmediate);
    expect(told).toEqual(["other", "other too"]);
    slow.resolve("slow");
    await turns.settled();
    expect(told.slice(2)).toEqual(["first slow", "second quick", "third"]);
  });

  it("acts at once again when all of a key is over", async () => {
    const told: string[] = [];
    const turns = new Turns();
    turns.add("a", Promise.resolve(), () => told.push("one"));
    await turns.settled();
    turns.add("a", undefined, () => told.push("two"));
    expect(told).toEqual(["one", "two"]);
  });

  it(`has room until ${MAX_WAITING} wait, and again when they are over`, async () => {
    const turns = new Turns();
    const gate = Promise.withResolvers<void>();
    for (let count = 1; count < MAX_WAITING; count += 1) {
      turns.add(`${count}`, gate.promise, () => {});
    }
    expect(turns.hasRoom).toBe(true);
    turns.add("last", gate.promise, () => {});
    expect(turns.hasRoom).toBe(false);
    gate.resolve();
    await turns.settled();
    expect(turns.hasRoom).toBe(true);
  });
});
