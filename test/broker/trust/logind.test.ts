import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { LogindSessions, parseLogindSession } from "../../../src/broker/trust/logind.ts";
import { FakeFiles, prefixesOf } from "./fake-files.ts";

const session = (changes: Record<string, string | undefined> = {}) =>
  Object.entries({
    UID: "1000",
    USER: "ann",
    ACTIVE: "1",
    STATE: "active",
    REMOTE: "1",
    TYPE: "tty",
    CLASS: "user",
    REMOTE_HOST: "192.0.2.7",
    SERVICE: "sshd",
    ...changes,
  })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");

describe("parseLogindSession", () => {
  it.each([
    { what: "a remote session", changes: {}, found: ["192.0.2.7/32"] },
    {
      what: "one in the background",
      changes: { STATE: "online", ACTIVE: "0" },
      found: ["192.0.2.7/32"],
    },
    { what: "one that is closing", changes: { STATE: "closing" }, found: [] },
    { what: "one that is opening", changes: { STATE: "opening" }, found: [] },
    { what: "a local one", changes: { REMOTE: "0" }, found: [] },
    { what: "a login screen", changes: { CLASS: "greeter" }, found: [] },
    { what: "a user's manager", changes: { CLASS: "manager" }, found: [] },
    {
      what: "no class, as old versions have it",
      changes: { CLASS: undefined },
      found: ["192.0.2.7/32"],
    },
    {
      what: "an IPv6 host with a zone",
      changes: { REMOTE_HOST: "fe80::7%eth0" },
      found: ["fe80::7/128"],
    },
    { what: "a host name", changes: { REMOTE_HOST: "pc.example.org" }, found: [] },
    { what: "a prefix", changes: { REMOTE_HOST: "0.0.0.0/0" }, found: [] },
    { what: "no host", changes: { REMOTE_HOST: undefined }, found: [] },
  ])("$what -> $found", ({ changes, found }) => {
    expect(parseLogindSession(session(changes)).map(({ prefix }) => prefix)).toEqual(found);
  });

  it("takes nothing from lines that are no fields", () => {
    expect(parseLogindSession("")).toEqual([]);
    expect(parseLogindSession("REMOTE\n=\nREMOTE_HOST=192.0.2.7")).toEqual([]);
  });
});

describe("LogindSessions", () => {
  it("reads the sessions and passes over the FIFOs beside them", () => {
    using files = new FakeFiles();
    files.write("3", session());
    files.write("c4", session({ REMOTE_HOST: "192.0.2.8" }));
    execFileSync("mkfifo", [files.path("3.ref"), files.path("5")]);
    expect(prefixesOf(new LogindSessions(files.folder).read()).sort()).toEqual([
      "192.0.2.7/32",
      "192.0.2.8/32",
    ]);
  });

  it("finds nobody where there is no systemd", () => {
    using files = new FakeFiles();
    expect(prefixesOf(new LogindSessions(files.path("none")).read())).toEqual([]);
  });
});
