/** What the commands that list the past have in common: which part of it is asked for. */
import type { Command } from "commander";
import type { CampaignsQuery } from "../api/operator.ts";
import { parseLimit, parseSpan } from "./arguments.ts";
import type { CliContext } from "./context.ts";

export interface StoryFlags {
  readonly limit: number;
  readonly after?: string;
  readonly address?: string;
  /** Milliseconds. */
  readonly since?: number;
}

export function addStoryOptions(command: Command): Command {
  return command
    .option("--limit <number>", "list at most so many, 1 to 10000", parseLimit, 100)
    .option("--address <address>", "about this address or prefix alone")
    .option("--since <span>", "of this span of time, such as 24h", parseSpan);
}

/** @returns what the flags ask for, as of now. */
export function storyQueryOf(
  { limit, after, address, since }: StoryFlags,
  { clock }: CliContext,
): Omit<CampaignsQuery, "verdict"> {
  const sinceEpochMs = since === undefined ? undefined : clock.epochMs() - since;
  return { limit, after, address, sinceEpochMs };
}
