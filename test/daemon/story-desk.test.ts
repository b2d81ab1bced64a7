import { beforeEach, describe, expect, it } from "vitest";
import { NOTHING_LIVE, StoryDesk } from "../../src/daemon/story-desk.ts";
import { MemoryJournal } from "../../src/journal/memory-journal.ts";
import { openHistory } from "../../src/journal/open-history.ts";
import type { Stories } from "../../src/journal/stories.ts";
import type { Tool } from "../../src/model/tool.ts";
import { type Prefix, parsePrefix } from "../../src/net/prefix.ts";
import { SourceKeys } from "../../src/net/source-keys.ts";
import { TrustedPrefixes } from "../../src/policy/trusted-prefixes.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { campaign } from "./campaigns.ts";

const clock = new FakeClock();
let stories: Stories;
let pauses: number;
let desk: StoryDesk;

beforeEach(() => {
  stories = openHistory({ path: ":memory:", clock }).stories;
  pauses = 0;
  desk = new StoryDesk({
    journal: new MemoryJournal(),
    stories,
    live: NOTHING_LIVE,
    keys: new SourceKeys({ ipv6PrefixBits: 64 }),
    trusted: new TrustedPrefixes(),
    ignoreFile: () => undefined,
    clock,
    pause: async () => {
      pauses += 1;
    },
  });
});

function keep(id: number, tool?: Tool): void {
  const source = parsePrefix(`198.51.${id >> 8}.${id & 255}`) as Prefix;
  stories.keepCampaign(campaign({ id: `c${id}`, source, tool, lastAtEpochMs: id }), true);
}

const idsOf = async (query: Parameters<StoryDesk["campaigns"]>[0]) =>
  (await desk.campaigns(query)).map(({ id }) => id);

describe("a search of stories", () => {
  it("finds a text wherever it stands in the story, in large or small letters", async () => {
    for (const id of [1, 2, 3]) keep(id, id === 2 ? "masscan" : "nmap");
    expect(await idsOf({ limit: 10, text: "By MASSCAN" })).toEqual(["c2"]);
    expect(await idsOf({ limit: 10, text: "198.51.0.3 probed" })).toEqual(["c3"]);
    expect(await idsOf({ limit: 10, text: "%" })).toEqual([]);
  });

  it("goes on from page to page, the latest first, and pauses in between", async () => {
    for (let id = 0; id < 700; id += 1) keep(id, id % 300 === 0 ? "zmap" : "nmap");
    expect(await idsOf({ limit: 2, text: "zmap" })).toEqual(["c600", "c300"]);
    expect(pauses).toBeGreaterThan(0);
    expect(await idsOf({ limit: 2, text: "zmap", after: "c300" })).toEqual(["c0"]);
  });

  it("looks through what the other conditions leave", async () => {
    for (let id = 0; id < 500; id += 1) keep(id, id === 7 ? "zmap" : "nmap");
    expect(await idsOf({ limit: 5, text: "198.51.0.7 ", tool: "zmap" })).toEqual(["c7"]);
    expect(pauses).toBe(1);
    expect(await idsOf({ limit: 5, text: "198.51.0.7 ", tool: "nmap" })).toEqual([]);
  });

  it("looks through ten thousand stories and no more", async () => {
    for (let id = 0; id <= 10_000; id += 1) {
      keep(id, id === 0 ? "zmap" : "nmap");
      if (id % 2000 === 0) stories.flush("all");
    }
    expect(await idsOf({ limit: 5, text: "zmap" })).toEqual([]);
    expect(await idsOf({ limit: 5, text: "zmap", after: "c10000" })).toEqual(["c0"]);
  }, 30_000);

  it("is made one at a time, and one that fails does not stop the next", async () => {
    keep(1, "nmap");
    const failing = desk.campaigns({ limit: 5, text: "a", address: "nobody" });
    const next = idsOf({ limit: 5, text: "nmap" });
    await expect(failing).rejects.toMatchObject({ code: "ERR_USAGE" });
    expect(await next).toEqual(["c1"]);
  });

  it("refuses a tool that there is not", async () => {
    await expect(desk.campaigns({ limit: 5, tool: "hammer" })).rejects.toMatchObject({
      code: "ERR_USAGE",
    });
  });
});
