/**
 * Derives from a blocking command the command that takes it back.
 *
 * Works on the text before expansion, so that it can see whom the command is about: a command that
 * does not name $TARGET$ does the same for everybody, and taking it back for one would take it
 * from all. The result has the same tokens, and expands with the same values. Rather undefined
 * than a guess: the operator can name the inverse (UNKILL_ROUTE, UNKILL_RUN_CMD).
 */
import type { CommandShape } from "./command-shape.ts";
import {
  ipfwadmShapeOf,
  ipsetShapeOf,
  nftShapeOf,
  programOf,
  ruleShapeOf,
} from "./filter-shapes.ts";
import { ipShapeOf, routeShapeOf } from "./route-shapes.ts";
import { parseCommands, type SimpleCommand } from "./shell-words.ts";

const RULE_PROGRAM = /^(?:ip6?tables(?:-legacy|-nft)?|ipchains)$/;

/**
 * @returns one shape for each command of the line, in its order; undefined when any of them is not
 * known. Tokens and expanded text are read alike.
 */
export function shapesOf(line: string): readonly CommandShape[] | undefined {
  const shapes = parseCommands(line)?.map(shapeOf);
  return shapes?.every((shape) => shape !== undefined) ? shapes : undefined;
}

/** @returns the undo of each command, last first, joined by ";"; undefined when one has none. */
export function inverseCommand(template: string): string | undefined {
  const commands = parseCommands(template);
  const isAboutTarget = commands?.every((command) =>
    command.some(({ value }) => value.includes("$TARGET$")),
  );
  if (isAboutTarget !== true) return undefined;
  return shapesOf(template)
    ?.map(({ undo }) => undo)
    .reverse()
    .join("; ");
}

function shapeOf(command: SimpleCommand): CommandShape | undefined {
  const program = programOf(command);
  if (RULE_PROGRAM.test(program)) return ruleShapeOf(command);
  switch (program) {
    case "route":
      return routeShapeOf(command);
    case "ip":
      return ipShapeOf(command);
    case "nft":
      return nftShapeOf(command);
    case "ipset":
      return ipsetShapeOf(command);
    case "ipfwadm":
      return ipfwadmShapeOf(command);
    default:
      return undefined;
  }
}
