import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type OutputOptions, openOutput } from "../../src/daemon/output.ts";
import { PatientSyslog } from "../../src/daemon/patient-syslog.ts";
import { bind, close, recv, socket } from "../../src/kernel/libc.ts";
import { AF_UNIX, MSG_DONTWAIT, SOCK_DGRAM } from "../../src/kernel/spec.ts";
import { SyslogSocket } from "../../src/kernel/syslog-socket.ts";
import { TemporaryFolder } from "../broker/legacy/temporary-folder.ts";
import { FakeClock } from "../support/fake-clock.ts";

function open({
  syslogPath = "/there/is/no/log",
  ...options
}: Partial<OutputOptions> & { syslogPath?: string }) {
  const written: string[] = [];
  const clock = new FakeClock();
  const syslog = new PatientSyslog(
    new SyslogSocket({ ident: "portsentry", pid: 412, path: syslogPath }, clock),
    clock,
  );
  const logger = openOutput(
    {
      outputs: ["stdout"],
      format: "text",
      dialect: "2.x",
      syslog,
      write: (text) => written.push(text),
      ...options,
    },
    clock,
  );
  return { logger, written };
}

describe("openOutput", () => {
  it.each([
    { dialect: "vedette", format: "text", line: "12:00:00 warning: a\\x0ab\n" },
    { dialect: "1.2", format: "text", line: "a\\x0ab\n" },
    { dialect: "2.x", format: "text", line: "a\\x0ab\n" },
    {
      dialect: "2.x",
      format: "json",
      line: '{"time":"2026-11-22T12:00:00.000Z","level":"warning","event":"note","text":"a\\nb"}\n',
    },
  ] as const)("writes one line of $dialect as $format", ({ dialect, format, line }) => {
    const { logger, written } = open({ dialect, format });
    logger.log("warning", "note", "a\nb");
    expect(written).toEqual([line]);
  });

  it.each([
    { dialect: "vedette", format: "text", lines: 0 },
    { dialect: "2.x", format: "text", lines: 0 },
    { dialect: "vedette", format: "json", lines: 1 },
  ] as const)("tells machines alone what another line says: $dialect as $format", (row) => {
    const { logger, written } = open({ dialect: row.dialect, format: row.format });
    logger.log("notice", "evidence", "text", {}, "machines");
    expect(written).toHaveLength(row.lines);
  });

  it.each([
    { outputs: ["syslog"], format: "text", written: [] },
    { outputs: ["syslog", "stdout"], format: "text", written: ["text\n"] },
    { outputs: ["syslog"], format: "json", written: [] },
  ] as const)("sends $outputs as $format the text, its level and the pid", (row) => {
    using folder = new TemporaryFolder();
    const syslogPath = join(folder.path, "log");
    const fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    const name = Buffer.from(syslogPath);
    const address = Buffer.alloc(2 + name.length + 1);
    address.writeUInt16LE(AF_UNIX);
    address.set(name, 2);
    expect(bind(fd, address)).toBe(0);
    const { outputs, format } = row;
    const { logger, written } = open({ outputs, format, syslogPath });
    logger.log("notice", "ready", "text");
    // Syslog is a text, too.
    logger.log("notice", "evidence", "told otherwise", {}, "machines");
    logger.log("error", "note", "bad");
    const into = Buffer.alloc(4096);
    const read = () => into.toString("utf8", 0, Math.max(0, recv(fd, into, MSG_DONTWAIT)));
    expect([read(), read(), read()]).toEqual([
      expect.stringMatching(/^<29>.* portsentry\[412\]: text$/),
      expect.stringMatching(/^<27>.* portsentry\[412\]: bad$/),
      "",
    ]);
    expect(written.slice(0, 1)).toEqual(row.written);
    close(fd);
  });

  it("writes to the standard output what the system's log does not take, once", () => {
    using folder = new TemporaryFolder();
    for (const outputs of [["syslog"], ["syslog", "stdout"]] as const) {
      const { logger, written } = open({ outputs, syslogPath: join(folder.path, "none") });
      logger.log("notice", "ready", "text");
      expect(written).toEqual(["text\n"]);
    }
  });
});
