/** A value that the page shows, and whoever wants to know when it is another one. */

export interface Cell<Value> {
  get(): Value;
  /** Tells nobody when it is the same value. */
  set(value: Value): void;
  /** Makes the next value of the one that it has now, and not before an answer was waited for. */
  update(change: (value: Value) => Value): void;
  /** @returns what ends it. */
  subscribe(listener: () => void): () => void;
}

export function createCell<Value>(first: Value): Cell<Value> {
  let value = first;
  const listeners = new Set<() => void>();
  const set = (next: Value): void => {
    if (Object.is(next, value)) return;
    value = next;
    for (const listener of [...listeners]) listener();
  };
  return {
    get: () => value,
    set,
    update: (change) => set(change(value)),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
