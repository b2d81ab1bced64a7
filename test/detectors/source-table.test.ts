import { describe, expect, it } from "vitest";
import { MAX_LISTED_PORTS } from "../../src/detectors/port-lists.ts";
import { SourceTable } from "../../src/detectors/source-table.ts";
import type { AddressWords } from "../../src/net/address-words.ts";
import { type Prefix, parsePrefix } from "../../src/net/prefix.ts";

const prefix = (text: string) => parsePrefix(text) as Prefix;

/** 192.0.2.0 plus `offset`; far offsets leave the documentation block, as forged sources do. */
const ipv4 = (offset: number): AddressWords =>
  Uint32Array.of(0, 0, 0xffff, (0xc0000200 + offset) >>> 0);

/** 2001:db8:0:subnet::. */
const ipv6 = (subnet: number): AddressWords => Uint32Array.of(0x20010db8, subnet, 0, 0);

/** One bucket: every source competes with every other. */
const bucket = () => new SourceTable({ maxSources: 8, recordMs: 1000 });

function fill(table: SourceTable, atMs = 0): void {
  for (let offset = 0; offset < table.capacity; offset += 1) table.touch(ipv4(offset), atMs);
}

describe("SourceTable", () => {
  it("gives a source its record again", () => {
    const table = bucket();
    const slot = table.touch(ipv4(7), 0);
    expect(table.touch(ipv4(7), 1)).toBe(slot);
    expect(table.find(ipv4(7))).toBe(slot);
    expect(table.size).toBe(1);
  });

  it.each([
    { what: "exactly recordMs", atMs: 1000, isKnown: true },
    { what: "a millisecond longer", atMs: 1001, isKnown: false },
  ])("after $what of idleness the record is known: $isKnown", ({ atMs, isKnown }) => {
    const table = bucket();
    const slot = table.touch(ipv4(7), 0);
    table.probes[slot] = 5;
    table.ports.list(slot, 22);
    const again = table.touch(ipv4(7), atMs);
    expect(table.probes[again]).toBe(isKnown ? 5 : 0);
    expect(table.ports.count(again)).toBe(isKnown ? 1 : 0);
    expect(table.firstSeenAtMs[again]).toBe(isKnown ? 0 : atMs);
    expect(table.size).toBe(1);
  });

  it("numbers each record once", () => {
    const table = bucket();
    const first = table.campaign[table.touch(ipv4(1), 0)];
    const second = table.campaign[table.touch(ipv4(2), 0)];
    const again = table.campaign[table.touch(ipv4(1), 5000)];
    expect(new Set([first, second, again]).size).toBe(3);
  });

  it.each([
    { maxSources: 1, capacity: 1 },
    { maxSources: 7, capacity: 7 },
    { maxSources: 15, capacity: 8 },
    { maxSources: 16, capacity: 16 },
    { maxSources: 100_003, capacity: 100_000 },
  ])("holds $capacity when asked for $maxSources", ({ maxSources, capacity }) => {
    const table = new SourceTable({ maxSources, recordMs: 1000 });
    for (let offset = 0; offset < maxSources * 3; offset += 1) table.touch(ipv4(offset), 0);
    expect(table.capacity).toBe(capacity);
    expect(table.size).toBeLessThanOrEqual(capacity);
  });

  it.each([0, -1, 1.5])("takes %d sources for a bug", (maxSources) => {
    expect(() => new SourceTable({ maxSources, recordMs: 1000 })).toThrow(RangeError);
  });

  it("lists 32 ports and no more", () => {
    const table = bucket();
    const slot = table.touch(ipv4(0), 0);
    for (let port = 1; port <= MAX_LISTED_PORTS + 1; port += 1) table.ports.list(slot, port);
    expect(table.ports.count(slot)).toBe(MAX_LISTED_PORTS);
    expect(table.ports.at(slot, 0)).toBe(1);
    expect(table.ports.at(slot, MAX_LISTED_PORTS - 1)).toBe(MAX_LISTED_PORTS);
  });
});

describe("SourceTable, lists with times", () => {
  const listed = (table: SourceTable, slot: number) =>
    Array.from({ length: table.ports.count(slot) }, (_, index) => [
      table.ports.at(slot, index),
      table.ports.timeAt(slot, index),
    ]);

  it("takes an entry out and leaves the lists of others alone", () => {
    const table = new SourceTable({ maxSources: 8, recordMs: 1000, listsTimes: true });
    const slots = [1, 2, 3].map((offset) => table.touch(ipv4(offset), 0));
    const full = Array.from({ length: MAX_LISTED_PORTS }, (_, index) => [index, index * 10]);
    for (const slot of slots)
      for (const [port = 0, atMs] of full) table.ports.list(slot, port, atMs);
    const [first = 0, second = 0, third = 0] = slots;
    table.ports.unlist(second, 1);
    table.ports.relabel(second, 0, 99);
    expect(listed(table, second)).toEqual([[99, 0], ...full.slice(2)]);
    expect(listed(table, first)).toEqual(full);
    expect(listed(table, third)).toEqual(full);
  });

  it("has no times unless it is told to", () => {
    const table = bucket();
    const slot = table.touch(ipv4(7), 0);
    table.ports.list(slot, 22, 5);
    expect(table.ports.timeAt(slot, 0)).toBeUndefined();
  });
});

describe("SourceTable, when a bucket is full", () => {
  it("takes an idle record before any other", () => {
    const table = bucket();
    fill(table);
    for (let offset = 0; offset < 8; offset += 1) {
      const slot = table.find(ipv4(offset)) as number;
      if (offset !== 3) table.lastCountedAtMs[slot] = 900;
      else table.convict(slot, 0);
    }
    table.touch(ipv4(99), 1001);
    expect(table.find(ipv4(3))).toBeUndefined();
    expect(table.size).toBe(8);
  });

  it("forgets the least convincing first", () => {
    const table = bucket();
    fill(table);
    for (let offset = 0; offset < 8; offset += 1) {
      const slot = table.find(ipv4(offset)) as number;
      table.contacts[slot] = offset === 5 ? 1 : 2;
    }
    table.touch(ipv4(99), 1);
    expect(table.find(ipv4(5))).toBeUndefined();
  });

  it("keeps what is proven before what touched more ports and may be forged", () => {
    const table = bucket();
    fill(table);
    for (let offset = 0; offset < 8; offset += 1) {
      const slot = table.find(ipv4(offset)) as number;
      table.contacts[slot] = offset === 0 ? 1 : 2;
      if (offset === 0) table.evidence[slot] = 2;
      table.lastCountedAtMs[slot] = offset;
    }
    table.touch(ipv4(99), 10);
    expect(table.find(ipv4(0))).toBeDefined();
    expect(table.find(ipv4(1))).toBeUndefined();
  });

  it("forgets the idlest among equals", () => {
    const table = bucket();
    for (let offset = 0; offset < 8; offset += 1) table.touch(ipv4(offset), 100 - offset);
    table.touch(ipv4(99), 200);
    expect(table.find(ipv4(7))).toBeUndefined();
  });

  it("forgets a convicted one only when all eight are", () => {
    const table = bucket();
    fill(table);
    for (let offset = 0; offset < 7; offset += 1) {
      table.convict(table.find(ipv4(offset)) as number, 0);
    }
    for (let offset = 100; offset < 200; offset += 1) table.touch(ipv4(offset), 10);
    for (let offset = 0; offset < 7; offset += 1) expect(table.find(ipv4(offset))).toBeDefined();

    table.convict(table.find(ipv4(199)) as number, 10);
    table.touch(ipv4(300), 11);
    expect(table.find(ipv4(300))).toBeDefined();
    expect(table.find(ipv4(199))).toBeDefined();
    expect(table.size).toBe(8);
  });

  it("neither grows nor loses the convicted under a million forged sources", () => {
    const table = new SourceTable({ maxSources: 4096, recordMs: 86_400_000 });
    // Fewer than a bucket holds, so that all can stay wherever the key puts them.
    const convicted = [1, 2, 3, 4, 5, 6, 7];
    for (const subnet of convicted) table.convict(table.touch(ipv6(subnet), 0), 0);
    const bytesBefore = process.memoryUsage().arrayBuffers;

    for (let forged = 0; forged < 1_000_000; forged += 1) {
      const slot = table.touch(ipv4(forged), forged / 100);
      table.contacts[slot] = 2;
    }
    expect(table.size).toBeLessThanOrEqual(4096);
    expect(process.memoryUsage().arrayBuffers).toBeLessThanOrEqual(bytesBefore);
    for (const subnet of convicted) expect(table.find(ipv6(subnet))).toBeDefined();
  });
});

describe("SourceTable, forgetting", () => {
  it("forgets one source and keeps its neighbours", () => {
    const table = bucket();
    fill(table);
    table.forgetSource(ipv4(3));
    table.forgetSource(ipv4(99));
    expect(table.find(ipv4(3))).toBeUndefined();
    expect(table.find(ipv4(2))).toBeDefined();
    expect(table.size).toBe(7);
  });

  it("forgets what is inside a prefix, and nothing beside it", () => {
    const table = new SourceTable({ maxSources: 8, recordMs: 1000 });
    table.touch(ipv4(0), 0);
    table.touch(ipv4(255), 0);
    table.touch(ipv4(256), 0);
    table.touch(ipv6(1), 0);
    table.forget(prefix("192.0.2.0/24"), 32);
    expect(table.find(ipv4(0))).toBeUndefined();
    expect(table.find(ipv4(255))).toBeUndefined();
    expect(table.find(ipv4(256))).toBeDefined();
    expect(table.find(ipv6(1))).toBeDefined();
  });

  it.each([
    { all: "0.0.0.0/0", leaves: "IPv6" },
    { all: "::/0", leaves: "IPv4" },
  ])("of $all leaves $leaves alone", ({ all, leaves }) => {
    const table = bucket();
    table.touch(ipv4(1), 0);
    table.touch(ipv6(1), 0);
    table.forget(prefix(all), 32);
    expect(table.find(ipv4(1)) !== undefined).toBe(leaves === "IPv4");
    expect(table.find(ipv6(1)) !== undefined).toBe(leaves === "IPv6");
    expect(table.size).toBe(1);
  });
});
