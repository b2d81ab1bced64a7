import { describe, expect, it } from "vitest";
import { parsePortsentryCommandLine } from "../../../src/cli/portsentry/parse-command-line.ts";
import type { PortsentryRequest } from "../../../src/cli/portsentry/request.ts";

const parse = (line: string) =>
  parsePortsentryCommandLine(line === "" ? [] : line.split(" "), "/home/admin");

function requestOf(line: string): PortsentryRequest {
  const parsed = parse(line);
  if (parsed.status === "run") return parsed.request;
  throw new Error(parsed.text);
}

/** What a line of 1.2 asks for beside its mode. */
const OF_1_2 = {
  dialect: "1.2",
  configPath: "/etc/portsentry/portsentry.conf",
  interfaces: undefined,
  senseLoopback: undefined,
  isForeground: false,
  logOutputs: ["syslog"],
  judgesOwnAddresses: false,
  watchesServedPorts: false,
  captureMethod: undefined,
  verbosity: "normal",
};

/** What a line of 2.x without a word asks for. */
const OF_2_X = {
  ...OF_1_2,
  dialect: "2.x",
  tcpMode: undefined,
  udpMode: undefined,
  isForeground: true,
  logOutputs: ["stdout"],
};

describe("a command line of 1.2", () => {
  it.each([
    { line: "-tcp", tcpMode: "tcp", udpMode: "" },
    { line: "-stcp", tcpMode: "stcp", udpMode: "" },
    { line: "-atcp", tcpMode: "atcp", udpMode: "" },
    { line: "-udp", tcpMode: "", udpMode: "udp" },
    { line: "-sudp", tcpMode: "", udpMode: "sudp" },
    { line: "-audp", tcpMode: "", udpMode: "audp" },
  ])("$line is one mode of one transport, without a terminal", ({ line, tcpMode, udpMode }) => {
    expect(requestOf(line)).toEqual({ ...OF_1_2, tcpMode, udpMode });
  });

  it.each(["-atcp --foreground", "--foreground -atcp", "-atcp --fore"])(
    "%s stays with its terminal",
    (line) => {
      expect(requestOf(line)).toMatchObject({ tcpMode: "atcp", isForeground: true });
    },
  );

  it("names another configuration, relative to where it is run", () => {
    expect(requestOf("-atcp -c my.conf").configPath).toBe("/home/admin/my.conf");
    expect(requestOf("-atcp --configfile=../x/portsentry.conf").configPath).toBe(
      "/home/x/portsentry.conf",
    );
  });

  it.each([
    "-tcp -udp",
    "-atcp -atcp",
    "-tcp now",
    "-tcp -D",
    "-tcp -h",
    "-tcp --stealth",
    "-tcp -c",
  ])("%s gets the usage on the standard output, and 255", (line) => {
    expect(parse(line)).toEqual({
      status: "wrong",
      text: expect.stringContaining("\nusage: portsentry [-tcp -udp -stcp -atcp -sudp -audp]\n"),
      stream: "stdout",
      exitStatus: 255,
    });
  });
});

describe("a command line of 2.x", () => {
  it("without a word leaves everything to the files", () => {
    expect(requestOf("")).toEqual(OF_2_X);
  });

  it.each([
    { line: "--stealth", changes: { tcpMode: "stealth", udpMode: "stealth" } },
    { line: "--connect", changes: { tcpMode: "connect", udpMode: "connect" } },
    { line: "--stealth --stealth", changes: { tcpMode: "stealth", udpMode: "stealth" } },
    { line: "-m pcap", changes: { captureMethod: "pcap" } },
    { line: "--method=rawX", changes: { captureMethod: "raw" } },
    { line: "-i eth0", changes: { interfaces: ["eth0"], senseLoopback: false } },
    {
      line: "-i eth0 --interface lo -i eth0",
      changes: { interfaces: ["eth0", "lo"], senseLoopback: true },
    },
    { line: "-i ALL", changes: { interfaces: [], senseLoopback: true } },
    { line: "-i any", changes: { interfaces: [], senseLoopback: true } },
    { line: "-i ALL_NLO", changes: { interfaces: [], senseLoopback: false } },
    { line: "-i ALL -i ALL", changes: { interfaces: [], senseLoopback: true } },
    { line: "-l syslog", changes: { logOutputs: ["syslog"] } },
    { line: "-l syslog -l stdout", changes: { logOutputs: ["syslog", "stdout"] } },
    { line: "-l stdout -l stdout", changes: { logOutputs: ["stdout"] } },
    { line: "-D", changes: { isForeground: false, logOutputs: ["syslog"] } },
    { line: "-D -l stdout", changes: { isForeground: false, logOutputs: ["syslog"] } },
    { line: "--foreground", changes: {} },
    { line: "-c my.conf", changes: { configPath: "/home/admin/my.conf" } },
    { line: "-c /a.conf -c b.conf", changes: { configPath: "/home/admin/b.conf" } },
    { line: "-L", changes: { judgesOwnAddresses: true } },
    { line: "--disable-local-check", changes: { judgesOwnAddresses: true } },
    { line: "-S", changes: { watchesServedPorts: true } },
    { line: "-v", changes: { verbosity: "verbose" } },
    { line: "-d", changes: { verbosity: "debug" } },
    { line: "-v -d", changes: { verbosity: "debug" } },
    {
      line: "-vLSieth0",
      changes: {
        verbosity: "verbose",
        judgesOwnAddresses: true,
        watchesServedPorts: true,
        interfaces: ["eth0"],
        senseLoopback: false,
      },
    },
  ])("$line asks for $changes", ({ line, changes }) => {
    expect(requestOf(line)).toEqual({ ...OF_2_X, ...changes });
  });

  it.each([
    { line: "--stealth --connect", text: "only one mode can be given, --stealth or --connect" },
    { line: "-D --foreground", text: "only one of --daemon and --foreground can be given" },
    { line: "-m tap", text: "--method is pcap or raw" },
    { line: "-m ra", text: "--method is pcap or raw" },
    { line: "-l file", text: "--logoutput is stdout or syslog" },
    { line: "-i ALL -i eth0", text: "ALL stands for interfaces and goes with no other" },
    { line: "-i eth0 -i ALL_NLO", text: "ALL_NLO stands for interfaces and goes with no other" },
    { line: "-i ALL -i ALL_NLO", text: "ALL stands for interfaces and goes with no other" },
    { line: "-x", text: "unknown option -x" },
    { line: "-foo", text: "unknown option -f" },
    { line: "--verb --vers --d", text: "--d may be any of" },
    { line: "start", text: "start is no option" },
  ])("$line gets a line on the standard error, and 1: $text", ({ line, text }) => {
    expect(parse(line)).toEqual({
      status: "wrong",
      text: expect.stringMatching(`^portsentry: ${text}.*; portsentry --help tells more\\n$`),
      stream: "stderr",
      exitStatus: 1,
    });
  });

  it.each(["-h", "--help", "-D -h start"])("%s prints the help", (line) => {
    expect(parse(line)).toMatchObject({
      status: "told",
      text: expect.stringContaining("\nusage: portsentry [options]\n"),
    });
  });

  it.each(["-V", "--version"])("%s prints a line that begins with the name", (line) => {
    expect(parse(line)).toEqual({
      status: "told",
      text: expect.stringMatching(/^Portsentry, by Vedette \d+\.\d+\.\d+\n$/),
    });
  });

  it("has an option in its help for every one that it knows", () => {
    const help = parse("-h");
    const words = "stealth connect method interface logoutput configfile daemon foreground";
    const others = "disable-local-check disable-service-check verbose debug help version";
    for (const name of `${words} ${others}`.split(" ")) {
      expect(help.status === "told" && help.text).toContain(`--${name} `);
    }
  });
});
