/**
 * The pace of a web server: a new connection for every request, and connections that are kept.
 *
 * wrk's requests that failed are an error of the run and not a pace: a guard that shuts the client
 * out would look slow, and is wrong.
 */
import type { Row } from "../row.ts";
import { type Standing, WEB_PORT } from "../standing.ts";
import { costMeasures, withCost } from "./guard-cost.ts";

/** So many connections at once: enough to keep the server busy, and no backlog overflows. */
const CONNECTIONS = 32;

/** wrk ends a little later than it was told. Milliseconds. */
const PATIENCE_MS = 30_000;

export const NEW_CONNECTIONS: Row = {
  name: "new-connections",
  measures: [
    {
      id: "new-connections.pace",
      title: "new connections (wrk, a connection for each request to nginx)",
      unit: "a second",
      isMoreBetter: true,
      isPaired: true,
      bar: { bound: "at least", value: 0.97, isOfRatio: true },
    },
    ...costMeasures("new-connections", "new connections"),
  ],
  measure: (standing, { seconds }) =>
    withCost("new-connections", standing.guard, async () => ({
      "new-connections.pace": await pace(standing, seconds, ["-H", "Connection: close"]),
    })),
};

export const REQUESTS: Row = {
  name: "requests",
  measures: [
    {
      id: "requests.pace",
      title: "requests over kept connections (wrk, nginx)",
      unit: "a second",
      isMoreBetter: true,
      isPaired: true,
    },
    ...costMeasures("requests", "kept connections"),
  ],
  measure: (standing, { seconds }) =>
    withCost("requests", standing.guard, async () => ({
      "requests.pace": await pace(standing, seconds, []),
    })),
};

/** @throws {Error} when wrk was not served well. */
export async function pace(
  { network, contestant }: Standing,
  seconds: number,
  words: readonly string[],
): Promise<number> {
  const { hosts, target } = network;
  const url = `http://${target.ipv4}:${WEB_PORT}/`;
  const load = ["-t1", `-c${CONNECTIONS}`, `-d${seconds}s`];
  const patienceMs = seconds * 1000 + PATIENCE_MS;
  const output = await hosts.client.namespace.run("wrk", [...words, ...load, url], patienceMs);
  const text = /^Requests\/sec:\s+([\d.]+)$/m.exec(output)?.[1];
  if (text === undefined || /Non-2xx|connect [1-9]|timeout [1-9]/.test(output)) {
    throw new Error(`${contestant.title}: wrk was not served well:\n${output}`);
  }
  return Number(text);
}
