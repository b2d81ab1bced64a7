import { describe, expect, it } from "vitest";
import {
  findMissingInterfaces,
  findNeighbours,
  isOldPortsentry,
  mayShareNetwork,
} from "../../src/daemon/neighbours.ts";

/** A library whose only answer is this listing of the ruleset. */
const listing = (output: string) => ({ run: () => ({ status: "ok" as const, output }) });

const found = (output: string) =>
  findNeighbours(listing(output))
    .map(({ what }) => what)
    .filter((what) => what.startsWith("table"));

describe("mayShareNetwork", () => {
  const own = "net:[4026531840]";
  it.each([
    { what: "the same namespace", link: own, status: "", isHere: true },
    { what: "another one", link: "net:[4026532008]", status: "NSpid:\t7\n", isHere: false },
    {
      what: "unreadable, a process of this machine",
      link: undefined,
      status: "Pid:\t7\nNSpid:\t7\n",
      isHere: true,
    },
    {
      what: "unreadable, of a container",
      link: undefined,
      status: "Pid:\t7\nNSpid:\t7\t1\n",
      isHere: false,
    },
    { what: "ended meanwhile", link: undefined, status: "", isHere: false },
  ])("$what: $isHere", ({ link, status, isHere }) => {
    expect(mayShareNetwork(own, link, status)).toBe(isHere);
  });
});

describe("findNeighbours", () => {
  it("finds rules that learn addresses from packets to ports", () => {
    expect(
      found(`table inet knock {
	chain input {
		tcp dport 7000 add @step1 { ip saddr timeout 10s }
	}
}
`),
    ).toEqual(["table inet knock"]);
  });

  it("passes over our own table, which does the same", () => {
    expect(
      found(`table inet vedette {
	chain first4 {
		add @seen4 { ip saddr . th dport timeout 1m1s } add @suspect4 { ip saddr }
	}
}
`),
    ).toEqual([]);
  });

  it("passes over rules that learn addresses without regard to ports", () => {
    expect(
      found(`table inet filter {
	chain input {
		update @talkers { ip saddr limit rate 10/second }
	}
}
`),
    ).toEqual([]);
  });

  it("names a table once, whatever the number of its rules", () => {
    const rule = "\t\ttcp dport 7000 update @step { ip saddr }\n";
    expect(found(`table ip a {\n\tchain input {\n${rule}${rule}\t}\n}\n`)).toEqual(["table ip a"]);
  });

  it("finds nothing to say when the ruleset cannot be listed", () => {
    const failing = { run: () => ({ status: "failed" as const, reason: "no" }) };
    expect(findNeighbours(failing).filter(({ what }) => what.startsWith("table"))).toEqual([]);
  });
});

describe("isOldPortsentry", () => {
  it.each([
    {
      what: "1.2",
      executable: "/usr/sbin/portsentry",
      line: "/usr/sbin/portsentry -atcp",
      is: true,
    },
    {
      what: "2.x, by another path",
      executable: "/opt/ps/portsentry",
      line: "./portsentry",
      is: true,
    },
    {
      what: "one whose package was upgraded",
      executable: "/usr/sbin/portsentry (deleted)",
      line: "portsentry -audp",
      is: true,
    },
    { what: "one that may not be looked at", executable: "", line: "portsentry -tcp", is: true },
    {
      what: "ours, by its title",
      executable: "/usr/lib/vedette/node",
      line: "/usr/sbin/portsentry",
      is: false,
    },
    {
      what: "somebody who reads its file",
      executable: "/bin/less",
      line: "less portsentry",
      is: false,
    },
    { what: "a thread of the kernel", executable: "", line: "", is: false },
  ])("$what: $is", ({ executable, line, is }) => {
    expect(isOldPortsentry(executable, line.split(" ").filter(Boolean))).toBe(is);
  });
});

describe("findMissingInterfaces", () => {
  it("names those that this machine does not have", () => {
    expect(findMissingInterfaces(["lo", "nosuch0"])).toEqual(["nosuch0"]);
    expect(findMissingInterfaces([])).toEqual([]);
  });
});
