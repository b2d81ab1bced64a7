/** A value that the page shows, and whoever wants to know when it is another one. */

export interface Cell<Value> {
  get(): Value;
  /** Tells nobody when it is the same value. */
  set(value: Value): void;
  /** @returns what ends it. */
  subscribe(listener: () => void): () => void;
}

export function createCell<Value>(first: Value): Cell<Value> {
  let value = first;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
