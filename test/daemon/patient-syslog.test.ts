import { describe, expect, it } from "vitest";
import { MAX_WAITING, PATIENCE_MS, PatientSyslog } from "../../src/daemon/patient-syslog.ts";
import type { Level } from "../../src/logger.ts";
import { FakeClock } from "../support/fake-clock.ts";

/** A log with room for so many lines, or none at all (undefined). */
class Log {
  readonly taken: string[] = [];
  room: number | undefined;

  constructor(room: number | undefined) {
    this.room = room;
  }

  send(_level: Level, text: string): "sent" | "busy" | "lost" {
    if (this.room === undefined) return "lost";
    if (this.room === 0) return "busy";
    this.room -= 1;
    this.taken.push(text);
    return "sent";
  }

  close(): void {}
}

function open(room: number | undefined) {
  const clock = new FakeClock();
  const log = new Log(room);
  return { clock, log, syslog: new PatientSyslog(log, clock) };
}

const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}`);

describe("PatientSyslog", () => {
  it("keeps what a busy log does not take, and sends it in its order", async () => {
    const { log, syslog } = open(2);
    for (const text of lines(5)) expect(syslog.send("notice", text)).toBe("sent");
    expect(log.taken).toEqual(["line 0", "line 1"]);
    log.room = 2;
    syslog.retry();
    expect(syslog.send("notice", "line 5")).toBe("sent");
    log.room = 10;
    syslog.retry();
    await syslog.settled();
    expect(log.taken).toEqual(lines(6));
    syslog.close();
  });

  it("has the caller tell a line elsewhere where there is no log, and where too much waits", () => {
    expect(open(undefined).syslog.send("notice", "text")).toBe("lost");
    const { syslog } = open(0);
    for (const text of lines(MAX_WAITING)) expect(syslog.send("notice", text)).toBe("sent");
    expect(syslog.send("notice", "one more")).toBe("lost");
    syslog.close();
  });

  it("gives a log up that is stuck, and tells how much it has missed when it is back", async () => {
    const { clock, log, syslog } = open(0);
    for (const text of lines(3)) syslog.send("notice", text);
    clock.advance(PATIENCE_MS - 1);
    syslog.retry();
    log.room = 1;
    syslog.retry();
    expect(log.taken).toEqual(["line 0"]);
    clock.advance(PATIENCE_MS);
    syslog.retry();
    await syslog.settled();
    log.room = 10;
    syslog.send("notice", "back");
    expect(log.taken).toEqual(["line 0", "the log did not take 2 lines before this one", "back"]);
    syslog.close();
  });
});
