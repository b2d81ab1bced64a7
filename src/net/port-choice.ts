/** One of several values for each port: what most ports have, and which ports have another. */

export interface PortChoice<Value> {
  /** The value of every port that is not in `byPort`. */
  readonly otherwise: Value;
  /** Ports that have a value of their own, 1 to 65535. */
  readonly byPort: ReadonlyMap<number, Value>;
}

/** @returns the value of `port`. */
export function choiceOf<Value>({ otherwise, byPort }: PortChoice<Value>, port: number): Value {
  return byPort.get(port) ?? otherwise;
}
