import { describe, expect, it } from "vitest";
import { SourceLimiter } from "../../../src/broker/legacy/source-limiter.ts";
import { address } from "../fakes.ts";

const one = address("192.0.2.1");
const two = address("192.0.2.2");
const three = address("192.0.2.3");

describe("SourceLimiter", () => {
  it("lets a source have its lines in any minute and not one more", () => {
    const limiter = new SourceLimiter({ perSource: 2, inAll: 100, maxSources: 10 });
    const take = (nowMs: number) => limiter.take(one, nowMs);
    expect([take(0), take(30_000), take(30_000), take(59_999)]).toEqual([true, true, false, false]);
    expect([take(60_000), take(60_000), take(89_999), take(90_000)]).toEqual([
      true,
      false,
      false,
      true,
    ]);
    expect(limiter.skipped).toBe(4);
  });

  it("counts each source apart, and all of them together", () => {
    const limiter = new SourceLimiter({ perSource: 2, inAll: 3, maxSources: 10 });
    expect([one, one, two, two, three].map((source) => limiter.take(source, 0))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(limiter.take(three, 60_000)).toBe(true);
  });

  it("does not take a line of all for one that its source may not have", () => {
    const limiter = new SourceLimiter({ perSource: 1, inAll: 2, maxSources: 10 });
    expect([one, one, one, two].map((source) => limiter.take(source, 0))).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  it("remembers no more sources than its bound, and forgets the idlest first", () => {
    const limiter = new SourceLimiter({ perSource: 1, inAll: 100, maxSources: 2 });
    expect(limiter.take(one, 0)).toBe(true);
    expect(limiter.take(two, 1)).toBe(true);
    expect(limiter.take(one, 2)).toBe(false);
    expect(limiter.take(three, 3)).toBe(true);
    expect(limiter.sourceCount).toBe(2);
    expect(limiter.take(one, 4)).toBe(false);
    expect(limiter.take(two, 5)).toBe(true);
    expect(limiter.sourceCount).toBe(2);
  });

  it("keeps a source that goes on while others come and get nothing", () => {
    const limiter = new SourceLimiter({ perSource: 1, inAll: 1, maxSources: 1 });
    expect([one, two, three].map((source) => limiter.take(source, 0))).toEqual([
      true,
      false,
      false,
    ]);
    expect(limiter.take(one, 59_999)).toBe(false);
  });
});
