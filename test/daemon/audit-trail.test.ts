import { beforeEach, describe, expect, it } from "vitest";
import type { AuditedRequest } from "../../src/api/audit.ts";
import { AuditTrail } from "../../src/daemon/audit-trail.ts";
import { formatEvent } from "../../src/daemon/event-words.ts";
import { decodeEvent, encodeEvent } from "../../src/journal/event-text.ts";
import type { StoryEvent } from "../../src/model/story-event.ts";
import { SourceKeys } from "../../src/net/source-keys.ts";
import { FakeClock } from "../support/fake-clock.ts";

const BAN: AuditedRequest = {
  caller: "root",
  request: "POST /v1/bans",
  status: 200,
  asked: { address: "192.0.2.7", reason: "by hand" },
  outcome: "applied",
};
const REFUSED = { ...BAN, caller: "uid 1000", status: 403, asked: undefined, outcome: undefined };

let clock: FakeClock;
let waiting: StoryEvent[];
let written: StoryEvent[];
let trail: AuditTrail;
beforeEach(() => {
  clock = new FakeClock();
  waiting = [];
  written = [];
  const stories = {
    keepEvent: (event: StoryEvent) => void waiting.push(event),
    flush: () => void written.push(...waiting.splice(0)),
  };
  trail = new AuditTrail({ stories, keys: new SourceKeys({ ipv6PrefixBits: 64 }), clock });
});

const words = () => written.map(({ detail, atEpochMs }) => formatEvent(detail, atEpochMs));

describe("AuditTrail", () => {
  it("has written who asked for what when it returns", () => {
    trail.keep(BAN);
    expect(written).toMatchObject([{ source: "192.0.2.7/32", detail: { kind: "request" } }]);
    expect(words()).toEqual([
      'root asked: POST /v1/bans {"address":"192.0.2.7","reason":"by hand"} (applied)',
    ]);
  });

  it.each([
    { address: "192.0.2.0/24", source: "192.0.2.0/24" },
    { address: " 192.0.2.7 ", source: "192.0.2.7/32" },
    { address: "2001:db8::7", source: "2001:db8::/64" },
    { address: "=1+1", source: undefined },
    { address: undefined, source: undefined },
  ])("files what is asked of $address under $source", ({ address, source }) => {
    trail.keep({ ...BAN, asked: { address } });
    expect(written[0]?.source).toBe(source);
  });

  it.each([
    { count: 0, addresses: [], says: "there were no bans" },
    {
      count: 2,
      addresses: ["192.0.2.7", "2001:db8::/64"],
      says: "2 bans ended: 192.0.2.7, 2001:db8::/64",
    },
    { count: 21, addresses: ["192.0.2.7"], says: "21 bans ended: 192.0.2.7 and 20 more" },
  ])("says how many bans were ended together, and whose: $says", ({ count, addresses, says }) => {
    const ended = { count, addresses };
    const { outcome: _, ...all } = { ...BAN, request: "DELETE /v1/bans", asked: { all: "1" } };
    trail.keep({ ...all, outcome: undefined, ended });
    expect(words()).toEqual([`root asked: DELETE /v1/bans {"all":"1"} (${says})`]);
    const [event] = written;
    expect(event && decodeEvent(encodeEvent(event.detail))).toEqual(event?.detail);
  });

  it("cuts what is too long, and no character in the middle", () => {
    trail.keep({ ...BAN, asked: { reason: `.${"😀".repeat(400)}` } });
    const [event] = written;
    const asked = event?.detail.kind === "request" ? event.detail.asked : "";
    expect(asked).toHaveLength(500);
    expect(asked.isWellFormed()).toBe(true);
  });

  it("keeps a bounded number of those who are turned away, and says how many there were", () => {
    for (let index = 0; index < 1000; index += 1) trail.keep(REFUSED);
    expect(written).toHaveLength(20);
    expect(words()[0]).toBe("uid 1000 asked: POST /v1/bans (answered 403)");
    clock.advance(600_000);
    trail.keep(REFUSED);
    expect(words()[20]).toBe(
      "uid 1000 asked: POST /v1/bans (answered 403; before it 980 requests turned away)",
    );
    trail.keep(REFUSED);
    expect(words()[21]).toBe("uid 1000 asked: POST /v1/bans (answered 403)");
  });

  it("keeps whatever is asked by those who may, also while others are turned away", () => {
    for (let index = 0; index < 100; index += 1) trail.keep(REFUSED);
    for (let index = 0; index < 100; index += 1) trail.keep(BAN);
    expect(written).toHaveLength(120);
  });
});
