import { rmSync, symlinkSync } from "node:fs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { KernelTrust } from "../../src/broker/kernel-trust.ts";
import type { Facts } from "../../src/broker/protocol.ts";
import { HostNames } from "../../src/broker/trust/host-names.ts";
import { IgnoreFile } from "../../src/broker/trust/ignore-file.ts";
import { TrustFile } from "../../src/broker/trust/trust-file.ts";
import type { TrustReading } from "../../src/broker/trust/trust-source.ts";
import { pauseAfter, TrustKeeper } from "../../src/broker/trust-keeper.ts";
import { TrustedSet } from "../../src/broker/trusted-set.ts";
import type { Prefix } from "../../src/net/prefix.ts";
import { SHARED_IPV6_PREFIXES } from "../../src/net/source-keys.ts";
import { FakeClock, FakeNft, prefix } from "./fakes.ts";
import { FakeFiles, FakeSource } from "./trust/fake-files.ts";

const reading = (...texts: string[]): TrustReading => ({
  status: "read",
  entries: texts.map((text) => ({ prefix: prefix(text), why: "a test" })),
  faults: [],
});
const unreadable: TrustReading = { status: "unreadable", reason: "it is broken" };

function open({ isVital = false, names = [] as HostNames[], sources = [] as IgnoreFile[] } = {}) {
  const files = new FakeFiles();
  const nft = new FakeNft();
  const clock = new FakeClock();
  const trusted = new TrustedSet();
  const session = new FakeSource("sessions");
  const source = new FakeSource("source", isVital);
  const quick = new FakeSource("quick");
  const facts: Facts[] = [];
  const faults: (readonly string[])[] = [];
  const untrusted: Prefix[] = [];
  const keeper = new TrustKeeper({
    sessions: [session],
    sources: [source, quick, ...sources],
    quick: [quick],
    file: new TrustFile(files.path("trusted"), clock),
    paths: [files.path("trusted"), files.path("ignore")],
    names,
    trusted,
    kernel: new KernelTrust(nft, nft),
    clock,
    onFacts: (each) => facts.push(each),
    onFaults: (each) => faults.push(each),
    onUntrusted: (each) => untrusted.push(each),
  });
  return { files, nft, clock, trusted, session, source, quick, facts, faults, untrusted, keeper };
}

afterEach(() => {
  vi.useRealTimers();
});

describe("TrustKeeper", () => {
  it("tells trust that our own command has taken out of file and sets from sets that a stranger has emptied", async () => {
    const { files, nft, clock, untrusted, keeper } = open();
    using _ = files;
    const byCommand = new TrustFile(files.path("trusted"), clock);
    byCommand.add(prefix("192.0.2.6"), undefined, "a test");
    byCommand.add(prefix("192.0.2.7"), undefined, "a test");
    await keeper.refresh();
    keeper.fill();
    expect(keeper.areSetsIntact()).toBe(true);
    const empty = () => nft.run("flush set inet vedette trusted4\n");

    byCommand.remove(prefix("192.0.2.7"));
    empty();
    expect(keeper.areSetsIntact()).toBe(true);
    expect(untrusted).toEqual([prefix("192.0.2.7")]);

    empty();
    expect(keeper.areSetsIntact()).toBe(false);
    expect(untrusted).toHaveLength(1);
  });

  it("calls nothing taken away that has run out", async () => {
    const { files, clock, untrusted, keeper } = open();
    using _ = files;
    const byCommand = new TrustFile(files.path("trusted"), clock);
    byCommand.add(prefix("192.0.2.7"), clock.epochMs() + 1000, "a test");
    await keeper.refresh();
    clock.advance(1001);
    await keeper.refresh();
    expect(keeper.facts.trusted).toEqual([]);
    expect(untrusted).toEqual([]);
  });

  it("puts all sources together and tells the guard once a change", async () => {
    const { files, session, source, facts, keeper } = open();
    using _ = files;
    session.reading = reading("192.0.2.7");
    source.reading = {
      ...reading("192.0.2.1"),
      sharedIpv6: [prefix("2001:db8::/64")],
    } as TrustReading;
    await keeper.refresh();
    await keeper.refresh();
    expect(facts).toHaveLength(1);
    expect(facts[0]?.trusted.map((entry) => entry.prefix)).toEqual([
      "192.0.2.7/32",
      "192.0.2.1/32",
    ]);
    expect(facts[0]?.sharedIpv6).toEqual([...SHARED_IPV6_PREFIXES, "2001:db8::/64"].sort());
    expect(keeper.sessions().map((entry) => entry.prefix)).toEqual(["192.0.2.7/32"]);
  });

  it("touches no set before it was told that they exist", async () => {
    const { files, nft, source, keeper } = open();
    using _ = files;
    source.reading = reading("192.0.2.1");
    await keeper.refresh();
    expect(nft.runs).toEqual([]);
    keeper.fill();
    expect(nft.elements("trusted4")).toEqual(["192.0.2.1"]);
    expect(nft.elements("single6")).toEqual(expect.arrayContaining(["fe80::/10"]));
    source.reading = reading("192.0.2.2");
    await keeper.refresh();
    expect(nft.elements("trusted4")).toEqual(["192.0.2.2"]);
  });

  it("has trust in the kernel before the guard hears of it", async () => {
    const { files, nft, source, facts, keeper } = open();
    using _ = files;
    keeper.fill();
    const seen: string[][] = [];
    facts.push = () => seen.push(nft.elements("trusted4"));
    source.reading = reading("192.0.2.1");
    await keeper.refresh();
    expect(seen).toEqual([["192.0.2.1"]]);
  });

  it("goes on with what a source said before it broke, and says what is wrong", async () => {
    const { files, trusted, source, faults, keeper } = open({ isVital: true });
    using _ = files;
    source.reading = reading("192.0.2.1");
    await keeper.refresh();
    source.reading = unreadable;
    await keeper.refresh();
    expect(trusted.check(prefix("192.0.2.1"))).toBe("trusted: a test");
    expect(trusted.check(prefix("192.0.2.9"))).toBeUndefined();
    source.reading = reading();
    await keeper.refresh();
    expect(trusted.check(prefix("192.0.2.1"))).toBeUndefined();
    expect(faults).toEqual([["it is broken"], []]);
  });

  it.each([
    { isVital: true, why: "nobody is banned until it can be read: it is broken" },
    { isVital: false, why: undefined },
  ])("with a source never read, vital=$isVital, refuses bans: $why", async ({ isVital, why }) => {
    const { files, trusted, source, keeper } = open({ isVital });
    using _ = files;
    source.reading = unreadable;
    await keeper.refresh();
    expect(trusted.check(prefix("192.0.2.9"))).toBe(why);
  });

  it("has the kernel hold nobody while it cannot know whom not to", async () => {
    const { files, nft, facts, source, keeper } = open({ isVital: true });
    using _ = files;
    source.reading = unreadable;
    await keeper.refresh();
    keeper.fill();
    expect(keeper.isBlind).toBe(true);
    expect(nft.elements("trusted4")).toEqual(["0.0.0.0/0"]);
    expect(nft.elements("trusted6")).toEqual(["::/0"]);
    expect(keeper.facts.trusted).toEqual([]);
    source.reading = reading("192.0.2.1");
    await keeper.refresh();
    expect(keeper.isBlind).toBe(false);
    expect(nft.elements("trusted4")).toEqual(["192.0.2.1"]);
    expect(nft.elements("trusted6")).toEqual([]);
    expect(facts.at(-1)?.trusted).toHaveLength(1);
  });

  it("is blind before its first reading", () => {
    const { files, keeper } = open();
    using _ = files;
    expect(keeper.isBlind).toBe(true);
  });

  it("goes on looking when one of its files cannot be asked", () => {
    vi.useFakeTimers();
    const { files, faults, keeper } = open();
    using _ = files;
    symlinkSync(files.path("trusted"), files.path("trusted"));
    keeper.start();
    rmSync(files.path("trusted"));
    vi.advanceTimersByTime(500);
    symlinkSync(files.path("trusted"), files.path("trusted"));
    vi.advanceTimersByTime(500);
    expect(faults.at(-1)?.[0]).toContain("ELOOP");
    keeper.stop();
  });

  it("says that the kernel did not take it, and tries again", async () => {
    const { files, nft, source, faults, keeper } = open();
    using _ = files;
    keeper.fill();
    nft.isTableGone = true;
    source.reading = reading("192.0.2.1");
    await keeper.refresh();
    expect(faults[0]?.[0]).toContain("trust cannot be written to the kernel");
    expect(() => keeper.fill()).toThrow(expect.objectContaining({ code: "ERR_KERNEL" }));
    nft.isTableGone = false;
    await keeper.refresh();
    expect(nft.elements("trusted4")).toEqual(["192.0.2.1"]);
    expect(faults.at(-1)).toEqual([]);
  });

  it("trusts by hand at once, and until the time is up", async () => {
    const { files, nft, clock, trusted, keeper } = open();
    using _ = files;
    await keeper.refresh();
    keeper.fill();
    expect(keeper.add(prefix("192.0.2.7"), 1000)).toEqual({ status: "applied" });
    expect(nft.elements("trusted4")).toEqual(["192.0.2.7"]);
    expect(trusted.check(prefix("192.0.2.7"))).toContain("trusted by hand until");
    clock.advance(1000);
    await keeper.refresh();
    expect(nft.elements("trusted4")).toEqual([]);
  });

  it("waits for host names that answer at once", async () => {
    using ignored = new FakeFiles();
    const names = new HostNames(new FakeClock(), async () => ["198.51.100.7"]);
    const path = ignored.write("ignore", "mail.example.org\n");
    const file = new IgnoreFile({ path, isRequired: true, names }, new FakeClock());
    const { files, trusted, keeper } = open({ names: [names], sources: [file] });
    using _ = files;
    await keeper.refresh();
    expect(trusted.check(prefix("198.51.100.7"))).toContain("mail.example.org");
  });

  it("reads again every five seconds until it is stopped", async () => {
    vi.useFakeTimers();
    const { files, trusted, source, keeper } = open();
    using _ = files;
    keeper.start();
    source.reading = reading("192.0.2.1");
    vi.advanceTimersByTime(4999);
    expect(trusted.entries).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(trusted.entries).toHaveLength(1);
    source.reading = reading();
    vi.advanceTimersByTime(5000);
    expect(trusted.entries).toHaveLength(0);
    keeper.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("reads at once when somebody has written, replaced or removed one of its files", () => {
    vi.useFakeTimers();
    const { files, trusted, keeper } = open();
    using _ = files;
    keeper.start();
    files.write("trusted", "192.0.2.1\n");
    vi.advanceTimersByTime(499);
    expect(trusted.entries).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(trusted.entries.map((entry) => entry.prefix)).toEqual(["192.0.2.1/32"]);
    rmSync(files.path("trusted"));
    vi.advanceTimersByTime(500);
    expect(trusted.entries).toEqual([]);
    keeper.stop();
  });

  it("reads at once what one of the quick sources says anew", () => {
    vi.useFakeTimers();
    const { files, trusted, quick, keeper } = open();
    using _ = files;
    keeper.start();
    quick.reading = reading("192.0.2.1");
    vi.advanceTimersByTime(499);
    expect(trusted.entries).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(trusted.entries.map((entry) => entry.prefix)).toEqual(["192.0.2.1/32"]);
    quick.reading = reading();
    vi.advanceTimersByTime(500);
    expect(trusted.entries).toEqual([]);
    keeper.stop();
  });

  it("lets quick sources that take long rest for fifty times as long", () => {
    vi.useFakeTimers();
    const { files, clock, quick, keeper } = open();
    using _ = files;
    let asked = 0;
    quick.read = () => {
      asked += 1;
      clock.advance(100);
      return reading();
    };
    keeper.start();
    for (let look = 0; look < 9; look += 1) {
      vi.advanceTimersByTime(500);
      clock.advance(500);
    }
    expect(asked).toBe(1);
    keeper.stop();
  });
});

describe("pauseAfter", () => {
  it.each([
    { costMs: 0, pauseMs: 5000 },
    { costMs: 100, pauseMs: 5000 },
    { costMs: 101, pauseMs: 5050 },
    { costMs: 1000, pauseMs: 50_000 },
  ])("a poll of $costMs ms -> $pauseMs ms", ({ costMs, pauseMs }) => {
    expect(pauseAfter(costMs)).toBe(pauseMs);
  });
});

describe("TrustKeeper with other lists", () => {
  it("asks those, and forgets what only the old ones said", async () => {
    const { files, nft, session, source, keeper } = open();
    using _ = files;
    session.reading = reading("192.0.2.7");
    source.reading = reading("192.0.2.1");
    await keeper.refresh();
    keeper.fill();
    const other = new FakeSource("other");
    other.reading = reading("192.0.2.2");
    keeper.follow({ sources: [other], paths: [], names: [], quick: [] });
    await keeper.refresh();
    expect(nft.elements("trusted4")).toEqual(["192.0.2.2", "192.0.2.7"]);
  });
});
