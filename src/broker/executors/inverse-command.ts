/**
 * Derives from a blocking command line the commands that take it back.
 *
 * Works on the text before expansion, so that it can see whom a command is about: one that does not
 * name $TARGET$ does the same for everybody, and taking it back for one would take it from all. The
 * result has the same tokens, and expands with the same values. Of a line with several commands
 * each that is known is taken back; a mail or a note in a file hides no rule beside it. Rather
 * nothing than a guess: the operator can name the inverse (UNKILL_ROUTE, UNKILL_RUN_CMD).
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
import { type LinePart, parseParts, type SimpleCommand } from "./shell-words.ts";

const RULE_PROGRAM = /^(?:ip6?tables(?:-legacy|-nft)?|ipchains)$/;

/**
 * @param about whom a command must name to count: $TARGET$ in a template, the address in an
 *   expanded line.
 * @returns the shape of each command that is known, in their order; undefined when none is.
 */
export function shapesOf(line: string, about: string): readonly CommandShape[] | undefined {
  const shapes = (parseParts(line) ?? []).flatMap((part) => shapeOfPart(part, about) ?? []);
  return shapes.length === 0 ? undefined : shapes;
}

/** @returns the undo of each command, last first, joined by ";"; undefined when none is known. */
export function inverseCommand(template: string): string | undefined {
  return shapesOf(template, "$TARGET$")
    ?.map(({ undo }) => undo)
    .reverse()
    .join("; ");
}

/** @returns the commands of a template that {@link inverseCommand} does not take back. */
export function partsWithoutInverse(template: string): readonly string[] {
  const parts = parseParts(template);
  if (parts === undefined) return [template];
  return parts
    .filter((part) => shapeOfPart(part, "$TARGET$") === undefined)
    .map(({ text }) => text);
}

function shapeOfPart({ command }: LinePart, about: string): CommandShape | undefined {
  const isAbout = command?.some(({ value }) => value.includes(about)) ?? false;
  return command !== undefined && isAbout ? shapeOf(command) : undefined;
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
