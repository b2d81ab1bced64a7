/**
 * The commands of net-tools and iproute2 that send somebody's packets nowhere, and their inverses.
 *
 * Only what adds something that was not there has an inverse: "replace" and "change" lose what
 * stood before. Forms of other systems in PortSentry's sample file ("route add -host X -blackhole
 * 127.0.0.1") have the inverse of their words, though net-tools refuses them. Routes that
 * /proc/net does not show (another table, another namespace) have no check.
 */
import type { CommandShape, ShapeCheck } from "./command-shape.ts";
import type { SimpleCommand } from "./shell-words.ts";

/** route(8): `route [-A family | -4 | -6] add [-net|-host] target …`. */
export function routeShapeOf(command: SimpleCommand): CommandShape | undefined {
  const values = command.map(({ value }) => value);
  const verbAt = values.indexOf("add");
  const isFamily = /^(?:-[AnvN46]|--?inet6?|inet6?)$/;
  const isKnown = verbAt > 0 && values.slice(1, verbAt).every((value) => isFamily.test(value));
  if (!isKnown || values.includes("add", verbAt + 1)) return undefined;
  return { undo: withWord(command, verbAt, "del"), check: routeCheckOf(values.slice(verbAt + 1)) };
}

/** ip-route(8) and ip-rule(8): `ip [-4 | -6 | -family F | -netns N] route add …`. */
export function ipShapeOf(command: SimpleCommand): CommandShape | undefined {
  const values = command.map(({ value }) => value);
  let objectAt = 1;
  let isHere = true;
  while (values[objectAt]?.startsWith("-") === true) {
    const option = values[objectAt] ?? "";
    if (/^-(?:4|6)$/.test(option)) objectAt += 1;
    else if (/^-(?:f|family|n|netns)$/.test(option)) objectAt += 2;
    else return undefined;
    isHere &&= !/^-n/.test(option);
  }
  const object = values[objectAt] ?? "";
  const isRoute = object !== "" && "route".startsWith(object);
  const isRule = object.length > 1 && "rule".startsWith(object);
  if (!isRoute && !isRule) return undefined;
  const verbAt = objectAt + 1;
  const verb = values[verbAt] ?? "";
  if (verb === "" || !"add".startsWith(verb)) return undefined;
  const check = isRoute && isHere ? ipRouteCheckOf(values.slice(verbAt + 1)) : undefined;
  return { undo: withWord(command, verbAt, "del"), check };
}

/** @returns the command as text, with another word at `index`. */
export function withWord(command: SimpleCommand, index: number, word: string): string {
  return command.map(({ text }, at) => (at === index ? word : text)).join(" ");
}

/** Without -host or -net, route(8) guesses which it is, so that nothing can be looked up. */
function routeCheckOf(words: readonly string[]): ShapeCheck | undefined {
  const [kind, destination, ...others] = words;
  if (kind !== "-host" || destination === undefined) return undefined;
  const [word, value, ...rest] = others;
  if (word === "reject" && value === undefined) {
    return { kind: "route", destination, target: { kind: "reject" } };
  }
  if (word !== "gw" || value === undefined || rest.length > 0) return undefined;
  return { kind: "route", destination, target: { kind: "gateway", gateway: value } };
}

function ipRouteCheckOf(words: readonly string[]): ShapeCheck | undefined {
  const [first = "", ...others] = words;
  switch (first) {
    case "blackhole":
    case "unreachable":
    case "prohibit": {
      const [destination, ...rest] = others;
      if (destination === undefined || rest.length > 0) return undefined;
      const kind = first === "blackhole" ? "blackhole" : "reject";
      return { kind: "route", destination, target: { kind } };
    }
    default: {
      const [word, value, ...rest] = others;
      if (value === undefined || rest.length > 0) return undefined;
      if (word === "dev") {
        return { kind: "route", destination: first, target: { kind: "device", device: value } };
      }
      if (word !== "via") return undefined;
      return { kind: "route", destination: first, target: { kind: "gateway", gateway: value } };
    }
  }
}
