import type { HttpBindings } from "@hono/node-server";
import { describe, expect, it } from "vitest";
import type { Caller } from "../../src/api/auth.ts";
import { createChangeGate, mayChange } from "../../src/api/auth.ts";

const OPERATORS = 990;

describe("mayChange", () => {
  it.each([
    { who: "root", caller: { uid: 0, gid: 0 }, gid: OPERATORS, may: true },
    {
      who: "root, without an operator group",
      caller: { uid: 0, gid: 0 },
      gid: undefined,
      may: true,
    },
    {
      who: "a member by primary group",
      caller: { uid: 1000, gid: 990 },
      gid: OPERATORS,
      may: true,
    },
    {
      who: "a member by another group",
      caller: { uid: 1000, gid: 1000, groups: [27, 990] },
      gid: OPERATORS,
      may: true,
    },
    {
      who: "a member of other groups",
      caller: { uid: 1000, gid: 1000, groups: [0, 27] },
      gid: OPERATORS,
      may: false,
    },
    { who: "a user without groups", caller: { uid: 1000, gid: 1000 }, gid: OPERATORS, may: false },
    { who: "root's group alone", caller: { uid: 1000, gid: 0 }, gid: undefined, may: false },
  ])("says $may to $who", ({ caller, gid, may }) => {
    expect(mayChange(caller, gid)).toBe(may);
  });
});

describe("createChangeGate", () => {
  /** What node:http hands over, as far as the gate looks at it. */
  const envOf = (socket: object) => ({ incoming: { socket } }) as unknown as HttpBindings;

  it("asks the kernel about the connection's own file descriptor", () => {
    const callers = new Map<number, Caller>([
      [17, { uid: 0, gid: 0 }],
      [18, { uid: 1000, gid: 1000 }],
    ]);
    const gate = createChangeGate((fd) => callers.get(fd), OPERATORS);
    expect(gate(envOf({ _handle: { fd: 17 } }))).toBe(true);
    expect(gate(envOf({ _handle: { fd: 18 } }))).toBe(false);
  });

  it.each([
    { what: "a connection that is closed", socket: { _handle: null } },
    { what: "a handle whose descriptor is gone", socket: { _handle: { fd: -1 } } },
    { what: "a socket without a handle", socket: {} },
  ])("says no to $what, without asking", ({ socket }) => {
    const gate = createChangeGate(() => {
      throw new Error("nobody to ask about");
    }, OPERATORS);
    expect(gate(envOf(socket))).toBe(false);
  });

  it("says no when the kernel does not answer", () => {
    expect(createChangeGate(() => undefined, OPERATORS)(envOf({ _handle: { fd: 3 } }))).toBe(false);
  });
});
