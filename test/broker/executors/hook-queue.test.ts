import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HookQueue } from "../../../src/broker/executors/hook-queue.ts";
import { settled } from "../fakes.ts";

/** Jobs that end when the test says so; what begins and ends is noted. */
class Jobs {
  readonly begun: string[] = [];
  readonly #ends = new Map<string, () => void>();

  job(name: string): () => Promise<string> {
    return () => {
      this.begun.push(name);
      return new Promise((resolve) => this.#ends.set(name, () => resolve(name)));
    };
  }

  async end(name: string): Promise<void> {
    this.#ends.get(name)?.();
    await settled();
  }
}

describe("HookQueue", () => {
  it("counts only what was submitted against its bound, and says when nothing is left", async () => {
    const queue = new HookQueue(1);
    const jobs = new Jobs();
    await queue.idle();
    const names = ["a", "b", "c", "d", "e", "f"];
    for (const name of names) void queue.insist(name, jobs.job(name));
    expect(queue.submit("g", jobs.job("g")).status).toBe("queued");
    expect(queue.submit("h", jobs.job("h")).status).toBe("full");
    let isIdle = false;
    const idle = queue.idle().then(() => {
      isIdle = true;
    });
    for (const name of [...names, "g"]) {
      expect(isIdle).toBe(false);
      await jobs.end(name);
    }
    await idle;
  });

  it("runs four at once, and the fifth when one has ended", async () => {
    const queue = new HookQueue(10);
    const jobs = new Jobs();
    for (const source of ["a", "b", "c", "d", "e"]) queue.submit(source, jobs.job(source));
    expect(jobs.begun).toEqual(["a", "b", "c", "d"]);
    expect(queue).toMatchObject({ running: 4, waiting: 1 });
    await jobs.end("c");
    expect(jobs.begun).toEqual(["a", "b", "c", "d", "e"]);
    expect(queue).toMatchObject({ running: 4, waiting: 0 });
  });

  it("runs the jobs of one source one after another, and lets others overtake", async () => {
    const queue = new HookQueue(10);
    const jobs = new Jobs();
    for (const name of ["a1", "a2", "a3", "b1"]) queue.submit(name[0] ?? "", jobs.job(name));
    expect(jobs.begun).toEqual(["a1", "b1"]);
    await jobs.end("a1");
    expect(jobs.begun).toEqual(["a1", "b1", "a2"]);
    await jobs.end("a2");
    await jobs.end("a3");
    await jobs.end("b1");
    expect(queue.isBusy("a")).toBe(false);
    expect(queue).toMatchObject({ running: 0, waiting: 0 });
  });

  it("refuses and counts what finds the queue full, and takes again what comes later", async () => {
    const queue = new HookQueue(2);
    const jobs = new Jobs();
    const submit = (name: string) => queue.submit(name, jobs.job(name)).status;
    expect(["a", "b", "c", "d", "e", "f"].map(submit)).toEqual(Array(6).fill("queued"));
    expect(submit("g")).toBe("full");
    expect(submit("a")).toBe("full");
    expect(queue).toMatchObject({ running: 4, waiting: 2, refused: 2 });
    await jobs.end("a");
    expect(submit("g")).toBe("queued");
    expect(submit("h")).toBe("full");
  });

  it("with no place to wait still runs four of different sources", () => {
    const queue = new HookQueue(0);
    const jobs = new Jobs();
    const submit = (name: string) => queue.submit(name, jobs.job(name)).status;
    expect(["a", "a", "b", "c", "d", "e"].map(submit)).toEqual([
      "queued",
      "full",
      "queued",
      "queued",
      "queued",
      "full",
    ]);
  });

  it("queues what insists, though it is full", async () => {
    const queue = new HookQueue(0);
    const jobs = new Jobs();
    queue.submit("a", jobs.job("a1"));
    const second = queue.insist("a", jobs.job("a2"));
    expect(queue.isBusy("a")).toBe(true);
    await jobs.end("a1");
    await jobs.end("a2");
    expect(await second).toBe("a2");
  });

  it("goes on after a job that fails, whose failure is its caller's", async () => {
    const queue = new HookQueue(10);
    const failing = queue.insist("a", () => Promise.reject(new Error("broken")));
    const next = queue.insist("a", async () => "next");
    await expect(failing).rejects.toThrow("broken");
    expect(await next).toBe("next");
    expect(queue).toMatchObject({ running: 0, waiting: 0 });
  });

  it("keeps the order of each source and its bounds, whatever comes and ends", async () => {
    const step = fc.oneof(
      fc.record({ submit: fc.constantFrom("a", "b", "c", "d", "e", "f") }),
      fc.record({ end: fc.nat(3) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const queue = new HookQueue(5);
        const jobs = new Jobs();
        const accepted: string[] = [];
        const ended: string[] = [];
        let made = 0;
        const open = () => jobs.begun.filter((name) => !ended.includes(name));
        for (const each of steps) {
          if ("submit" in each) {
            made += 1;
            const name = `${each.submit}${made}`;
            if (queue.submit(each.submit, jobs.job(name)).status === "queued") accepted.push(name);
          } else {
            const name = open()[each.end];
            if (name === undefined) continue;
            ended.push(name);
            await jobs.end(name);
          }
          expect(open().length).toBeLessThanOrEqual(4);
          expect(queue.running).toBe(open().length);
          expect(queue.waiting).toBeLessThanOrEqual(5);
        }
        for (let name = open()[0]; name !== undefined; name = open()[0]) {
          ended.push(name);
          await jobs.end(name);
        }
        for (const source of "abcdef") {
          const ofSource = (names: readonly string[]) => names.filter((name) => name[0] === source);
          expect(ofSource(jobs.begun)).toEqual(ofSource(accepted));
        }
      }),
      { numRuns: 50 },
    );
  });
});
