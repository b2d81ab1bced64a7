import { describe, expect, it } from "vitest";
import {
  ANSWER_WITHIN_MS,
  HostResolver,
  KEEP_FOR_MS,
  MAX_NAMES,
  MAX_QUESTIONS,
  parseHostName,
} from "../../../src/daemon/dialects/resolve-host.ts";
import type { IpAddress } from "../../../src/net/ip-address.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { address } from "./scans.ts";

interface Question {
  readonly address: IpAddress;
  readonly answer: (names: readonly string[]) => void;
  readonly fail: () => void;
}

/** A resolver whose DNS and timer do what the test says. */
function open() {
  const clock = new FakeClock();
  const questions: Question[] = [];
  const timers = new Set<{ readonly delayMs: number; readonly run: () => void }>();
  const resolver = new HostResolver(clock, {
    lookUp: (asked) =>
      new Promise((resolve, reject) => {
        questions.push({
          address: asked,
          answer: resolve,
          fail: () => reject(new Error("ENOTFOUND")),
        });
      }),
    startTimer: (delayMs, run) => {
      const timer = { delayMs, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
  });
  return { clock, questions, timers, resolver };
}

/** The n-th of many sources. */
function nth(index: number): IpAddress {
  return address(`198.51.${100 + (index >> 8)}.${index & 255}`);
}

describe("parseHostName", () => {
  it.each([
    { text: "Evil.Example.ORG", name: "evil.example.org" },
    { text: "a-b.example.org.", name: "a-b.example.org" },
    { text: "host", name: "host" },
    { text: "192-0-2-7.example.org", name: "192-0-2-7.example.org" },
    { text: "7.2.0.192.in-addr.arpa", name: "7.2.0.192.in-addr.arpa" },
    { text: `${"x".repeat(63)}.org`, name: `${"x".repeat(63)}.org` },
    { text: `${"x".repeat(64)}.org`, name: undefined },
    { text: `${"x.".repeat(126)}x`, name: `${"x.".repeat(126)}x` },
    { text: `${"x.".repeat(126)}xx`, name: undefined },
    { text: "", name: undefined },
    { text: ".", name: undefined },
    { text: "a..org", name: undefined },
    { text: "198.51.100.1", name: undefined },
    { text: "198.51.100.1.", name: undefined },
    { text: "198.51.100", name: undefined },
    { text: "2001:db8::1", name: undefined },
    { text: "a_b.example.org", name: undefined },
    { text: "a b.example.org", name: undefined },
    { text: "x/192.0.2.1", name: undefined },
    { text: "x] (y", name: undefined },
    { text: "x\n.org", name: undefined },
    { text: "x.org\n", name: undefined },
    { text: "$(id).org", name: undefined },
    { text: "bücher.example", name: undefined },
  ])("$text -> $name", ({ text, name }) => {
    expect(parseHostName(text)).toBe(name);
  });
});

describe("HostResolver", () => {
  it("gives the first name, and asks once in ten minutes", async () => {
    const { clock, questions, resolver } = open();
    const first = resolver.hostOf(nth(1));
    questions[0]?.answer(["one.example.org", "two.example.org"]);
    expect(await first).toBe("one.example.org");
    clock.advance(KEEP_FOR_MS - 1);
    expect(await resolver.hostOf(nth(1))).toBe("one.example.org");
    expect(questions).toHaveLength(1);
    clock.advance(1);
    const second = resolver.hostOf(nth(1));
    questions[1]?.answer(["two.example.org"]);
    expect(await second).toBe("two.example.org");
  });

  it.each([
    { what: "there is no name", act: ({ fail }: Question) => fail() },
    { what: "the answer is empty", act: ({ answer }: Question) => answer([]) },
    { what: "the name is none", act: ({ answer }: Question) => answer(["x/198.51.100.9 Port"]) },
  ])("gives the address where $what, and keeps that too", async ({ act }) => {
    const { questions, timers, resolver } = open();
    const host = resolver.hostOf(nth(1));
    act(questions[0] as Question);
    expect(await host).toBe("198.51.100.1");
    expect(await resolver.hostOf(nth(1))).toBe("198.51.100.1");
    expect([questions.length, timers.size]).toEqual([1, 0]);
  });

  it("gives the address when the answer takes too long, and does not use a late one", async () => {
    const { questions, timers, resolver } = open();
    const host = resolver.hostOf(nth(1));
    const [timer] = timers;
    expect(timer?.delayMs).toBe(ANSWER_WITHIN_MS);
    timer?.run();
    expect(await host).toBe("198.51.100.1");
    questions[0]?.answer(["late.example.org"]);
    expect(await resolver.hostOf(nth(1))).toBe("198.51.100.1");
  });

  it("asks one question for many probes of a source", async () => {
    const { questions, resolver } = open();
    const hosts = [resolver.hostOf(nth(1)), resolver.hostOf(nth(1))];
    expect(questions).toHaveLength(1);
    questions[0]?.answer(["one.example.org"]);
    expect(await Promise.all(hosts)).toEqual(["one.example.org", "one.example.org"]);
  });

  it(`has ${MAX_QUESTIONS} questions open at most, and asks again later`, async () => {
    const { questions, resolver } = open();
    const waiting = Array.from({ length: MAX_QUESTIONS }, (_, index) =>
      resolver.hostOf(nth(index)),
    );
    expect(await resolver.hostOf(nth(MAX_QUESTIONS))).toBe(nth(MAX_QUESTIONS));
    expect(questions).toHaveLength(MAX_QUESTIONS);
    questions[0]?.answer(["one.example.org"]);
    await waiting[0];
    const late = resolver.hostOf(nth(MAX_QUESTIONS));
    questions.at(-1)?.answer(["late.example.org"]);
    expect(await late).toBe("late.example.org");
  });

  it(`keeps ${MAX_NAMES} answers and forgets the oldest`, async () => {
    const { questions, resolver } = open();
    const ask = async (index: number) => {
      const host = resolver.hostOf(nth(index));
      questions.pop()?.answer([`host-${index}.example.org`]);
      return await host;
    };
    for (let index = 0; index <= MAX_NAMES; index += 1) await ask(index);
    expect(await resolver.hostOf(nth(1))).toBe("host-1.example.org");
    const forgotten = resolver.hostOf(nth(0));
    expect(questions).toHaveLength(1);
    questions[0]?.fail();
    expect(await forgotten).toBe("198.51.100.0");
  });
});
