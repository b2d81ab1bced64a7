import { describe, expect, it } from "vitest";
import {
  planResponses,
  type ResponseRequest,
  type ResponseTexts,
} from "../../../src/broker/executors/response-plan.ts";
import { prefix } from "../fakes.ts";
import { seedSettings } from "./fake-machine.ts";

const TEXTS: ResponseTexts = {
  ...seedSettings("/etc/hosts.deny"),
  killRunCmd: "mail $TARGET$ $PORT$ $MODE$",
};

const REQUEST: ResponseRequest = {
  source: prefix("192.0.2.7"),
  port: 445,
  transport: "tcp",
  mode: "atcp",
  block: 1,
};

function plan(texts: Partial<ResponseTexts> = {}, request: Partial<ResponseRequest> = {}) {
  return planResponses({ ...TEXTS, ...texts }, { ...REQUEST, ...request });
}

function kindsOf(planned: ReturnType<typeof planResponses>): string[] {
  return planned.map((each) => (each.status === "due" ? each.deed.kind : each.response.name));
}

describe("planResponses", () => {
  it.each([
    { first: false, block: 1, kinds: ["hosts-deny", "route", "command"] },
    { first: true, block: 1, kinds: ["command", "hosts-deny", "route"] },
    { first: false, block: 2, kinds: ["command"] },
    { first: true, block: 2, kinds: ["command"] },
  ] as const)("KILL_RUN_CMD_FIRST $first, BLOCK $block: $kinds", ({ first, block, kinds }) => {
    expect(kindsOf(plan({ killRunCmdFirst: first }, { block }))).toEqual(kinds);
  });

  it("passes over what is not set", () => {
    const none = { killHostsDeny: undefined, killRoute: undefined, killRunCmd: undefined };
    expect(plan(none)).toEqual([]);
    expect(plan({ killRunCmd: undefined }, { block: 2 })).toEqual([]);
    expect(kindsOf(plan({ killRoute: undefined }))).toEqual(["hosts-deny", "command"]);
  });

  it("expands each, with the undo that is derived, or named, or none", () => {
    expect(plan({ unkillRunCmd: "unmail $TARGET$ $PORT$" })).toEqual([
      {
        status: "due",
        deed: {
          kind: "hosts-deny",
          text: "ALL: 192.0.2.7 : DENY",
          undo: "ALL: 192.0.2.7 : DENY",
        },
      },
      {
        status: "due",
        deed: {
          kind: "route",
          text: "/sbin/route add -host 192.0.2.7 reject",
          undo: "/sbin/route del -host 192.0.2.7 reject",
        },
      },
      {
        status: "due",
        deed: { kind: "command", text: "mail 192.0.2.7 445 atcp", undo: "unmail 192.0.2.7 445" },
      },
    ]);
    expect(plan().at(-1)).toMatchObject({ deed: { undo: undefined } });
    expect(plan({ unkillRoute: "x $TARGET$" })[1]).toMatchObject({ deed: { undo: "x 192.0.2.7" } });
  });

  it("skips with 1.2's words a text that names nobody, and does the others", () => {
    const planned = plan({ killRoute: "/sbin/route add default reject" });
    expect(kindsOf(planned)).toEqual(["hosts-deny", "route", "command"]);
    expect(planned[1]).toEqual({
      status: "skipped",
      response: {
        name: "route",
        status: "skipped",
        text: "/sbin/route add default reject",
        reason: "No target variable specified in KILL_ROUTE option",
      },
    });
  });

  it.each([
    { transport: "tcp", mode: "audp" },
    { transport: "udp", mode: "tcp" },
  ] as const)("skips everything for $mode over $transport", (request) => {
    const planned = plan({}, request);
    expect(planned).toHaveLength(3);
    for (const each of planned) {
      expect(each).toMatchObject({
        response: { status: "skipped", reason: expect.stringContaining("not a mode") },
      });
    }
  });

  it.each([
    { transport: "udp", mode: "sudp" },
    { transport: "udp", mode: "stealth" },
    { transport: "tcp", mode: "connect" },
  ] as const)("takes $mode over $transport", (request) => {
    expect(plan({}, request).every(({ status }) => status === "due")).toBe(true);
  });
});
