/**
 * Runs jobs one after another, in the order in which they came.
 *
 * Nothing is bounded here: whoever submits jobs bounds them.
 */
export class OneAtATime {
  #last: Promise<unknown> = Promise.resolve();

  /** @returns what `job` gives, once those before it have ended, well or not. */
  run<T>(job: () => Promise<T>): Promise<T> {
    const result = this.#last.then(job, job);
    this.#last = result;
    // A job that fails is its own caller's affair; here it must only not be unhandled.
    result.catch(() => undefined);
    return result;
  }
}
