import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  BlocklistKeeper,
  type BlocklistReport,
} from "../../../src/broker/blocklists/blocklist-keeper.ts";
import { BlocklistReader } from "../../../src/broker/blocklists/read-blocklist.ts";
import { OperationalError } from "../../../src/errors.ts";
import { formatWords } from "../../../src/net/address-words.ts";
import type { PrefixRows } from "../../../src/net/prefix-rows.ts";
import { address } from "../fakes.ts";

/** Files, a kernel that remembers, and the keeper between them. */
function open(files: Record<string, string>) {
  const kernel = {
    inForce: [] as string[],
    loads: 0,
    refusal: undefined as string | undefined,
    isWhole: true,
    async replace(merged: readonly PrefixRows[]): Promise<number> {
      if (kernel.refusal !== undefined) throw new OperationalError("ERR_KERNEL", kernel.refusal);
      kernel.loads += 1;
      kernel.isWhole = true;
      const [ipv4] = merged;
      kernel.inForce = Array.from({ length: ipv4?.length ?? 0 }, (_, row) => {
        const words = Uint32Array.of(0, 0, 0xffff, ipv4?.word(row, 0) ?? 0);
        return `${formatWords(words)}/${ipv4?.bits(row)}`;
      });
      return kernel.inForce.length;
    },
    isIntact: () => kernel.isWhole,
    dropped: () => 7,
  };
  const reports: BlocklistReport[] = [];
  const keeper = new BlocklistKeeper(Object.keys(files), {
    kernel,
    onLoaded: (report) => reports.push(report),
    stampOf: (path) => files[path] ?? "ENOENT",
    read: async (path) => {
      const text = files[path];
      if (text === undefined) return { status: "unreadable", reason: `${path} does not exist` };
      const reader = new BlocklistReader(path);
      reader.take(text);
      return reader.finish();
    },
  });
  const look = () => vi.advanceTimersByTimeAsync(2000);
  return { files, kernel, keeper, reports, look };
}

describe("BlocklistKeeper", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("loads all files as one set, and says which line names an address", async () => {
    const scene = open({ "/a": "192.0.2.0/25\n198.51.100.7\n", "/b": "#\n192.0.2.128/25\n" });
    scene.keeper.start();
    await scene.look();
    expect(scene.kernel.inForce).toEqual(["192.0.2.0/24", "198.51.100.7/32"]);
    expect(scene.keeper.listings(address("192.0.2.200"))).toEqual([
      { path: "/b", line: 2, prefix: "192.0.2.128/25" },
    ]);
    expect(scene.keeper.listings(address("203.0.113.1"))).toEqual([]);
    expect(scene.keeper.summary).toEqual({ files: 2, entries: 3, dropped: 7 });
    scene.keeper.stop();
  });

  it("reads a file again when it has looked the same twice, and leaves the rest alone", async () => {
    const scene = open({ "/a": "192.0.2.1\n" });
    scene.keeper.start();
    await scene.look();
    scene.files["/a"] = "192.0.2.2\n";
    await scene.look();
    expect(scene.kernel.inForce).toEqual(["192.0.2.1/32"]);
    await scene.look();
    expect(scene.kernel.inForce).toEqual(["192.0.2.2/32"]);
    await scene.look();
    await scene.look();
    expect(scene.kernel.loads).toBe(2);
    scene.keeper.stop();
  });

  it.each([
    { what: "is gone", text: undefined },
    { what: "is empty", text: "" },
    { what: "is a web page", text: "<html>\n<body>\n192.0.2.9\n" },
  ])("keeps what a file said before when it $what, and says so", async ({ text }) => {
    const scene = open({ "/a": "192.0.2.1\n", "/b": "192.0.2.4\n" });
    scene.keeper.start();
    await scene.look();
    if (text === undefined) delete scene.files["/a"];
    else scene.files["/a"] = text;
    await scene.look();
    await scene.look();
    expect(scene.reports.at(-1)?.unread).toHaveLength(1);
    expect(scene.kernel.inForce).toEqual(["192.0.2.1/32", "192.0.2.4/32"]);
    expect(scene.kernel.loads).toBe(1);
    scene.files["/a"] = "192.0.2.2\n";
    await scene.look();
    await scene.look();
    expect(scene.reports.at(-1)?.unread).toEqual([]);
    expect(scene.kernel.inForce).toEqual(["192.0.2.2/32", "192.0.2.4/32"]);
    scene.keeper.stop();
  });

  it("goes by the files of another configuration, and by none of those that it left out", async () => {
    const scene = open({ "/a": "192.0.2.1\n" });
    scene.keeper.start();
    await scene.look();
    scene.files["/b"] = "192.0.2.4\n";
    await scene.keeper.follow(["/b"]);
    expect(scene.kernel.inForce).toEqual(["192.0.2.4/32"]);
    await scene.keeper.follow([]);
    expect(scene.kernel.inForce).toEqual([]);
    expect(scene.keeper.summary).toBeUndefined();
    scene.keeper.stop();
  });

  it("fills the sets again when somebody has emptied them", async () => {
    const scene = open({ "/a": "192.0.2.1\n" });
    scene.keeper.start();
    await scene.look();
    scene.kernel.isWhole = false;
    await scene.look();
    expect(scene.kernel.loads).toBe(2);
    scene.keeper.stop();
  });

  it("says what the kernel has refused, and tries it again after a minute", async () => {
    const scene = open({ "/a": "192.0.2.1\n" });
    scene.kernel.refusal = "no memory";
    scene.keeper.start();
    await scene.look();
    expect(scene.reports.at(-1)?.failure).toBe("no memory");
    scene.kernel.refusal = undefined;
    await vi.advanceTimersByTimeAsync(56_000);
    expect(scene.kernel.loads).toBe(0);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(scene.kernel.inForce).toEqual(["192.0.2.1/32"]);
    expect(scene.reports.at(-1)?.failure).toBeUndefined();
    scene.keeper.stop();
  });

  it("names at most a hundred entries for one address", async () => {
    const scene = open({ "/a": "192.0.2.1\n".repeat(150) });
    scene.keeper.start();
    await scene.look();
    expect(scene.keeper.listings(address("192.0.2.1"))).toHaveLength(100);
    scene.keeper.stop();
  });
});
