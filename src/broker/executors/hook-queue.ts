/**
 * Lets few hooks run at once, and those of one source one after another.
 *
 * A hook that takes seconds delays other hooks at most, never detection. Whoever makes hooks due
 * (a scanner, a forger, a guard that was taken over) can fill the queue: then the next is refused
 * and counted, so that memory and processes are bounded. Sources take turns; the hooks of one keep
 * their order, because an undo that overtakes its deed undoes nothing.
 */

/** Hooks that run at the same time. */
const MAX_RUNNING = 4;

/** What a refusal says. */
export const QUEUE_IS_FULL = "the queue of hooks is full";

interface Job {
  readonly run: () => Promise<void>;
  /** Whether it counts against the bound. */
  readonly isBounded: boolean;
}

export type Submission<T> =
  | { readonly status: "queued"; readonly result: Promise<T> }
  | { readonly status: "full" };

export class HookQueue {
  #maxWaiting: number;
  /** Waiting jobs by source, in their order; a source whose job runs has an entry too. */
  readonly #waitingOf = new Map<string, Job[]>();
  /** Sources with a waiting job and none that runs, longest ready first. */
  readonly #ready = new Set<string>();
  #waiting = 0;
  /** Of those that wait, the ones that were submitted. */
  #boundedWaiting = 0;
  #running = 0;
  /** Fulfilled when nothing runs or waits. */
  #idle = Promise.withResolvers<void>();
  #refused = 0;

  /** @param maxWaiting jobs that may wait besides those that run. HOOK_QUEUE; at least 0. */
  constructor(maxWaiting: number) {
    this.#maxWaiting = maxWaiting;
    this.#idle.resolve();
  }

  /** Has another bound from now on; what waits already goes on waiting. */
  setMaxWaiting(maxWaiting: number): void {
    this.#maxWaiting = maxWaiting;
  }

  get waiting(): number {
    return this.#waiting;
  }

  get running(): number {
    return this.#running;
  }

  /** Jobs that found the queue full, since the start. */
  get refused(): number {
    return this.#refused;
  }

  /** @returns whether a job of `source` runs or waits. */
  isBusy(source: string): boolean {
    return this.#waitingOf.has(source);
  }

  /** Queues a job, or refuses it when it would have to wait and as many wait as may. */
  submit<T>(source: string, job: () => Promise<T>): Submission<T> {
    const mustWait = this.#running >= MAX_RUNNING || this.#waitingOf.has(source);
    if (mustWait && this.#boundedWaiting >= this.#maxWaiting) {
      this.#refused += 1;
      return { status: "full" };
    }
    return { status: "queued", result: this.#queue(source, job, true) };
  }

  /** Queues a job though the queue is full; for what the caller bounds itself. */
  insist<T>(source: string, job: () => Promise<T>): Promise<T> {
    return this.#queue(source, job, false);
  }

  /** Waits until nothing runs and nothing waits. */
  async idle(): Promise<void> {
    await this.#idle.promise;
  }

  #queue<T>(source: string, job: () => Promise<T>, isBounded: boolean): Promise<T> {
    return new Promise((resolve, reject) => {
      const jobs = this.#waitingOf.get(source);
      const next: Job = { run: () => job().then(resolve, reject), isBounded };
      if (this.#waitingOf.size === 0) this.#idle = Promise.withResolvers();
      this.#waiting += 1;
      if (isBounded) this.#boundedWaiting += 1;
      if (jobs === undefined) {
        this.#waitingOf.set(source, [next]);
        this.#ready.add(source);
      } else jobs.push(next);
      this.#start();
    });
  }

  #start(): void {
    for (const source of this.#ready) {
      if (this.#running >= MAX_RUNNING) return;
      this.#ready.delete(source);
      const job = this.#waitingOf.get(source)?.shift();
      if (job === undefined) throw new Error(`nothing waits for ${source}`);
      this.#waiting -= 1;
      if (job.isBounded) this.#boundedWaiting -= 1;
      this.#running += 1;
      void job.run().then(() => this.#ended(source));
    }
  }

  #ended(source: string): void {
    this.#running -= 1;
    if (this.#waitingOf.get(source)?.length === 0) this.#waitingOf.delete(source);
    else this.#ready.add(source);
    if (this.#waitingOf.size === 0) this.#idle.resolve();
    this.#start();
  }
}
