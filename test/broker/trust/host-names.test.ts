import { describe, expect, it } from "vitest";
import { HostNames } from "../../../src/broker/trust/host-names.ts";
import { FakeClock } from "../fakes.ts";

function open(answers: Record<string, string[] | undefined>) {
  const clock = new FakeClock();
  const asked: string[] = [];
  const names = new HostNames(clock, async (name) => {
    asked.push(name);
    const answer = answers[name];
    if (answer === undefined) throw Object.assign(new Error("no"), { code: "EAI_AGAIN" });
    return answer;
  });
  return { names, clock, asked, answers };
}

describe("HostNames", () => {
  it("resolves what is wanted, all addresses in one order", async () => {
    const { names } = open({ "a.example": ["2001:db8::1", "192.0.2.7"] });
    names.want(["a.example"]);
    expect(names.resolved("a.example")).toMatchObject({ addresses: [] });
    await names.refresh();
    expect(names.resolved("a.example")).toMatchObject({ addresses: ["192.0.2.7", "2001:db8::1"] });
  });

  it("asks again after five minutes, and after 15 seconds when it failed", async () => {
    const { names, clock, asked } = open({ "a.example": ["192.0.2.7"] });
    names.want(["a.example", "b.example"]);
    for (const ms of [0, 14_999, 1, 285_000]) {
      clock.advance(ms);
      await names.refresh();
    }
    expect(asked).toEqual(["a.example", "b.example", "b.example", "a.example", "b.example"]);
  });

  it("keeps the last good answer while the resolver fails, and says so", async () => {
    const { names, clock, answers } = open({ "a.example": ["192.0.2.7"] });
    names.want(["a.example"]);
    await names.refresh();
    answers["a.example"] = undefined;
    clock.advance(300_000);
    await names.refresh();
    expect(names.resolved("a.example")).toMatchObject({
      addresses: ["192.0.2.7"],
      fault: "EAI_AGAIN",
    });
  });

  it("forgets what is wanted no more and keeps the rest", async () => {
    const { names, asked } = open({ "a.example": ["192.0.2.7"], "b.example": ["192.0.2.8"] });
    names.want(["a.example", "b.example"]);
    await names.refresh();
    names.want(["b.example"]);
    await names.refresh();
    expect(names.resolved("a.example").addresses).toEqual([]);
    expect(names.resolved("b.example").addresses).toEqual(["192.0.2.8"]);
    expect(asked).toEqual(["a.example", "b.example"]);
  });

  it("keeps sixteen addresses of a name and resolves 256 names", async () => {
    const many = Array.from({ length: 20 }, (_, index) => `192.0.2.${index}`);
    const { names, asked } = open(
      Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`h${index}`, many])),
    );
    names.want(Array.from({ length: 300 }, (_, index) => `h${index}`));
    await names.refresh();
    expect(asked).toHaveLength(256);
    expect(names.resolved("h0").addresses).toHaveLength(16);
  });

  it("does not ask twice at the same time", async () => {
    const { names, asked } = open({ "a.example": ["192.0.2.7"] });
    names.want(["a.example"]);
    await Promise.all([names.refresh(), names.refresh()]);
    expect(asked).toEqual(["a.example"]);
  });
});
