/**
 * A verdict's score as text in the journal, whole enough that it can be made again from its steps.
 *
 * `[value, half-life ms, [[transport, port, after ms, factor], …]]`. Bounded: {@link MAX_STEPS}. The
 * file is the guard's, which is taken to be taken over, so a text that this program would not have
 * written is none. Numbers are written as JavaScript prints them, which loses nothing.
 */
import { z } from "zod";
import type { Score } from "../model/verdict.ts";
import { count, decodeValue, portNumber, transport } from "./stored-values.ts";

/** Steps of one score: a detector lists fewer contacts than that. */
export const MAX_STEPS = 64;

/** As long as {@link MAX_STEPS} steps can be: 4 KiB. */
const LONGEST_SCORE = 64 + MAX_STEPS * 64;

const step = z.tuple([transport, portNumber, count, z.number().positive()]);

const scoreSchema = z.tuple([
  z.number().positive(),
  z.number().positive(),
  z.array(step).max(MAX_STEPS),
]);

/** @returns undefined for a score of more steps than are stored. */
export function encodeScore({ value, halfLifeMs, steps }: Score): string | undefined {
  if (steps.length > MAX_STEPS) return undefined;
  const told = steps.map(({ transport, port, afterMs, factor }) => [
    transport,
    port,
    afterMs,
    factor,
  ]);
  return JSON.stringify([value, halfLifeMs, told]);
}

/** Never throws. @returns undefined for what {@link encodeScore} does not make. */
export function decodeScore(text: string): Score | undefined {
  const decoded = decodeValue(scoreSchema, text, LONGEST_SCORE);
  if (decoded === undefined) return undefined;
  const [value, halfLifeMs, steps] = decoded;
  return {
    value,
    halfLifeMs,
    steps: steps.map(([transport, port, afterMs, factor]) => ({
      transport,
      port,
      afterMs,
      factor,
    })),
  };
}
