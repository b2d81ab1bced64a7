import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  expandTemplate,
  MAX_COMMAND_BYTES,
  MAX_HOSTS_DENY_BYTES,
  parseHostsDenyLine,
  type ResponseMode,
  type TemplateKey,
} from "../../../src/broker/executors/command-template.ts";
import { formatWords } from "../../../src/net/address-words.ts";
import type { IpAddress } from "../../../src/net/ip-address.ts";
import { familyOf } from "../../../src/net/ip-address.ts";
import { type Prefix, prefixOf } from "../../../src/net/prefix.ts";
import { address, prefix } from "../fakes.ts";

const VALUES = { target: prefix("192.0.2.7"), port: 445, mode: "atcp" } as const;

function expand(key: TemplateKey, template: string, values: object = {}) {
  return expandTemplate(key, template, { ...VALUES, ...values });
}

const anyPrefix = fc
  .tuple(fc.boolean(), fc.array(fc.nat(0xffffffff), { minLength: 4, maxLength: 4 }), fc.nat(128))
  .map(([isIpv4, words, bits]): Prefix => {
    const all = Uint32Array.from(isIpv4 ? [0, 0, 0xffff, words[3] ?? 0] : words);
    const first = formatWords(all);
    return prefixOf(first, familyOf(first) === 4 ? bits % 33 : bits);
  });

describe("expandTemplate", () => {
  it.each([
    {
      name: "the seed's route",
      key: "KILL_ROUTE",
      template: "/sbin/route add -host $TARGET$ reject",
      text: "/sbin/route add -host 192.0.2.7 reject",
    },
    {
      name: "every token, every time",
      key: "KILL_RUN_CMD",
      template: "x $TARGET$ $PORT$ $MODE$ '$TARGET$$PORT$$MODE$'",
      text: "x 192.0.2.7 445 atcp '192.0.2.7445atcp'",
    },
    {
      name: "no token in a command",
      key: "KILL_RUN_CMD",
      template: "/bin/true",
      text: "/bin/true",
    },
    {
      name: "what is no token of ours",
      key: "KILL_RUN_CMD",
      template: "echo $HOME $$ $TARGET $target$ $FOO$",
      text: "echo $HOME $$ $TARGET $target$ $FOO$",
    },
    {
      name: "the seed's line",
      key: "KILL_HOSTS_DENY",
      template: "ALL: $TARGET$ : DENY",
      text: "ALL: 192.0.2.7 : DENY",
    },
  ] as const)("expands $name", ({ key, template, text }) => {
    expect(expand(key, template)).toEqual({ status: "expanded", text });
  });

  // hosts_access(5): `[net]/prefixlen`; tried with tcpdmatch of tcpd 7.6.q, which takes neither
  // `2001:db8::7` nor `[2001:db8::/64]`.
  it.each([
    { target: prefix("2001:db8::7"), line: "ALL: [2001:db8::7]", command: "x 2001:db8::7" },
    { target: address("2001:db8::7"), line: "ALL: [2001:db8::7]", command: "x 2001:db8::7" },
    { target: prefix("2001:db8::/64"), line: "ALL: [2001:db8::]/64", command: "x 2001:db8::/64" },
    { target: prefix("192.0.2.0/24"), line: "ALL: 192.0.2.0/24", command: "x 192.0.2.0/24" },
    { target: address("192.0.2.7"), line: "ALL: 192.0.2.7", command: "x 192.0.2.7" },
  ])("writes $target as $line in hosts.deny and as $command in a command", (each) => {
    const { target, line, command } = each;
    expect(expand("KILL_HOSTS_DENY", "ALL: $TARGET$", { target })).toMatchObject({ text: line });
    expect(expand("KILL_ROUTE", "x $TARGET$", { target })).toMatchObject({ text: command });
  });

  it.each(["KILL_ROUTE", "KILL_HOSTS_DENY"] as const)("refuses a %s without $TARGET$", (key) => {
    expect(expand(key, "ALL: ALL $TARGET")).toEqual({
      status: "refused",
      reason: `No target variable specified in ${key} option`,
    });
  });

  it.each([
    { token: "$TARGET$", values: { target: "192.0.2.7; reboot" } },
    { token: "$TARGET$", values: { target: "192.0.2.7/24" } },
    { token: "$TARGET$", values: { target: "192.0.2.007" } },
    { token: "$TARGET$", values: { target: "2001:DB8::7" } },
    { token: "$TARGET$", values: { target: "host.example.org" } },
    { token: "$TARGET$", values: { target: "" } },
    { token: "$PORT$", values: { port: -1 } },
    { token: "$PORT$", values: { port: 65536 } },
    { token: "$PORT$", values: { port: 1.5 } },
    { token: "$PORT$", values: { port: Number.NaN } },
    { token: "$PORT$", values: { port: "22" } },
    { token: "$MODE$", values: { mode: "" } },
    { token: "$MODE$", values: { mode: "tcp;id" } },
    { token: "$MODE$", values: { mode: "constructor" } },
  ])("refuses $values, which is not what its type says", ({ token, values }) => {
    expect(expand("KILL_RUN_CMD", "x", values)).toEqual({
      status: "refused",
      reason: `Error trying to parse ${token} Token for KILL_RUN_CMD`,
    });
  });

  it.each([0, 65535])("takes port %d", (port) => {
    expect(expand("KILL_RUN_CMD", "$PORT$", { port })).toMatchObject({ text: String(port) });
  });

  it.each([
    { key: "KILL_ROUTE", maxBytes: MAX_COMMAND_BYTES },
    { key: "KILL_HOSTS_DENY", maxBytes: MAX_HOSTS_DENY_BYTES },
  ] as const)("takes $key up to $maxBytes bytes of UTF-8", ({ key, maxBytes }) => {
    const filler = "é".repeat((maxBytes - "192.0.2.7".length - 1) / 2);
    const even = maxBytes - "192.0.2.7".length - Buffer.byteLength(filler);
    const longest = `$TARGET$${"x".repeat(even)}${filler}`;
    expect(expand(key, longest)).toMatchObject({ status: "expanded" });
    expect(expand(key, `${longest}x`)).toMatchObject({ status: "refused" });
  });

  it.each([
    { key: "KILL_HOSTS_DENY", template: "ALL: $TARGET$\nALL: ALL" },
    { key: "KILL_HOSTS_DENY", template: "ALL: $TARGET$ \\" },
    { key: "KILL_RUN_CMD", template: "a\0b" },
    { key: "KILL_RUN_CMD", template: "a\rb" },
  ] as const)("refuses $key $template", ({ key, template }) => {
    expect(expand(key, template)).toMatchObject({ status: "refused" });
  });

  it("lets nothing that the guard can send put more than an address, a port and a mode in", () => {
    const anything = fc.oneof(anyPrefix, fc.string(), fc.constantFrom("$(id)", "`id`", "1;2"));
    const anyPort = fc.oneof(fc.integer(), fc.double(), fc.string());
    const anyMode = fc.oneof(fc.constantFrom("tcp", "audp", "stealth"), fc.string());
    fc.assert(
      fc.property(anything, anyPort, anyMode, (target, port, mode) => {
        for (const key of ["KILL_RUN_CMD", "KILL_HOSTS_DENY"] as const) {
          const expansion = expandTemplate(key, "<$TARGET$|$PORT$|$MODE$>", {
            target: target as Prefix,
            port: port as number,
            mode: mode as ResponseMode,
          });
          if (expansion.status === "refused") continue;
          expect(expansion.text).toMatch(/^<[0-9a-f.:/[\]]+\|\d{1,5}\|[a-z]{3,7}>$/);
        }
      }),
    );
  });
});

describe("parseHostsDenyLine", () => {
  it.each([
    { template: "ALL: $TARGET$ : DENY", line: "ALL: 192.0.2.7 : DENY", about: "192.0.2.7/32" },
    { template: "ALL: $TARGET$", line: "ALL: 192.0.2.0/24", about: "192.0.2.0/24" },
    { template: "ALL: $TARGET$", line: "ALL: [2001:db8::7]", about: "2001:db8::7/128" },
    { template: "ALL: $TARGET$", line: "ALL: [2001:db8::]/64", about: "2001:db8::/64" },
    // As PortSentry 2.x writes it.
    { template: "ALL: $TARGET$", line: "ALL: 2001:db8::7", about: "2001:db8::7/128" },
    { template: "a.c($TARGET$", line: "a.c(192.0.2.7", about: "192.0.2.7/32" },
    {
      template: "ALL: $TARGET$ : spawn x $PORT$ $MODE$ $TARGET$",
      line: "ALL: 192.0.2.7 : spawn x 22 stcp 192.0.2.7",
      about: "192.0.2.7/32",
    },
    { template: "ALL: $TARGET$ : DENY", line: "ALL: 192.0.2.7", about: undefined },
    { template: "ALL: $TARGET$", line: "ALL: 192.0.2.7 # by hand", about: undefined },
    { template: "ALL: $TARGET$", line: "# ALL: 192.0.2.7", about: undefined },
    { template: "ALL: $TARGET$", line: "ALL: 192.0.2.7 : DENY", about: undefined },
    { template: "ALL: $TARGET$", line: "ALL: 300.0.2.7", about: undefined },
    { template: "a.c $TARGET$", line: "abc 192.0.2.7", about: undefined },
    { template: "$TARGET$ $TARGET$", line: "192.0.2.7 192.0.2.8", about: undefined },
    { template: "ALL: ALL", line: "ALL: ALL", about: undefined },
  ])("reads $line by $template as $about", ({ template, line, about }) => {
    expect(parseHostsDenyLine(template, line)).toBe(about);
  });

  it("reads back whatever was expanded", () => {
    const template = "ALL: $TARGET$ : spawn (x $TARGET$ $PORT$ $MODE$)";
    fc.assert(
      fc.property(anyPrefix, fc.nat(65535), (target, port) => {
        const expansion = expand("KILL_HOSTS_DENY", template, { target, port });
        if (expansion.status === "refused") throw new Error(expansion.reason);
        expect(parseHostsDenyLine(template, expansion.text)).toBe(target);
      }),
    );
  });

  it("is of the address, not of its text", () => {
    const target: IpAddress = address("2001:db8::7");
    const line = "ALL: [2001:DB8:0:0::7]";
    expect(parseHostsDenyLine("ALL: $TARGET$", line)).toBe(prefixOf(target, 128));
  });
});
